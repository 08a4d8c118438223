import Basics
import Testing

@testable import ChaosRuntime

/// What finds a full table is left out, counted, and said.
@Suite struct BoundsTests {
  @Test func `Choices beyond the most are dropped and counted`() {
    let choices = Choices(.seeded(7), linesMax: 3, latency: { _ in 1 })
    for hit in 0..<4 { #expect(choices.fires(ChoicesTests.key(hit), probability: 1)) }
    _ = choices.latency("call", key: "k", attempt: 0, nominal: .seconds(1))
    #expect(choices.recorded.count == 3)
    #expect(choices.droppedCount == 2)
    let replay = Choices(.replay(Recording(lines: choices.recorded)), linesMax: 1)
    for hit in 0..<3 { #expect(replay.fires(ChoicesTests.key(hit), probability: 0)) }
    #expect(replay.recorded.count == 1 && replay.droppedCount == 2)
  }

  @Test func `A recording that lacks lines says so`() throws {
    final class Busy: Strategy {
      func begin(seed: UInt64) {}
      func next(_ point: borrowing SchedulingPoint) -> Decision { .stall(1000) }
      func latency(draw: UInt64) -> Int { 0 }
      var summary: String { "busy" }
    }
    func run(_ linesMax: Int) -> Recording {
      var simulation = Simulation(schedule: .explore(Busy()))
      simulation.linesMax = linesMax
      return simulation.run(disk: MemoryDisk()) { runtime throws(Stopped) in
        for _ in 0..<10 { try runtime.yield() }
        _ = runtime.choices.fires(ChoicesTests.key(0), probability: 1)
      }.recording
    }
    let whole = run(100)
    #expect(whole.droppedLines == 0)
    #expect(!whole.text.contains("lines_dropped"))
    let cut = run(4)
    #expect(cut.droppedLines == whole.lines.count - cut.lines.count)
    #expect(cut.lines.count == 5, "four stalls and the fault")
    #expect(cut.text.contains("\n# lines_dropped: \(cut.droppedLines)\n"))
    #expect(try Recording(parsing: cut.text).droppedLines == cut.droppedLines)
  }

  @Test func `Notes beyond the table are ignored and counted`() {
    let runtime = liveRuntime()
    for n in 0..<64 { #expect(runtime.notes.add("note \(n)") != nil) }
    #expect(runtime.notes.ignoredCount == 0)
    #expect(runtime.notes.add("one too many") == nil)
    #expect(runtime.notes.add("two too many") == nil)
    #expect(runtime.notes.add("note 5") == 5)
    #expect(runtime.notes.ignoredCount == 2)
    #expect(runtime.notes.all.count == 64)
  }
}
