import Foundation
import TestSupport
import Testing

/// `chaos check` on what other verbs wrote.
@Suite struct CheckCommandTests {
  @Test func `A paper session gets its own report and code again`() throws {
    let scratch = Scratch()
    let session = try Tool.chaos(
      ["paper", "--duration", "120", "--revision", "9.1=original", "--out", scratch.path])
    #expect(session.code == 1)
    let check = try Tool.chaos(["check", scratch.path + "/latest"])
    #expect(check.code == session.code)
    #expect(check.out.hasPrefix(session.out), "the report is printed again, then the verdicts")
    #expect(check.out.contains("\nnot applicable   lock-order "), "the longest outcome has room before the name")
    #expect(check.out.contains("\nfail             errors-observable "))
    #expect(!check.out.contains("\n(fail)"), "a paper session is judged by all checks")
    let json = try JSONSerialization.jsonObject(
      with: Data(try Tool.chaos(["check", scratch.path + "/latest/", "--json"]).out.utf8))
    #expect((json as? [String: Any])?["exit_code"] as? Int == 1)
    #expect(((json as? [String: Any])?["report"] as? [String])?.contains("✗ TESTS FAILED") == true)
  }

  @Test func `An arm is reported on and exits by its checks`() throws {
    let scratch = Scratch()
    let arm = try Tool.chaos(["run", "--bug", "9.2", "--revision", "original", "--out", scratch.path])
    #expect(arm.code == 1)
    let check = try Tool.chaos(["check", scratch.path + "/latest"])
    #expect(check.code == 1)
    #expect(check.out.hasPrefix("=== Trading Bot Regression Test ===\nDuration: 240s\n"))
    #expect(check.out.contains("✗ FAIL: Intents of finished orders never cleared"))
    #expect(check.out.contains("\nfail             intents-settled "))
    #expect(check.error.contains("this run was judged by intents-settled"))
  }

  @Test func `A foreign folder is a usage error that says what is missing`() throws {
    let scratch = Scratch()
    let empty = try Tool.chaos(["check", scratch.path])
    #expect(empty.code == 2)
    #expect(empty.error.contains("run.json, logs/events_*.jsonl, logs/exchange.jsonl are missing"))
    _ = try Tool.chaos(["paper", "--duration", "5", "--out", scratch.path + "/a"])
    let above = try Tool.chaos(["check", scratch.path])
    #expect(above.code == 2)
    #expect(above.error.contains("; below it are\n  chaos check \(scratch.path)/a/latest\n"))
    #expect(try Tool.chaos(["check", scratch.path + "/none"]).code == 2)
    #expect(try Tool.chaos(["check"]).code == 2)
  }

  /// A session that a deadlock ended leaves its dump behind, and everything points at it.
  @Test func `A dump is named with its place`() throws {
    let scratch = Scratch()
    let session = try Tool.chaos([
      "paper", "--duration", "120", "--fault", "deadlock", "--revision", "C-PORT-02=original", "--out", scratch.path,
    ])
    #expect(session.code == 4)
    let line = "  ✗ FAIL: Stackdump found (DEADLOCK: threads wait for each other in a cycle): \(scratch.path)/"
    #expect(session.out.contains(line + "session_"), "\(session.out)")
    #expect(FileManager.default.fileExists(atPath: scratch.path + "/latest/stackdump.txt"))
    let check = try Tool.chaos(["check", scratch.path + "/latest"])
    #expect(check.code == 4)
    #expect(check.out.contains(line + "latest/stackdump.txt\n"))
    let doctor = try Tool.chaos(["doctor", scratch.path + "/latest"])
    #expect(doctor.code == 4)
    #expect(doctor.out.hasPrefix("\"Stack dump\"\n  DEADLOCK: threads wait for each other in a cycle\n"))
    for words in [
      "stackdump.txt:", " waits for \"state\" at Sources/HistoricalBugs/Locks/ReversedLocks.swift:",
      "holds it, taken at Sources/HistoricalBugs/Locks/ReversedLocks.swift:", "take the locks in one order everywhere",
      "shrink \(scratch.path)/latest'", "  1. the session was cut short after ",
    ] {
      #expect(doctor.out.contains(words), "\(words): \(doctor.out)")
    }
  }
}
