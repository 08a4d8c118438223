import Basics
import ChaosRuntime
import Exploration
import Proof
import TestSupport
import Testing

/// What PROVEN needs, and what is no evidence.
@Suite struct EvidenceTests {
  @Test(arguments: [(1, 1), (40, 5), (58, 5), (59, 4)])
  func `Too few schedules or campaigns are inconclusive`(schedules: Int, campaigns: Int) {
    let result = provePair(pairSpec(schedules: schedules, campaigns: campaigns))
    #expect(result.exitCode == 3)
    var reasons: [String] = []
    if campaigns < 5 { reasons.append("PROVEN needs 5 campaigns, and \(campaigns) were asked for") }
    if schedules < 59 {
      reasons.append("PROVEN needs 59 counted schedules of each fixed arm, and \(schedules) were asked for")
    }
    #expect(result.statement == .inconclusive(reasons))
    // The report of a gauntlet and JUnit show arms: they must not be green either.
    #expect(CaseOutcome.worst(ArmOutcomes.of(result).map(\.outcome)) == .inconclusive)
    let screen = ProofScreen.text(result, exhibit: nil, replay: nil)
    #expect(screen.contains("INCONCLUSIVE\n  - PROVEN needs ") && !screen.contains("failure rate"))
  }

  @Test func `Fifty nine schedules and five campaigns are proven`() {
    let result = provePair(pairSpec(schedules: 59, campaigns: 5))
    #expect(result.statement == .proven)
    #expect(ArmOutcomes.of(result).map(\.outcome) == [.passed, .passed, .passed, .passed])
    #expect(ProofScreen.text(result, exhibit: nil, replay: nil).contains("below 5 % (95 %, N = 59)\n"))
  }

  @Test(arguments: [Outcome.inconclusive, .notApplicable])
  func `A schedule that its signature cannot judge does not count`(outcome: Outcome) throws {
    let result = provePair(pairSpec()) { arm, system in
      if arm == .fixedOn {
        system.overrides = [Verdict(check: "no-deadlock", outcome: outcome, reason: "no threads were seen")]
      }
    }
    #expect(
      result.statement
        == .inconclusive([
          "the fixed, fault on counted 0 of 60 schedules: 120 of 120 were not judged, the first by no-deadlock: "
            + "no threads were seen"
        ]))
    #expect(result[.fixedOn].unjudged == 120)
    let screen = ProofScreen.text(result, exhibit: nil, replay: nil)
    #expect(screen.contains("(120 more that no-deadlock could not judge)"))
    let arm = try #require(ArmOutcomes.of(result).last)
    #expect(arm.outcome == .inconclusive && arm.text.contains("120 not judged by no-deadlock: no threads"))
  }

  @Test func `A schedule that another check of the proof cannot judge does not count`() {
    var spec = pairSpec()
    spec.judgedBy = ["rounds-bounded"]
    func prove(_ outcome: Outcome) -> ProofResult {
      provePair(spec) { arm, system in
        if !arm.isOriginal {
          system.overrides = [Verdict(check: "rounds-bounded", outcome: outcome, reason: "the log ends early")]
        }
      }
    }
    #expect(prove(.inconclusive).exitCode == 3)
    #expect(prove(.inconclusive)[.fixedOff].unjudgedBy?.check == "rounds-bounded")
    // What does not apply is clean, but for the signature.
    #expect(prove(.notApplicable).statement == .proven)
  }

  @Test func `A baseline that cannot be judged is no baseline`() {
    let result = provePair(pairSpec()) { arm, system in
      if arm == .originalOff {
        system.overrides = [Verdict(check: "no-crash", outcome: .inconclusive, reason: "no end was seen")]
      }
    }
    #expect(
      result.statement
        == .inconclusive(["the baseline was not judged in 20 of 20 seeds, the first by no-crash: no end was seen"]))
    #expect(ArmOutcomes.of(result).first?.outcome == .inconclusive)
  }

  @Test func `A baseline needs no word of the other checks but may not fail them`() {
    var spec = pairSpec()
    spec.judgedBy = ["rounds-bounded"]
    func prove(_ outcome: Outcome) -> ProofResult {
      provePair(spec) { arm, system in
        if arm == .originalOff {
          system.overrides = [Verdict(check: "rounds-bounded", outcome: outcome, reason: "no round ended")]
        }
      }
    }
    #expect(prove(.inconclusive).statement == .proven)
    #expect(prove(.inconclusive)[.originalOff].counted == 20)
    // A sick baseline refutes nothing: the proof cannot begin.
    #expect(prove(.fail).exitCode == 3)
  }

  @Test func `A fixed arm without work is inconclusive`() {
    var spec = pairSpec()
    spec.worked = ["ROUNDS"]
    #expect(provePair(spec).statement == .proven)
    spec.worked = ["ORDERS"]
    #expect(
      provePair(spec).statement
        == .inconclusive([
          "the fixed, fault off had nothing to do: ORDERS is 0 in 60 schedules",
          "the fixed, fault on had nothing to do: ORDERS is 0 in 60 schedules",
        ]))
  }

  @Test func `What speaks against a proof beside its arms is shown with them`() {
    var result = provePair(pairSpec())
    result.statement = .notProven(["the fixed, fault on failed PCT schedule 3 by no-deadlock: a -> b -> a"])
    let arms = ArmOutcomes.of(result)
    #expect(arms.map(\.outcome) == [.passed, .passed, .passed, .passed, .failed])
    #expect(arms.last?.text.contains("PCT schedule 3") == true)
    result.statement = .inconclusive(["the lift is missing"])
    #expect(ArmOutcomes.of(result).last?.outcome == .inconclusive)
  }

  @Test func `Every schedule of a proof is announced before it runs`() {
    var announced: [UInt64] = []
    var ran: [UInt64] = []
    let watch = Watch { ran.append($0) }
    _ = Prover(
      pairSpec(schedules: 10), executor: Executor(), willRun: { _, request in announced.append(request.scheduleSeed) }
    ) { arm in Watched(inner: LockPair(isReversed: arm.isOriginal, isFaultArmed: arm.isFaultOn), watch: watch) }.run()
    #expect(Set(ran).subtracting(announced).isEmpty, "a trap there would be blamed on another schedule")
  }

  final class Watch: @unchecked Sendable {
    let note: (UInt64) -> Void
    init(_ note: @escaping (UInt64) -> Void) { self.note = note }
  }

  /// Tells of each schedule that runs.
  struct Watched: SystemUnderTest {
    let inner: LockPair
    let watch: Watch
    func makeSession(_ request: RunRequest) -> LockPair.Session {
      watch.note(request.scheduleSeed)
      return inner.makeSession(request)
    }
    func drive(_ session: LockPair.Session, in runtime: Runtime) throws(Stopped) {
      try inner.drive(session, in: runtime)
    }
    func judge(_ session: LockPair.Session, _ end: RunEnd) -> Judgement { inner.judge(session, end) }
  }
}
