import Basics
import ChaosRuntime
import Exploration
import Synchronization
import Testing

/// A body as a system: judged by its incidents alone.
struct Program: SystemUnderTest {
  var body: @Sendable (Runtime) throws(Stopped) -> Void

  func makeSession(_ request: RunRequest) {}
  func drive(_ session: Void, in runtime: Runtime) throws(Stopped) { try body(runtime) }
  func judge(_ session: Void, _ end: RunEnd) -> Judgement { Judgement(verdicts: []) }
}

/// What is found besides a cycle of two locks: each with a program that has it and a twin that does not.
@Suite struct DetectionTests {
  static func reports(
    _ kind: StrategyPlan.Kind = .randomWalk, noise: StrategyPlan.Noise = .latencies, overtakenMax: Int = 10_000,
    stepsMax: Int = 100_000, _ body: @escaping @Sendable (Runtime) throws(Stopped) -> Void
  ) -> [RunReport] {
    let executor = Executor()
    executor.overtakenMax = overtakenMax
    executor.stepsMax = stepsMax
    return (1...40 as ClosedRange<UInt64>).map { seed in
      executor.run(
        Program(body: body),
        RunRequest(scenarioSeed: seed, scheduleSeed: seed, schedule: .explore(StrategyPlan(kind, noise: noise))))
    }
  }

  static func kinds(_ reports: [RunReport]) -> Set<Incident.Kind> { Set(reports.flatMap { $0.incidents.map(\.kind) }) }

  @Test(arguments: [true, false])
  func `A lock taken twice is a deadlock of one`(isWrong: Bool) throws {
    let reports = Self.reports { runtime throws(Stopped) in
      let lock = Lock(runtime, "a")
      try lock.withLock { () throws(Stopped) in if isWrong { try lock.lock() } }
      try lock.withLock { () throws(Stopped) in }
    }
    #expect(Self.kinds(reports) == (isWrong ? [.deadlock] : []))
    guard isWrong else { return }
    #expect(reports[0].incidents.first?.summary == "main takes \"a\" again while it holds it")
  }

  private static func wait(_ condition: Condition) throws(Stopped) { try condition.wait() }

  /// The signal may come before the wait; the twin looks whether it has to wait.
  @Test(arguments: [true, false])
  func `A signal before its wait is a lost wakeup`(isWrong: Bool) throws {
    let reports = Self.reports { runtime throws(Stopped) in
      let lock = Lock(runtime, "lock")
      let changed = Condition(lock, "changed")
      let isReady = Shared(runtime, "ready", false)
      let signaller = try runtime.spawn("signaller") { () throws(Stopped) in
        try lock.withLock { () throws(Stopped) in
          try isReady.set(true)
          changed.signal()
        }
      }
      try lock.withLock { () throws(Stopped) in
        if isWrong { return try Self.wait(changed) }
        while try !isReady.get() { try changed.wait() }
      }
      try signaller.join()
    }
    #expect(Self.kinds(reports) == (isWrong ? [.lostWakeup] : []))
    guard isWrong else { return }
    let summaries = reports.compactMap { $0.incidents.first?.summary }
    #expect(
      summaries.first?.contains("main waits for \"changed\", whose last signal, by signaller, came before the wait")
        == true)
  }

  /// Nobody ever signals: stuck, and no signal was lost.
  @Test func `A wait that nobody signals is stuck and nothing is lost`() {
    let reports = Self.reports { runtime throws(Stopped) in
      let lock = Lock(runtime, "lock")
      let changed = Condition(lock, "changed")
      try lock.withLock { () throws(Stopped) in while true { try changed.wait() } }
    }
    #expect(Self.kinds(reports) == [.stuck])
  }

  /// The value is set and nobody told; the waiter's time limit hides it.
  private static func masked(isWrong: Bool, hasPredicate: Bool) -> @Sendable (Runtime) throws(Stopped) -> Void {
    { runtime throws(Stopped) in
      let lock = Lock(runtime, "lock")
      let changed = Condition(lock, "changed")
      let isReady = Mutex(false)
      let setter = try runtime.spawn("setter") { () throws(Stopped) in
        try runtime.sleep(.milliseconds(10))
        try lock.withLock { () throws(Stopped) in
          isReady.withLock { $0 = true }
          if !isWrong { changed.signal() }
        }
      }
      try lock.withLock { () throws(Stopped) in
        if hasPredicate {
          try changed.wait(timeout: .seconds(2)) { isReady.withLock { $0 } }
        } else {
          while !isReady.withLock({ $0 }) { try changed.wait(timeout: .seconds(2)) }
        }
      }
      try setter.join()
    }
  }

  @Test(arguments: [true, false])
  func `A time limit that masks a lost wakeup is seen by the predicate`(isWrong: Bool) {
    let reports = Self.reports(noise: .none, Self.masked(isWrong: isWrong, hasPredicate: true))
    #expect(Self.kinds(reports) == (isWrong ? [.lostWakeup] : []))
    if isWrong {
      #expect(reports[0].incidents.first?.summary.hasSuffix("a time limit hides a lost wakeup") == true)
    }
  }

  @Test(arguments: [true, false])
  func `Endless waits show what a time limit hides`(isWrong: Bool) {
    let system = Program(body: Self.masked(isWrong: isWrong, hasPredicate: false))
    let executor = Executor()
    let request = RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .nominal)
    let report = executor.run(system, request)
    #expect(report.incidents.isEmpty)
    let hidden = TimeoutDifferential(system, by: executor).hidden(by: report)
    #expect((hidden != nil) == isWrong)
    if isWrong { #expect(hidden?.summary.hasPrefix("without its time limits no thread can run") == true) }
  }

  /// `if` instead of `while`: only a wakeup without a signal shows it.
  @Test(arguments: [true, false])
  func `A wakeup without a signal finds an if instead of a while`(isWrong: Bool) throws {
    let early = Mutex(0)
    let reports = Self.reports { runtime throws(Stopped) in
      let lock = Lock(runtime, "lock")
      let changed = Condition(lock, "changed")
      let isReady = Mutex(false)
      let setter = try runtime.spawn("setter") { () throws(Stopped) in
        try runtime.sleep(.milliseconds(1))
        try lock.withLock { () throws(Stopped) in
          isReady.withLock { $0 = true }
          changed.signal()
        }
      }
      try lock.withLock { () throws(Stopped) in
        if isWrong {
          if !isReady.withLock({ $0 }) { try changed.wait() }
        } else {
          while !isReady.withLock({ $0 }) { try changed.wait() }
        }
        if !isReady.withLock({ $0 }) { early.withLock { $0 += 1 } }
      }
      try setter.join()
    }
    let woken = reports.filter { $0.recording.lines.contains { $0.kind == .wake } }
    #expect(woken.count > 1 && woken.count < 40)
    #expect(woken.allSatisfy { $0.recording.lines.contains { $0.site == "wake changed" && $0.value == "1" } })
    #expect(early.withLock { $0 } == (isWrong ? woken.count : 0))
    #expect(Self.kinds(reports).isEmpty)
  }

  @Test func `A recorded wakeup happens again and one taken out does not`() throws {
    let count = Mutex(0)
    let system = Program { runtime throws(Stopped) in
      let lock = Lock(runtime, "lock")
      let changed = Condition(lock, "changed")
      try lock.withLock { () throws(Stopped) in
        while try changed.wait(timeout: .milliseconds(1)) { count.withLock { $0 += 1 } }
      }
    }
    let executor = Executor()
    var found: RunReport?
    for seed in 1...60 as ClosedRange<UInt64> where found == nil {
      let report = executor.run(
        system, RunRequest(scenarioSeed: seed, scheduleSeed: seed, schedule: .explore(stalls: false)))
      if report.recording.lines.contains(where: { $0.kind == .wake }) { found = report }
    }
    let report = try #require(found)
    func wakes(_ recording: Recording) -> Int {
      count.withLock { $0 = 0 }
      let again = executor.run(
        system, RunRequest(scenarioSeed: 1, scheduleSeed: 0, schedule: .replay(recording)))
      #expect(again.recording.lines == recording.lines)
      return count.withLock { $0 }
    }
    #expect(wakes(report.recording) == report.recording.lines.count { $0.kind == .wake })
    #expect(wakes(Recording()) == 0)
  }

  /// Both step back for each other, for ever; the twin lets the second one wait.
  @Test(arguments: [true, false])
  func `Two that give way to each other for ever are a livelock`(isWrong: Bool) throws {
    let reports = Self.reports(.roundRobin(quantum: 1), stepsMax: 20_000) { runtime throws(Stopped) in
      let wants = [Shared(runtime, "wants 0", false), Shared(runtime, "wants 1", false)]
      var threads: [ThreadHandle] = []
      for me in 0..<2 {
        threads.append(
          try runtime.spawn("polite-\(me)") { () throws(Stopped) in
            try runtime.sleep(.milliseconds(1))
            while true {
              try wants[me].set(true)
              if try !wants[1 - me].get() { break }
              if isWrong || me == 1 { try wants[me].set(false) }
              try runtime.yield()
            }
            try wants[me].set(false)
          })
      }
      for thread in threads { try thread.join() }
    }
    #expect(Self.kinds(reports) == (isWrong ? [.livelock] : []))
    guard isWrong, let incident = reports[0].incidents.first else { return }
    #expect(incident.threads == ["polite-0", "polite-1"])
    #expect(incident.suffix.contains("polite-0 write wants 0"))
    #expect(incident.suffix.count <= 8)
    #expect(incident.summary.hasPrefix("20000 scheduling points without an end, and "))
  }

  /// The same loop that reports progress is only too long.
  @Test func `An endless run that gets on is no livelock`() {
    let reports = Self.reports(stepsMax: 5000) { runtime throws(Stopped) in
      try runtime.activity("work") { () throws(Stopped) in
        while true {
          try runtime.yield()
          runtime.beat()
        }
      }
    }
    #expect(Self.kinds(reports) == [.stepLimit])
  }

  /// Two readers of whom one is always in: the writer waits for ever. The twin's readers do not wait for each other.
  @Test(arguments: [true, false])
  func `Readers that overlap starve a writer`(isWrong: Bool) {
    let reports = Self.reports(overtakenMax: 600) { runtime throws(Stopped) in
      let lock = Lock(runtime, "book")
      let changed = Condition(lock, "changed")
      let state = Mutex((entered: [0, 0], inside: 0))
      var threads: [ThreadHandle] = []
      for me in 0..<2 {
        threads.append(
          try runtime.spawn("reader-\(me)") { () throws(Stopped) in
            for round in 1...300 {
              try lock.withLock { () throws(Stopped) in
                state.withLock { state in
                  state.entered[me] += 1
                  state.inside += 1
                }
                changed.broadcast()
                while isWrong, round < 300, state.withLock({ $0.entered[1 - me] }) < round + me { try changed.wait() }
                state.withLock { $0.inside -= 1 }
                changed.broadcast()
              }
            }
          })
      }
      threads.append(
        try runtime.spawn("writer") { () throws(Stopped) in
          try runtime.activity("write") { () throws(Stopped) in
            try lock.withLock { () throws(Stopped) in
              while state.withLock({ $0.inside }) > 0 { try changed.wait() }
            }
          }
        })
      for thread in threads { try thread.join() }
    }
    let kinds = Self.kinds(reports)
    #expect(kinds == (isWrong ? [.starvation] : []) as Set<Incident.Kind>)
    guard let incident = reports.compactMap({ $0.incidents.first }).first else { return }
    #expect(incident.threads == ["writer"])
    #expect(incident.locks == ["book"])
    #expect(incident.activity == "write")
  }
}
