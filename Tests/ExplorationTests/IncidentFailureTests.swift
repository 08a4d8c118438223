import Basics
import ChaosRuntime
import Exploration
import TestSupport
import Testing

/// A run that stands still has failed, also where the judge has nothing to say of it.
@Suite struct IncidentFailureTests {
  /// Two locks in opposite order; `Program` judges nothing.
  static let abba = Program { runtime throws(Stopped) in
    let locks = ["a", "b"].map { Lock(runtime, $0) }
    var threads: [ThreadHandle] = []
    for number in 0..<2 {
      threads.append(
        try runtime.spawn("thread-\(number)") { () throws(Stopped) in
          for _ in 0..<3 {
            try locks[number].withLock { () throws(Stopped) in
              try locks[1 - number].withLock { () throws(Stopped) in }
            }
          }
        })
    }
    for thread in threads { try thread.join() }
  }

  static func failure() throws -> RunReport {
    try #require(campaign(abba, Search(Seeds(1), arm: 1), max: 500).failure?.report)
  }

  @Test func `A campaign ends at an incident that no check looks for`() throws {
    let report = try Self.failure()
    #expect(report.judgement.verdicts.isEmpty)
    #expect(report.incidents.map(\.kind) == [.deadlock])
  }

  @Test func `A shrinker reduces it`() throws {
    let report = try Self.failure()
    let result = try Shrinker(
      Self.abba, report.recording, request: report.request, checks: [], executor: Executor()
    ).shrink()
    #expect(result.report.incidents.map(\.fingerprint) == report.incidents.map(\.fingerprint))
    #expect(ChoiceCounts(result.recording).preemptions <= 1)
  }

  @Test func `A run without failure has no critical moment`() {
    let report = Executor().run(Self.abba, RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .nominal))
    #expect(report.incidents.isEmpty)
    let moment = CriticalMoment.find(report, of: Self.abba, checks: [], executor: Executor(), samplesMax: 20)
    #expect(moment.points.isEmpty && moment.critical == nil)
  }

  /// Without its time limit the waiter holds what the other one needs, for ever, while a third goes on and on.
  @Test func `Anything that an endless wait brings to light counts`() {
    let program = Program { runtime throws(Stopped) in
      let lock = Lock(runtime, "lock")
      let changed = Condition(lock, "changed")
      try runtime.spawn("ticker") { () throws(Stopped) in while true { try runtime.sleep(.milliseconds(1)) } }
      try lock.withLock { () throws(Stopped) in _ = try changed.wait(timeout: .milliseconds(50)) }
    }
    let executor = Executor()
    executor.stepsMax = 20_000
    let report = executor.run(program, RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .nominal))
    #expect(report.incidents.isEmpty)
    #expect(TimeoutDifferential(program, by: executor).hidden(by: report) != nil)
  }
}
