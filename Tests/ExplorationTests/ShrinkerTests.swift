import Basics
import ChaosRuntime
import Exploration
import TestSupport
import Testing

@Suite struct ShrinkerTests {
  static let checks = ["no-deadlock", "no-crash", "no-stuck-wait"]

  struct NoFailure: Error {}

  /// A program that is no function of its seed, and always red.
  struct RedDrift: SystemUnderTest {
    let drifting = Drifting(.time)
    func makeSession(_ request: RunRequest) -> Drifting.Session { drifting.makeSession(request) }
    func drive(_ session: Drifting.Session, in runtime: Runtime) throws(Stopped) {
      try drifting.drive(session, in: runtime)
    }
    func judge(_ session: Drifting.Session, _ end: RunEnd) -> Judgement {
      Judgement(verdicts: [Verdict(check: "always-red", outcome: .fail, reason: "as asked")])
    }
  }

  /// The first failing run of two threads that take two locks in opposite order, with and without a fault.
  static func failing(_ system: LockPair) throws -> RunReport {
    let executor = Executor()
    let search = Search(Seeds(7), arm: 1, portfolio: .only(.randomWalk))
    for index in 0..<400 {
      let report = executor.run(system, search.request(index))
      search.note(report)
      if FailureFingerprint(report, checks: checks) != nil, report.recording.lines.count > 5 { return report }
    }
    throw NoFailure()
  }

  static func shrink(
    _ system: LockPair, _ report: RunReport, max: Int = 500,
    reductions: @escaping (LockPair, RunReport) -> [Reduction<LockPair>] = { _, _ in [] }
  ) throws -> Shrinker<LockPair>.Result {
    try Shrinker(
      system, report.recording, request: report.request, checks: checks, executor: Executor(), executionsMax: max,
      reductions: reductions
    ).shrink()
  }

  @Test func `A deadlock that a fault provokes needs the fault alone`() throws {
    let system = LockPair(isReversed: true, plan: "100%sleep(5ms)", rounds: 20)
    let report = try Self.failing(system)
    let result = try Self.shrink(system, report)
    let counts = ChoiceCounts(result.recording)
    #expect(counts.faults == 1)
    #expect(counts.preemptions <= 1, "\(result.recording.text)")
    #expect(result.executions <= 100)
    #expect(!result.isCut)
    #expect(result.choicesBefore == report.recording.lines.count)
    #expect(FailureFingerprint(result.report, checks: Self.checks) == FailureFingerprint(report, checks: Self.checks))
    #expect(result.report.unusedLines == 0)
  }

  @Test func `Without a fault one stall is left`() throws {
    let system = LockPair(isReversed: true, plan: nil, rounds: 20)
    let result = try Self.shrink(system, try Self.failing(system))
    let counts = ChoiceCounts(result.recording)
    #expect(counts.faults == 0 && counts.latencies == 0)
    #expect((1...2).contains(counts.preemptions), "\(result.recording.text)")
    #expect(result.executions <= 200)
  }

  @Test func `No line of the result can be spared`() throws {
    let system = LockPair(isReversed: true, plan: nil, rounds: 20)
    let result = try Self.shrink(system, try Self.failing(system))
    for index in result.recording.lines.indices {
      var shorter = result.recording
      shorter.lines.remove(at: index)
      var request = result.report.request
      request.schedule = .replay(shorter)
      #expect(FailureFingerprint(Executor().run(system, request), checks: Self.checks) != result.fingerprint)
    }
    #expect(!result.recording.lines.isEmpty)
  }

  @Test func `The same recording shrinks to the same lines in the same number of runs`() throws {
    let system = LockPair(isReversed: true, plan: nil, rounds: 10)
    let report = try Self.failing(system)
    let (a, b) = (try Self.shrink(system, report), try Self.shrink(system, report))
    #expect(a.recording == b.recording)
    #expect(a.executions == b.executions && a.cached == b.cached)
  }

  @Test func `The budget is kept`() throws {
    let system = LockPair(isReversed: true, plan: nil, rounds: 20)
    let result = try Self.shrink(system, try Self.failing(system), max: 6)
    #expect(result.executions <= 6)
    #expect(result.isCut)
    #expect(FailureFingerprint(result.report, checks: Self.checks) == result.fingerprint)
  }

  @Test func `An interruption keeps what was reached`() throws {
    let system = LockPair(isReversed: true, plan: nil, rounds: 20)
    let report = try Self.failing(system)
    var runs = 0
    let result = try Shrinker(
      system, report.recording, request: report.request, checks: Self.checks, executor: Executor(),
      progress: { _, _ in runs += 1 }, isInterrupted: { runs >= 4 }
    ).shrink()
    #expect(result.isCut && result.executions == 2 + 4 + 1)
    #expect(FailureFingerprint(result.report, checks: Self.checks) == result.fingerprint)
  }

  @Test func `What the system offers is left out`() throws {
    let system = LockPair(isReversed: true, plan: nil, rounds: 20)
    let result = try Self.shrink(system, try Self.failing(system)) { system, _ in
      guard system.rounds > 1 else { return [] }
      var smaller = system
      smaller.rounds -= 1
      return [Reduction(.horizon, "round \(system.rounds)", smaller)]
    }
    #expect(!result.leftOut.isEmpty)
    #expect(result.system.rounds == 20 - result.leftOut.count)
    #expect(FailureFingerprint(result.report, checks: Self.checks) == result.fingerprint)
  }

  /// Two threads in a cycle, and two that have nothing to do with it.
  struct Crowd: SystemUnderTest {
    let pair = LockPair(isReversed: true, plan: nil, rounds: 20)
    func makeSession(_ request: RunRequest) -> LockPair.Session { pair.makeSession(request) }
    func drive(_ session: LockPair.Session, in runtime: Runtime) throws(Stopped) {
      for n in 1...2 {
        let lock = Lock(runtime, "own \(n)")
        try runtime.spawn("bystander-\(n)") { () throws(Stopped) in
          while true {
            try lock.withLock { () throws(Stopped) in }
            try runtime.sleep(.milliseconds(1))
          }
        }
      }
      try pair.drive(session, in: runtime)
    }
    func judge(_ session: LockPair.Session, _ end: RunEnd) -> Judgement { pair.judge(session, end) }
  }

  @Test func `Threads that a cycle does not need get no turn`() throws {
    let (executor, search) = (Executor(), Search(Seeds(7), arm: 1, portfolio: .only(.randomWalk)))
    let system = Crowd()
    let failure = try #require(
      (0..<400).lazy.map { executor.run(system, search.request($0)) }.first {
        FailureFingerprint($0, checks: Self.checks) != nil
      })
    let result = try Shrinker(
      system, failure.recording, request: failure.request, checks: Self.checks, executor: Executor()
    ).shrink()
    #expect(Set(result.recording.heldThreads) == ["bystander-1", "bystander-2"])
    #expect(!result.recording.lines.contains { $0.subject.hasPrefix("bystander") })
    var request = result.report.request
    request.schedule = .replay(try Recording(parsing: result.recording.text))
    let again = executor.run(system, request)
    #expect(FailureFingerprint(again, checks: Self.checks) == result.fingerprint)
    #expect(again.recording.text == result.recording.text)
  }

  @Test func `A recording that does not fail is refused`() throws {
    let system = LockPair(isReversed: false)
    let report = Executor().run(system, RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .nominal))
    let problem = #expect(throws: Shrinker<LockPair>.Problem.self) { try Self.shrink(system, report) }
    #expect(
      problem?.description == "the recording does not fail: every check of the run holds, and no thread stood still")
  }

  @Test func `A program that is no function of its seed is refused`() throws {
    let system = RedDrift()
    let request = RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .nominal)
    let problem = #expect(throws: Shrinker<RedDrift>.Problem.self) {
      try Shrinker(system, Recording(), request: request, checks: ["always-red"], executor: Executor())
    }
    #expect(problem?.description.hasPrefix("the recording does not fail in the same way twice: the schedule") == true)
  }

  @Test func `Choices are counted by what they do`() {
    func line(_ kind: Recording.Kind, _ subject: String, _ site: String) -> Recording.Line {
      Recording.Line(kind: kind, subject: subject, site: site, occurrence: 0, value: "1")
    }
    let recording = Recording(lines: [
      line(.fault, "x/0", "a"), line(.fault, "x/1", "b"), line(.latency, "call", "k"), line(.stall, "a", "sleep"),
      line(.run, "a", "lock m"), line(.run, "b", "blocked m"),
    ])
    #expect(
      ChoiceCounts(recording).text
        == "2 preemptions + 1 order of waking + 1 latency + 1 fault that fires 2 times")
    #expect(ChoiceCounts(Recording()).text == "no choice at all")
  }
}
