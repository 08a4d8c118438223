import Basics
import ChaosRuntime
import Exploration
import Foundation
import TestSupport
import Testing

@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct LiveExecutorTests {
  private func run(_ system: LockPair, in scratch: Scratch, limit: Duration = .seconds(30)) throws
    -> LiveExecutor.Report
  {
    let executor = LiveExecutor(directory: scratch.path, epoch: .simulationEpoch, limit: limit)
    return try executor.run(system, RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .nominal)) { [] }
  }

  /// Both threads pause for longer than they sleep, so that each holds one lock when it asks for the other.
  @Test func `The deadlock is reported and unwound on real threads`() throws {
    let scratch = Scratch()
    let report = try run(LockPair(isReversed: true, plan: "sleep(60ms)"), in: scratch)
    #expect(report.incidents.map(\.kind) == [.deadlock])
    #expect(report.incidents.first?.locks.sorted() == ["a", "b"])
    #expect(report.judgement.verdict("no-deadlock")?.outcome == .fail)
    #expect(report.leakedThreads == 0)
    #expect(scratch.exists("stackdump.txt"))
  }

  /// In a process of its own, as nobody is watched meanwhile.
  @Test func `What the watchdog's table has no room for is said`() async {
    await #expect(processExitsWith: .success) {
      let crowd = Runtime(live: .simulationEpoch, disk: MemoryDisk(), choices: Choices(.seeded(1)))
      let lock = Lock(crowd, "count")
      let here = Condition(lock, "everybody is here")
      nonisolated(unsafe) var arrived = 0
      for n in 0..<1100 {
        try crowd.spawn("crowd-\(n)") { () throws(Stopped) in
          try lock.withLock { () throws(Stopped) -> Void in
            arrived += 1
            here.broadcast()
          }
          try crowd.sleep(.seconds(600))
        }
      }
      try lock.withLock { () throws(Stopped) -> Void in
        try here.wait(until: { arrived == 1100 })
      }
      let scratch = Scratch()
      let executor = LiveExecutor(directory: scratch.path, epoch: .simulationEpoch, limit: .seconds(30))
      var pair = LockPair(isReversed: false, rounds: 1)
      let request = RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .nominal)
      let told = "the watchdog's table was full: 3 threads of the run ran beyond it"
      let full = try executor.run(pair, request) { [] }.judgement.tallies.map(\.name)
      precondition(full.contains("UNWATCHED: \(told)"), "\(full)")
      precondition(crowd.stop(limit: .seconds(30)) == 0, "all heard the stop")
      pair.rounds = 2
      let seen = try executor.run(pair, request) { [] }.judgement.tallies.map(\.name)
      precondition(seen == ["ROUNDS"], "\(seen)")
      exit(0)
    }
  }

  @Test func `The fix runs to its end on real threads`() throws {
    let scratch = Scratch()
    let report = try run(LockPair(isReversed: false, plan: "sleep(5ms)"), in: scratch)
    #expect(report.incidents.isEmpty)
    #expect(report.judgement.tally("ROUNDS") == 10)
    #expect(report.judgement.faultCounts.map(\.fired) == [10])
    #expect(report.leakedThreads == 0)
    #expect(!scratch.exists("stackdump.txt"))
  }

  @Test func `A run beyond its limit is cut and says so`() throws {
    let scratch = Scratch()
    let report = try run(LockPair(isReversed: false, rounds: 100_000), in: scratch, limit: .milliseconds(50))
    #expect(report.incidents.map(\.kind) == [.hang])
    #expect(report.incidents.first?.summary == "the session had not ended after 0.05 s of real time")
    #expect(report.leakedThreads == 0)
    #expect(report.took < .seconds(20))
  }
}
