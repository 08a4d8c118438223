import Foundation
import TestSupport
import Testing

/// `chaos check` of what `chaos run` wrote, for each bug's original and some of the fixes: the run's own verdicts, from the
/// files alone.
@Suite struct CheckEveryArmTests {
  static let bugs: [String] = {
    guard let list = try? Tool.chaos(["list", "--json"]), let json = object(list.out) else { return [] }
    return (json["bugs"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
  }()

  private static func object(_ text: String) -> [String: Any]? {
    (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any]
  }

  /// Check, outcome, reason and evidence of each verdict.
  private func verdicts(_ json: [String: Any]?) throws -> [String] {
    let list = try #require(json?["verdicts"] as? [[String: Any]])
    return list.map { "\($0["check"] ?? "") \($0["outcome"] ?? "") \($0["reason"] ?? "") \($0["evidence"] ?? "")" }
  }

  @Test func `There are bugs`() { #expect(Self.bugs.count >= 4) }

  /// One bug in four; that the verdicts of every arm are judged again alike is tested within the process.
  static let arms = stride(from: 0, to: bugs.count, by: 4).flatMap { index in
    (index % 8 == 0 ? ["original", "fixed"] : ["original"]).map { (bug: bugs[index], revision: $0) }
  }

  @Test(arguments: arms)
  func `The verdicts are the runs own`(bug: String, revision: String) throws {
    let scratch = Scratch()
    let schedules = revision == "fixed" ? "2" : "200"
    let run = try Tool.chaos([
      "run", "--bug", bug, "--revision", revision, "--schedules", schedules, "--out", scratch.path,
    ])
    let directory = scratch.path + "/latest"
    let written = FileManager.default.contents(atPath: directory + "/run.json") ?? Data()
    let own = try verdicts(Self.object(String(decoding: written, as: UTF8.self)))
    let check = try Tool.chaos(["check", "--json", directory])
    #expect(try verdicts(Self.object(check.out)) == own)
    #expect(own.count > 15)
    if revision == "original" {
      #expect(own.contains { $0.contains(" fail ") })
      #expect(check.code == run.code, "\(run.out)\(run.error)")
    } else {
      #expect(check.code == 0, "\(check.error)")
    }
  }
}
