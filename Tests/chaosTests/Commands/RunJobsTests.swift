import Foundation
import TestSupport
import Testing

/// `chaos run --jobs`: the same proofs, in forked workers.
@Suite struct RunJobsTests {
  @Test func `Workers prove the same and keep the same`() throws {
    let scratch = Scratch()
    let words = [
      "run", "--fault", "deadlock", "--fault", "slow-budget-refresh", "--schedules", "2", "--campaigns", "1", "--out",
    ]
    let here = try Tool.chaos(words + [scratch.path + "/here"])
    let forked = try Tool.chaos(words + [scratch.path + "/here", "--jobs", "2", "--junit", scratch.path + "/j.xml"])
    #expect(here.code == forked.code)
    #expect(Self.unstamped(here.out) == Self.unstamped(forked.out))
    #expect(forked.out.contains("Bug    C-PORT-02") && forked.out.contains("Bug    9.4"))
    let junit = String(decoding: FileManager.default.contents(atPath: scratch.path + "/j.xml") ?? Data(), as: UTF8.self)
    #expect(junit.contains("tests=\"8\""), "one case per arm")
    let kept = forked.out.split(separator: "\n").compactMap { line in
      line.hasPrefix("Replay  chaos replay ") ? String(line.dropFirst("Replay  chaos replay ".count)) : nil
    }
    #expect(kept.count == 2)
    for directory in kept { #expect(FileManager.default.fileExists(atPath: directory + "/run.json")) }
  }

  @Test func `A revision alone is nothing to divide`() throws {
    let result = try Tool.chaos(["run", "--fault", "deadlock", "--revision", "original", "--jobs", "2"])
    #expect(result.code == 2)
    #expect(result.error.contains("--jobs divides proofs among workers"))
  }

  private static func unstamped(_ text: String) -> String {
    text.replacing(/deadlock_[0-9_]+/, with: "deadlock_TIME")
  }
}
