import Foundation
import TestSupport
import Testing

@Suite struct ShrinkCommandTests {
  @Test func `A deadlock shrinks to its fault and the result is a run of its own`() throws {
    let scratch = Scratch()
    let run = try Tool.chaos(
      ["run", "--bug", "C-PORT-02", "--revision", "original", "--fault", "deadlock", "--out", scratch.path])
    #expect(run.code == 4, "\(run.out)\(run.error)")
    let shrunk = try Tool.chaos(["shrink", scratch.path + "/latest", "--no-moment"])
    #expect(shrunk.code == 4, "\(shrunk.out)\(shrunk.error)")
    let words = try #require(
      shrunk.out.firstMatch(
        of: #/Shrunk   fails with (?:([0-3]) preemptions? \+ )?1 fault \(from ([0-9,]+) choices, ([0-9]+) executions\)/#
      ))
    #expect(try #require(Int(words.3)) <= 500)
    #expect(shrunk.out.contains("fault | deadlock/0 | disk.write | 0 | 1"))
    #expect(shrunk.out.contains("and waits for \"budget\" at "))
    #expect(shrunk.out.contains("\nSchedule (> "))
    #expect(shrunk.out.hasSuffix("Replay   chaos replay \(scratch.path)/latest/shrunk\n"))
    for line in shrunk.out.split(separator: "\n") where line.contains("lock ") && line.hasPrefix("  ") {
      #expect(line.count <= 110, "\(line)")
    }
    let again = try Tool.chaos(["replay", scratch.path + "/latest/shrunk", "--strict", "--no-search"])
    #expect(again.code == 4, "\(again.out)\(again.error)")
    #expect(again.out.contains("0 no longer apply"))
    let report = try Tool.chaos(["check", scratch.path + "/latest/shrunk"])
    #expect(report.code == 4, "\(report.out)\(report.error)")
  }

  @Test func `A run without a failure is refused`() throws {
    let scratch = Scratch()
    let paper = try Tool.chaos(["paper", "--no-faults", "--duration", "60", "--out", scratch.path + "/quiet"])
    #expect(paper.code == 0, "\(paper.out)\(paper.error)")
    let folder = try #require(
      try FileManager.default.subpathsOfDirectory(atPath: scratch.path).first { $0.hasSuffix("recording.txt") })
    let session = scratch.path + "/" + (folder as NSString).deletingLastPathComponent
    let shrunk = try Tool.chaos(["shrink", session])
    #expect(shrunk.code == 2)
    #expect(shrunk.error.contains("did not fail; there is nothing to shrink"), "\(shrunk.error)")
    #expect(try Tool.chaos(["shrink", scratch.path + "/none"]).code == 2)
  }
}
