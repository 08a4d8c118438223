import Basics
import ChaosRuntime
import Exploration
import TestSupport
import Testing

@Suite struct ExecutorTests {
  static func request(_ seed: UInt64, stalls: Bool = true) -> RunRequest {
    RunRequest(scenarioSeed: seed, scheduleSeed: seed, schedule: .explore(stalls: stalls))
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `Two executors give the same run`(seed: UInt64) {
    let system = LockPair(isReversed: true)
    let used = Executor()
    _ = used.run(system, Self.request(seed &+ 100))
    let a = used.run(system, Self.request(seed))
    let b = Executor().run(system, Self.request(seed))
    expectSame(a, b)
    #expect(a.steps == b.steps)
    #expect(a.switches == b.switches)
    #expect(a.choicePoints == b.choicePoints)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `A replay is the same run`(seed: UInt64) throws {
    let system = LockPair(isReversed: true)
    let executor = Executor()
    let run = executor.run(system, Self.request(seed))
    let recording = try Recording(parsing: run.recording.text)
    #expect(recording == run.recording)
    let replayed = executor.run(
      system, RunRequest(scenarioSeed: seed, scheduleSeed: 0, schedule: .replay(recording)))
    expectSame(run, replayed)
    #expect(replayed.unusedLines == 0)
  }

  /// Its one thread never hears of an end.
  private struct Deaf: SystemUnderTest {
    func makeSession(_ request: RunRequest) {}
    func drive(_ session: Void, in runtime: Runtime) throws(Stopped) {
      try runtime.spawn("deaf") { () throws(Stopped) in
        while true { do throws(Stopped) { try runtime.sleep(.seconds(1)) } catch {} }
      }
      try runtime.sleep(.seconds(3))
    }
    func judge(_ session: Void, _ end: RunEnd) -> Judgement {
      Judgement(verdicts: end.unresponsiveThreads.map { Verdict(check: "ends", outcome: .fail, reason: $0) })
    }
  }

  @Test func `A thread that swallows the stop is named to the judge and to the caller`() {
    let report = Executor().run(Deaf(), Self.request(1))
    #expect(report.unresponsiveThreads == ["deaf"])
    #expect(report.judgement.verdict("ends")?.reason == "deaf")
  }

  @Test func `The nominal schedule never deadlocks`() {
    let executor = Executor()
    for seed in 1...20 as ClosedRange<UInt64> {
      let run = executor.run(
        LockPair(isReversed: true, isFaultArmed: false),
        RunRequest(scenarioSeed: seed, scheduleSeed: seed, schedule: .nominal))
      #expect(run.incidents.isEmpty)
      #expect(run.recording.lines.isEmpty)
      #expect(run.judgement.tally("ROUNDS") == 10)
    }
  }

  @Test func `The fault provokes the deadlock and the fix holds under the same schedules`() {
    let executor = Executor()
    var found = 0
    for seed in 1...50 as ClosedRange<UInt64> {
      if executor.run(LockPair(isReversed: true), Self.request(seed, stalls: false)).incidents.isEmpty == false {
        found += 1
      }
      let fixed = executor.run(LockPair(isReversed: false), Self.request(seed, stalls: false))
      #expect(fixed.incidents.isEmpty, "seed \(seed)")
      #expect(fixed.judgement.tally("ROUNDS") == 10, "seed \(seed)")
    }
    #expect(found >= 25, "the fault provoked the deadlock in \(found) of 50 schedules")
  }

  @Test func `A fault line taken out of a recording does not happen`() throws {
    let system = LockPair(isReversed: false, plan: "sleep(5ms)")
    let executor = Executor()
    let run = executor.run(system, RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .nominal))
    #expect(run.judgement.faultCounts.map(\.fired) == [10])
    // Certain firings are recorded too.
    let faults = run.recording.lines.filter { $0.kind == .fault }
    #expect(faults.count == 10)
    for index in run.recording.lines.indices where run.recording.lines[index].kind == .fault {
      var shorter = run.recording
      shorter.lines.remove(at: index)
      let replayed = executor.run(
        system, RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .replay(shorter)))
      #expect(replayed.judgement.faultCounts.map(\.fired) == [9])
      #expect(replayed.recording.lines.filter { $0.kind == .fault } == shorter.lines.filter { $0.kind == .fault })
    }
    let empty = executor.run(
      system, RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .replay(Recording())))
    #expect(empty.judgement.faultCounts.map(\.fired) == [0])
    let without = executor.run(
      LockPair(isReversed: false, isFaultArmed: false),
      RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .nominal))
    #expect(empty.judgement.files.map(\.bytes) == without.judgement.files.map(\.bytes))
  }

  @Test func `Lines that nothing asks for are counted`() {
    let stranger = Recording(lines: [
      Recording.Line(kind: .fault, subject: "no-such/0", site: "pair.between", occurrence: 0, value: "1"),
      Recording.Line(kind: .stall, subject: "no-such-thread", site: "sleep", occurrence: 0, value: "1000"),
      Recording.Line(kind: .run, subject: "first", site: "lock no-such-lock", occurrence: 3, value: "second"),
    ])
    let run = Executor().run(
      LockPair(isReversed: false), RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .replay(stranger)))
    #expect(run.unusedLines == 3)
    #expect(run.incidents.isEmpty)
  }

  @Test func `A recording names seeds and strategy`() {
    let run = Executor().run(LockPair(isReversed: false), Self.request(7, stalls: false))
    #expect(run.recording["scenario_seed"] == "7")
    #expect(run.recording["schedule_seed"] == "7")
    #expect(run.recording["stall_free"] == "true")
    #expect(run.recording["strategy"]?.hasPrefix("random walk, stickiness ") == true)
  }

  @Test func `Stacks are walked when they are wanted`() throws {
    let system = LockPair(isReversed: true)
    let executor = Executor()
    let seed = try #require(
      (1...50 as ClosedRange<UInt64>).first { !executor.run(system, Self.request($0)).incidents.isEmpty })
    var request = Self.request(seed)
    #expect(executor.run(system, request).dump == nil)
    request.wantsStacks = true
    let run = executor.run(system, request)
    let dump = try #require(run.dump)
    #expect(dump.incident.kind == .deadlock)
    #expect(Set(dump.threads.map(\.name)) == ["main", "first", "second"])
    #expect(dump.threads.allSatisfy { $0.frames.count > 2 })
  }

  @Test func `An unjudged run is the same run`() {
    let system = LockPair(isReversed: false)
    let request = Self.request(3)
    let judged = Executor().run(system, request)
    let bare = Executor().runUnjudged(system, request)
    #expect(bare.recording.lines == judged.recording.lines)
    #expect(bare.steps == judged.steps)
  }

  private func expectSame(_ a: RunReport, _ b: RunReport, _ at: SourceLocation = #_sourceLocation) {
    #expect(a.recording == b.recording, sourceLocation: at)
    #expect(a.judgement.files.map(\.bytes) == b.judgement.files.map(\.bytes), sourceLocation: at)
    #expect(a.judgement.faultCounts == b.judgement.faultCounts, sourceLocation: at)
    #expect(a.judgement.verdicts == b.judgement.verdicts, sourceLocation: at)
    #expect(a.incidents.map(\.fingerprint) == b.incidents.map(\.fingerprint), sourceLocation: at)
    #expect(a.virtualTime == b.virtualTime, sourceLocation: at)
  }
}
