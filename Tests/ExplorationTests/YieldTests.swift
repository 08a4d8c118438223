import Basics
import ChaosRuntime
import Exploration
import Synchronization
import Testing

/// Loops that yield until somebody else has done something.
@Suite struct YieldTests {
  static let schedules: [Schedule<StrategyPlan>] =
    [.nominal]
    + StrategyTests.kinds.flatMap { kind in
      [StrategyPlan.Noise.none, .stalls].map { .explore(StrategyPlan(kind, noise: $0)) }
    }

  /// `spinners` wait for a flag that a worker sets after some steps of its own, or after a sleep.
  static func spinning(_ spinners: Int, sleep: Duration = .zero) -> Program {
    Program { runtime throws(Stopped) in
      let flag = Shared(runtime, "flag", false)
      let lock = Lock(runtime, "work")
      var threads: [ThreadHandle] = []
      for _ in 0..<spinners {
        threads.append(
          try runtime.spawn("spinner") { () throws(Stopped) in while try !flag.get() { try runtime.yield() } })
      }
      threads.append(
        try runtime.spawn("worker") { () throws(Stopped) in
          for _ in 0..<5 { try lock.withLock { () throws(Stopped) in } }
          try runtime.sleep(sleep)
          try flag.set(true)
        })
      for thread in threads { try thread.join() }
    }
  }

  static func run(_ program: Program, _ schedule: Schedule<StrategyPlan>, seed: UInt64, stepsMax: Int) -> RunReport {
    let executor = Executor()
    executor.stepsMax = stepsMax
    return executor.run(program, RunRequest(scenarioSeed: seed, scheduleSeed: seed, schedule: schedule))
  }

  /// A worker that is held up for half a second leaves the spinners some thousands of turns; one that is slow leaves them as
  /// many at each step.
  @Test(arguments: schedules.indices)
  func `A spin that yields ends soon under every strategy`(index: Int) {
    var most = 10_000
    if case .explore(let plan) = Self.schedules[index], case .slowThreads = plan.kind { most *= 20 }
    for seed in 1...10 as ClosedRange<UInt64> {
      for spinners in [1, 3] {
        let report = Self.run(Self.spinning(spinners), Self.schedules[index], seed: seed, stepsMax: 2 * most)
        #expect(report.incidents.isEmpty, "\(spinners) spinners, seed \(seed), \(report.recording.header)")
        #expect(report.steps < most, "\(spinners) spinners, seed \(seed)")
      }
    }
  }

  /// Nobody but the clock can help: it goes on while threads do nothing but yield.
  @Test(arguments: schedules.indices)
  func `A spin lets the time pass that it waits for`(index: Int) {
    for spinners in [1, 3] {
      let report = Self.run(
        Self.spinning(spinners, sleep: .seconds(5)), Self.schedules[index], seed: 1, stepsMax: 200_000)
      #expect(report.incidents.isEmpty)
      #expect(report.virtualTime >= .seconds(5))
    }
  }

  /// A loop that computes and yields is no wait: the next timer stays far away.
  @Test func `A few yields move no clock`() {
    let moved = Mutex(Duration.zero)
    let program = Program { runtime throws(Stopped) in
      try runtime.spawn("timer") { () throws(Stopped) in try runtime.sleep(.seconds(3600)) }
      let start = runtime.now
      for _ in 0..<900 { try runtime.yield() }
      let few = runtime.now
      for _ in 0..<5000 { try runtime.yield() }
      let end = runtime.now
      moved.withLock { $0 = few == start ? end - start : .seconds(9999) }
    }
    _ = Self.run(program, .nominal, seed: 1, stepsMax: 20_000)
    #expect(moved.withLock { $0 } > .zero && moved.withLock { $0 } < .seconds(1))
  }

  /// Both orders of a yield and what others do meanwhile can come about, and each replays.
  @Test(arguments: [StrategyPlan.Kind.randomWalk, .pos, .directed([])].indices)
  func `A yield may also change nothing`(index: Int) throws {
    let kind = [StrategyPlan.Kind.randomWalk, .pos, .directed([])][index]
    let order = Mutex("")
    let program = Program { runtime throws(Stopped) in
      let other = try runtime.spawn("other") { () throws(Stopped) in order.withLock { $0 += "b" } }
      try runtime.yield()
      order.withLock { $0 += "a" }
      try other.join()
    }
    var seen: Set<String> = []
    for seed in 1...40 as ClosedRange<UInt64> {
      order.withLock { $0 = "" }
      let report = Self.run(program, .explore(StrategyPlan(kind, noise: .none)), seed: seed, stepsMax: 1000)
      let first = order.withLock { $0 }
      seen.insert(first)
      order.withLock { $0 = "" }
      let again = Self.run(
        program, .replay(try Recording(parsing: report.recording.text)), seed: 1, stepsMax: 1000)
      #expect(order.withLock { $0 } == first)
      #expect(again.unusedLines == 0 && again.recording.lines == report.recording.lines)
    }
    #expect(seen == ["ab", "ba"])
  }

  /// Change points are drawn among the steps of real runs.
  @Test func `A run that reached its step limit says nothing of the length of runs`() {
    let search = Search(Seeds(1), arm: 1)
    let endless = Program { runtime throws(Stopped) in
      let other = try runtime.spawn("other") { () throws(Stopped) in while true { try runtime.yield() } }
      try other.join()
      while true { try runtime.yield() }
    }
    let twoEndless = Program { runtime throws(Stopped) in
      try runtime.spawn("other") { () throws(Stopped) in while true { try runtime.yield() } }
      while true { try runtime.yield() }
    }
    for program in [endless, twoEndless] {
      let report = Self.run(program, .explore(StrategyPlan(.randomWalk, noise: .none)), seed: 1, stepsMax: 5000)
      #expect(report.incidents.map(\.kind) == [.livelock])
      search.note(report)
      #expect(search.choicesMax == 1)
    }
    let short = Self.run(Self.spinning(2), .explore(StrategyPlan(.randomWalk, noise: .none)), seed: 1, stepsMax: 5000)
    search.note(short)
    #expect(search.choicesMax == short.choicePoints)
  }
}
