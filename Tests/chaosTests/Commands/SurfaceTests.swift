import Foundation
import TestSupport
import Testing

/// One session, and what each surface says of it: paper, check and doctor never say green over a red check.
@Suite struct SurfaceTests {
  /// Bugs that the everyday mix happens to provoke and that none of the guide's four tests is about.
  static let quiet = ["C-ADAPTER-01", "DUP-2", "C-INFRA-01", "OBS-4", "INT-2", "R-1", "PRE-1"]

  /// Names of the checks that run.json has as failed.
  private func red(_ directory: String) throws -> [String] {
    let data = FileManager.default.contents(atPath: directory + "/run.json") ?? Data()
    let json = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    return (json?["verdicts"] as? [[String: Any]] ?? []).filter { $0["outcome"] as? String == "fail" }
      .compactMap { $0["check"] as? String }
  }

  /// As the bug's own scenario has it, and as the plain session happens to have it.
  @Test(arguments: quiet, [true, false]) func `A red check is red everywhere`(bug: String, isScenario: Bool) throws {
    let scratch = Scratch()
    let way = isScenario ? ["--scenario", bug] : []
    let paper = try Tool.chaos(["paper", "--revision", "\(bug)=original", "--out", scratch.path] + way)
    let latest = scratch.path + "/latest"
    let names = try red(latest)
    #expect(!names.isEmpty || !isScenario)
    #expect(names.isEmpty ? paper.code == 3 : [1, 4].contains(paper.code), "\(paper.out)")
    #expect(paper.out.contains(names.isEmpty ? "\n? INCONCLUSIVE\n" : "\n✗ TESTS FAILED\n"))
    for name in names { #expect(paper.out.contains("  ✗ FAIL: \(name): "), "\(paper.out)") }
    #expect(paper.error.contains("check   chaos check ") && paper.error.contains("doctor  chaos doctor "))
    let check = try Tool.chaos(["check", latest])
    #expect(check.code == paper.code)
    // The dump's place is the directory's name as the user typed it.
    if paper.code != 4 { #expect(check.out.hasPrefix(paper.out)) }
    let doctor = try Tool.chaos(["doctor", latest])
    #expect(doctor.code == paper.code)
    #expect(!doctor.out.contains("nothing found"))
  }

  @Test func `A bug that the session cannot provoke is inconclusive and names the command that does`() throws {
    let scratch = Scratch()
    let paper = try Tool.chaos(["paper", "--revision", "C-SERV-05=original", "--out", scratch.path])
    #expect(paper.code == 3)
    let command = "chaos paper --scenario C-SERV-05 --revision C-SERV-05=original"
    #expect(paper.out.contains("      \(command)\n"))
    let check = try Tool.chaos(["check", scratch.path + "/latest"])
    #expect(check.code == 3)
    let doctor = try Tool.chaos(["doctor", scratch.path + "/latest"])
    #expect(doctor.code == 3)
    #expect(doctor.out.contains("next: \(command)"))
    let words = command.split(separator: " ").dropFirst().map(String.init)
    #expect([1, 4].contains(try Tool.chaos(words + ["--out", scratch.path]).code))
  }

  @Test(arguments: ["BUD-4", "MD-1", "OBS-4"]) func `The good engine is clean in a bugs scenario`(bug: String) throws {
    let scratch = Scratch()
    let paper = try Tool.chaos(["paper", "--scenario", bug, "--out", scratch.path])
    #expect(paper.code == 0, "\(paper.out)")
    #expect(paper.error.contains(", 8 of 8 schedules; "))
    #expect(try Tool.chaos(["doctor", scratch.path + "/latest"]).out == "nothing found\n")
    let put = try Tool.chaos(["paper", "--scenario", bug, "--revision", "\(bug)=original", "--out", scratch.path])
    #expect(put.code == 1, "\(put.out)")
    let again = try Tool.chaos(["replay", scratch.path + "/latest", "--no-search"])
    #expect(again.code == 1, "\(again.out)")
  }

  @Test func `A scenario that is none is a usage error`() throws {
    let unknown = try Tool.chaos(["paper", "--scenario", "MD-5"])
    #expect(unknown.code == 2)
    #expect(unknown.error.contains("no bug is called 'MD-5'; did you mean 'MD-"))
    let both = try Tool.chaos(["paper", "--scenario", "MD-4", "--market", "scripts/sample-market"])
    #expect(both.code == 2)
    #expect(both.error.contains("--scenario has a market of its own"))
  }
}
