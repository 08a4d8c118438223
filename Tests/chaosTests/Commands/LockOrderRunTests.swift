import Foundation
import TestSupport
import Testing

/// `chaos run --lock-order`, on the bug that is about it.
@Suite struct LockOrderRunTests {
  @Test func `The original is confirmed from one clean schedule and the fix has nothing`() throws {
    let scratch = Scratch()
    let run = try Tool.chaos(["run", "--bug", "C-PORT-02", "--lock-order", "--out", scratch.path])
    #expect(run.code == 4, "\(run.error)")
    let parts = run.out.components(separatedBy: "Lock order  C-PORT-02 ")
    #expect(parts.count == 3)
    let (original, fixed) = (parts[1], parts[2])
    #expect(original.hasPrefix("original, one nominal schedule of seed 1, fault off\n"))
    #expect(original.contains(": 1 confirmed, "))
    #expect(original.contains("  CONFIRMED   "))
    #expect(original.contains("budget -> state (") && original.contains("state -> budget ("))
    #expect(original.contains("\nReplay  chaos replay \(scratch.path)/lock-order-C-PORT-02-original_"))
    #expect(fixed.hasPrefix("fixed, one nominal schedule of seed 1, fault off\n"))
    #expect(fixed.contains(": 0 confirmed, ") && !fixed.contains("CONFIRMED"))
    let names = Folder.names(scratch.path)
    let kept = try #require(names.first { $0.hasPrefix("lock-order-C-PORT-02-original_") })
    let replay = try Tool.chaos(["replay", "\(scratch.path)/\(kept)", "--no-search"])
    #expect(replay.code == 4)
    #expect(replay.out.contains("Verdict  DEADLOCK by no-deadlock"))
    let check = try Tool.chaos(["check", "\(scratch.path)/\(kept)"])
    #expect(check.out.contains("(fail)           lock-order              1 predicted cycles were brought"))
    #expect(!check.error.contains("the run itself said otherwise"))
    let good = try #require(names.first { $0.hasPrefix("lock-order-C-PORT-02-fixed_") })
    #expect(try Tool.chaos(["check", "\(scratch.path)/\(good)"]).out.contains("(not applicable) lock-order"))
  }

  @Test func `What it cannot look at is a usage error`() throws {
    #expect(try Tool.chaos(["run", "--bug", "C-PORT-02", "--lock-order", "--live"]).code == 2)
    #expect(try Tool.chaos(["run", "--bug", "C-PORT-02", "--lock-order", "--revision", "new"]).code == 2)
    #expect(try Tool.chaos(["run", "--fault", "everyday", "--lock-order"]).code == 2)
  }
}
