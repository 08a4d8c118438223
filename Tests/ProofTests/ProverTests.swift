import Basics
import ChaosRuntime
import Exploration
import Proof
import TestSupport
import Testing

/// A proof about a lock pair, small enough for a test.
func pairSpec(
  signature: String = "no-deadlock", isTime: Bool = false, hasFault: Bool = true, seed: UInt64 = 1,
  schedules: Int = 60, campaigns: Int = 5, campaignMax: Int = 20
) -> ProofSpec {
  ProofSpec(
    fault: hasFault ? ("pause", "A pause between two locks") : nil, bug: "PAIR-1", bugTitle: "locks in opposite order",
    standing: nil, seed: seed, virtualSeconds: 0.1, signature: signature, isTimeSignature: isTime, judgedBy: [],
    baseChecks: ["no-crash", "no-deadlock", "no-stuck-wait"], firedMin: 1, landmarks: [LockPair.landmark],
    schedules: schedules, campaigns: campaigns, campaignMax: campaignMax,
    command: "prove PAIR-1")
}

/// The original takes the locks in opposite order; `change` may alter what an arm runs.
func provePair(
  _ spec: ProofSpec, _ change: @escaping (Arm, inout LockPair) -> Void = { _, _ in }
) -> ProofResult {
  Prover(spec, executor: Executor()) { arm in
    var system = LockPair(isReversed: arm.isOriginal, isFaultArmed: arm.isFaultOn)
    change(arm, &system)
    return system
  }.run()
}

/// Two threads that write one variable so often that a recording gets long.
private struct BusyPair: SystemUnderTest {
  func makeSession(_ request: RunRequest) {}

  func drive(_ session: Void, in runtime: Runtime) throws(Stopped) {
    let value = Shared(runtime, "value", 0)
    let writers = try ["one", "two"].map { name throws(Stopped) in
      try runtime.spawn(name) { () throws(Stopped) in
        for _ in 0..<2000 { try value.set(try value.get() + 1) }
      }
    }
    for writer in writers { try writer.join() }
  }

  func judge(_ session: Void, _ end: RunEnd) -> Judgement {
    Judgement(
      verdicts: ["no-crash", "no-deadlock", "no-stuck-wait"].map {
        Verdict(check: $0, outcome: .pass, reason: "nothing of the kind")
      })
  }
}

@Suite struct ProverTests {
  @Test func `An arm says what its search left out`() {
    var spec = pairSpec(hasFault: false, schedules: 24, campaigns: 1, campaignMax: 1)
    spec.landmarks = []
    let result = Prover(spec, executor: Executor()) { _ in BusyPair() }.run()
    #expect(result[.fixedOff].cuts.recordings > 0)
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `A fix that holds is proven`(seed: UInt64) throws {
    let result = provePair(pairSpec(seed: seed))
    #expect(result.statement == .proven)
    #expect(result.exitCode == 0)
    #expect(result[.originalOff].ran == 20)
    #expect(result[.originalOn].campaigns.count == 5)
    #expect(result[.originalOn].campaigns.allSatisfy { $0 != nil })
    #expect(result[.originalOn].failedBy.map(\.check) == ["DEADLOCK"])
    #expect(result[.fixedOff].counted == 60)
    #expect(result[.fixedOn].counted == 60)
    #expect(result[.fixedOn].firings >= 60)
    #expect(result[.fixedOff].firings == 0)
    // 1 - 0.05 ** (1 / 60) and 1 - 0.05 ** (1 / 20)
    #expect(result.bound.map { abs($0 - 0.04870291331009746) < 1e-9 } == true)
    #expect(result.seedBound.map { abs($0 - 0.13910834066826516) < 1e-9 } == true)
    let exhibit = try #require(result[.originalOn].exhibit)
    #expect(exhibit.incidents.map(\.kind) == [.deadlock])
  }

  @Test func `One schedule in 50 and every failure is run again`() {
    let result = provePair(pairSpec(schedules: 60))
    // The first of each arm, the 51st of the fixed ones; each campaign's failure, and the first on the other carrier.
    #expect(result[.originalOff].repeated == 1)
    #expect(result[.originalOn].repeated == 1 + 5 + 1)
    #expect(result[.fixedOff].repeated == 2)
    #expect(result[.fixedOn].repeated == 2)
    #expect(result.divergence == nil)
  }

  @Test func `A schedule that cannot be run again makes the proof inconclusive`() throws {
    let drifting = Drifting(.time)
    let result = Prover(pairSpec(), executor: Executor()) { _ in drifting }.run()
    guard case .inconclusive(let reasons) = result.statement else {
      Issue.record("the statement is \(result.statement)")
      return
    }
    #expect(reasons.count == 1)
    #expect(
      reasons[0].hasPrefix("a schedule of the original, fault off was not the same when it was run again: the sch"))
    #expect(reasons[0].contains("\n    first   step ") && reasons[0].contains("\n    second  step "))
    #expect(result.exitCode == 70)
    #expect(result[.originalOff].ran == 1)
  }

  @Test func `The same seed gives the same proof`() {
    let a = provePair(pairSpec())
    let b = provePair(pairSpec())
    #expect(
      ProofJSON.value(a, directory: nil, replay: nil) == ProofJSON.value(b, directory: nil, replay: nil))
  }

  @Test func `The originals exhibit replays to its failure`() throws {
    let exhibit = try #require(provePair(pairSpec())[.originalOn].exhibit)
    let again = Executor().run(
      LockPair(isReversed: true),
      RunRequest(
        scenarioSeed: exhibit.request.scenarioSeed, scheduleSeed: 0, schedule: .replay(exhibit.recording)))
    #expect(again.incidents.first?.fingerprint == exhibit.incidents.first?.fingerprint)
    #expect(again.recording == exhibit.recording)
  }

  @Test func `A fix that fails is not proven`() throws {
    let result = provePair(pairSpec()) { arm, system in
      if arm == .fixedOn { system.isReversed = true }
    }
    let reasons = try notProven(result)
    #expect(result.exitCode == 1)
    #expect(reasons.count == 1)
    #expect(reasons.first?.hasPrefix("the fixed, fault on failed schedule ") == true)
    #expect(reasons.first?.contains(" by no-deadlock: ") == true)
    #expect(result[.fixedOn].failures.count == 1)
    #expect(result[.fixedOn].exhibit?.incidents.map(\.kind) == [.deadlock])
    #expect(result.bound == nil)
  }

  @Test func `A fix that breaks another check is not proven`() throws {
    var spec = pairSpec()
    spec.judgedBy = ["funds-conserved"]
    let result = provePair(spec) { arm, system in
      system.overrides = [Verdict(check: "funds-conserved", outcome: .pass, reason: "all is there")]
      if !arm.isOriginal {
        system.overrides = [Verdict(check: "funds-conserved", outcome: .fail, reason: "1 USDT is gone")]
      }
    }
    let reasons = try notProven(result)
    #expect(
      reasons == [
        "the fixed, fault off failed schedule 0 by funds-conserved: 1 USDT is gone",
        "the fixed, fault on failed schedule 0 by funds-conserved: 1 USDT is gone",
      ])
  }

  @Test func `A check of the system that the bug does not name judges the fix alone`() throws {
    var spec = pairSpec(schedules: 59)
    spec.general = ["funds-conserved", "feed-alive"]
    func prove(_ fixed: Outcome) -> ProofResult {
      provePair(spec) { arm, system in
        system.overrides = [
          Verdict(check: "funds-conserved", outcome: arm.isOriginal ? .fail : fixed, reason: "1 USDT is gone"),
          Verdict(check: "feed-alive", outcome: .pass, reason: "it is"),
        ]
      }
    }
    #expect(prove(.pass).statement == .proven)
    #expect(prove(.inconclusive)[.fixedOn].counted == 0, "what it cannot judge is no evidence")
    #expect(
      try notProven(prove(.fail)).first == "the fixed, fault off failed schedule 0 by funds-conserved: 1 USDT is gone")
  }

  @Test func `An original that is not provoked proves nothing`() throws {
    let result = provePair(pairSpec()) { _, system in system.isReversed = false }
    let reasons = try notProven(result)
    #expect(reasons == ["the original failed by no-deadlock in 0 of 5 campaigns of at most 20 schedules"])
    #expect(result[.originalOn].campaigns == [nil, nil, nil, nil, nil])
    #expect(result[.originalOn].ran == 100)
    #expect(result.exitCode == 1)
  }

  @Test func `A check that does not exist judges nothing`() throws {
    var spec = pairSpec()
    spec.judgedBy = ["no-such-check"]
    let result = provePair(spec)
    let reasons = try notProven(result)
    #expect(reasons.contains { $0.contains("no-such-check: the check does not exist") })
  }

  // MARK: Inconclusive

  @Test func `A fault that never fires is inconclusive`() throws {
    let result = provePair(pairSpec()) { _, system in system.plan = "0%sleep(5ms)" }
    let reasons = try inconclusive(result)
    #expect(result.exitCode == 3)
    #expect(result[.originalOn].firings == 0)
    #expect(
      reasons == [
        "the original was never tested: in 100 of 100 schedules the fault fired fewer than 1 times or a landmark "
          + "was missed",
        "the fixed, fault on counted 0 of 60 schedules: in 120 of 120 the fault fired fewer than 1 times or a landmark "
          + "was missed",
      ])
  }

  @Test func `A fixed arm in which the fault rarely fires is inconclusive`() throws {
    let result = provePair(pairSpec()) { arm, system in
      if arm == .fixedOn { system.plan = "0%sleep(5ms)" }
    }
    let reasons = try inconclusive(result)
    #expect(
      reasons == [
        "the fixed, fault on counted 0 of 60 schedules: in 120 of 120 the fault fired fewer than 1 times or a landmark "
          + "was missed"
      ])
    #expect(result[.fixedOn].notReached == 120)
    #expect(result.exitCode == 3)
  }

  @Test func `A fixed arm that misses a landmark is inconclusive`() throws {
    let result = provePair(pairSpec()) { arm, system in
      if arm == .fixedOn { system.hasLandmark = false }
    }
    #expect(try inconclusive(result).first?.contains("a landmark was missed") == true)
  }

  @Test func `An original that fails without the landmark is inconclusive`() throws {
    let result = provePair(pairSpec()) { arm, system in
      if arm == .originalOn { system.hasLandmark = false }
    }
    #expect(try inconclusive(result).first?.hasPrefix("the original was never tested") == true)
    #expect(result[.originalOn].campaigns == [nil, nil, nil, nil, nil])
    #expect(result[.originalOn].notReached == 100)
  }

  @Test func `Schedules that tested nothing are redrawn`() {
    // One pause in two schedules or so: the arm needs more than it counts.
    let result = provePair(pairSpec(schedules: 10, campaignMax: 100)) { _, system in system.plan = "8%sleep(5ms)" }
    let arm = result[.fixedOn]
    #expect(arm.notReached > 0)
    #expect(arm.ran == arm.counted + arm.notReached)
    #expect(arm.ran <= 20)
  }

  @Test func `A sick baseline is inconclusive`() throws {
    let result = provePair(pairSpec()) { arm, system in
      if arm == .originalOff {
        system.overrides = [Verdict(check: "no-deadlock", outcome: .fail, reason: "stuck at noon")]
      }
    }
    let reasons = try inconclusive(result)
    #expect(
      reasons == ["the original fails without the fault by no-deadlock: stuck at noon"])
    #expect(result.exitCode == 3)
  }

  @Test(arguments: [0, 10, 21, 30, 50])
  func `A budget that cuts makes it inconclusive`(after schedules: Int) throws {
    var asked = 0
    let result = Prover(
      pairSpec(), executor: Executor(), progress: { done, _ in asked = done }, isOverBudget: { asked >= schedules }
    ) { arm in
      LockPair(isReversed: arm.isOriginal, isFaultArmed: arm.isFaultOn)
    }.run()
    #expect(try inconclusive(result).last?.hasPrefix("the proof was cut short: ") == true)
    #expect(result.exitCode == 3)
  }

  @Test func `A failure of the fix counts also when the budget cuts`() throws {
    var asked = 0
    let result = Prover(
      pairSpec(campaigns: 1, campaignMax: 50), executor: Executor(), progress: { done, _ in asked = done },
      isOverBudget: { asked >= 75 }
    ) { arm in
      LockPair(
        isReversed: arm.isOriginal, isFaultArmed: arm.isFaultOn,
        overrides: arm == .fixedOff ? [Verdict(check: "no-crash", outcome: .fail, reason: "trap")] : [])
    }.run()
    #expect(try notProven(result).contains("the fixed, fault off failed schedule 0 by no-crash: trap"))
  }

  // MARK: Times

  @Test func `A time signature counts stall free schedules only`() {
    let result = provePair(pairSpec(signature: "rounds-bounded", isTime: true)) { arm, system in
      system.isReversed = false
      system.plan = arm.isOriginal ? "sleep(25ms)" : "sleep(5ms)"
    }
    #expect(result.statement == .proven)
    for arm in [Arm.fixedOff, .fixedOn] {
      #expect(result[arm].counted == 60)
      // Every second schedule has stalls; counting ends with a stall-free one.
      #expect(result[arm].stalled == 59)
      #expect(result[arm].ran == 119)
    }
    #expect(result[.originalOn].campaigns == [1, 1, 1, 1, 1])
    #expect(result[.originalOn].ran == 5)
    #expect(result[.originalOn].failedBy.map(\.check) == ["rounds-bounded"])
  }

  @Test func `Stalled schedules of a time signature are still judged for safety`() throws {
    let result = provePair(pairSpec(signature: "rounds-bounded", isTime: true, schedules: 10)) { arm, system in
      system.isReversed = arm == .fixedOff
      system.plan = arm.isOriginal ? "sleep(25ms)" : "1%sleep(1ms)"
      system.rounds = arm == .fixedOff ? 40 : 5
    }
    // Without the fault only a stall can bring the reversed locks together.
    let failure = try #require(result[.fixedOff].failures.first)
    #expect(failure.check == "no-deadlock")
  }

  // MARK: Seeds

  @Test func `Arms share schedules and campaigns have their own`() {
    var seen: [Arm: [RunRequest]] = [:]
    for arm in [Arm.originalOn, .fixedOn] {
      let result = provePair(pairSpec())
      seen[arm] = result[arm].failures.map(\.request) + [result[arm].exhibit?.request].compactMap { $0 }
    }
    let seeds = Seeds(1)
    let clean = Set((0..<120).map { seeds.schedule(arm: 1, $0) })
    #expect(seen[.fixedOn]?.allSatisfy { clean.contains($0.scheduleSeed) } == true)
    #expect(seen[.originalOn]?.contains { clean.contains($0.scheduleSeed) } == false)
    #expect(Set(seen[.originalOn]?.map(\.scheduleSeed) ?? []).count == 5)
  }

  @Test func `Progress ends at what was expected`() {
    var told: [(Int, Int)] = []
    _ = Prover(
      pairSpec(), executor: Executor(), progress: { told.append(($0, $1)) }
    ) { arm in
      LockPair(isReversed: arm.isOriginal, isFaultArmed: arm.isFaultOn)
    }.run()
    #expect(told.allSatisfy { $0.0 <= $0.1 })
    #expect(told.last.map { $0.0 == $0.1 } == true)
    #expect(zip(told, told.dropFirst()).allSatisfy { $0.0 <= $1.0 })
  }

  @Test func `Checks are the signature then the faults then the base`() {
    var spec = pairSpec()
    spec.judgedBy = ["rounds-bounded", "no-crash"]
    #expect(
      spec.checks == ["no-deadlock", "rounds-bounded", "no-crash", "no-stuck-wait"])
  }

  private func notProven(_ result: ProofResult, _ at: SourceLocation = #_sourceLocation) throws -> [String] {
    guard case .notProven(let reasons) = result.statement else {
      Issue.record("expected not proven, got \(result.statement)", sourceLocation: at)
      return []
    }
    return reasons
  }

  private func inconclusive(_ result: ProofResult, _ at: SourceLocation = #_sourceLocation) throws -> [String] {
    guard case .inconclusive(let reasons) = result.statement else {
      Issue.record("expected inconclusive, got \(result.statement)", sourceLocation: at)
      return []
    }
    return reasons
  }
}
