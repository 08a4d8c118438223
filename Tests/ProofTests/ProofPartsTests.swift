import Basics
import ChaosRuntime
import Exploration
import Proof
import TestSupport
import Testing

@Suite struct ProofPartsTests {
  @Test func `The lift is counted and refutes nothing`() throws {
    let result = provePair(pairSpec())
    let lift = try #require(result.lift)
    #expect(lift.schedules == 50)
    // Stalls of the scheduler can do what the fault does.
    #expect(lift.failures > 0 && lift.failures < 50)
    #expect(result.statement == .proven)
  }

  @Test func `The certificate names bounds that held`() throws {
    let result = provePair(pairSpec(schedules: 40))
    let certificate = try #require(result.certificate)
    #expect(certificate.schedules == 40)
    #expect(certificate.depth == 2)
    #expect(certificate.threads >= 3)
    #expect(certificate.steps >= 16)
    #expect(certificate.confidence > 0 && certificate.confidence < 1)
    // 1 - 0.05 ** (1 / 20) and 1 - 0.05 ** (1 / 40)
    #expect(result.seedBound.map { abs($0 - 0.13910834066826516) < 1e-9 } == true)
    #expect(result.bound.map { abs($0 - 0.0721575245055146) < 1e-9 } == true)
  }

  /// Threads that are born later than the arms saw: the certificate's bounds do not hold.
  struct Growing: SystemUnderTest {
    let inner: LockPair
    /// Whether schedules without latencies, which only the certificate runs, have more threads each time.
    let runs = Counter()

    func makeSession(_ request: RunRequest) -> LockPair.Session {
      if case .explore(let plan) = request.schedule, plan.noise == .none { runs.schedule = request.scheduleSeed }
      return inner.makeSession(request)
    }
    func drive(_ session: LockPair.Session, in runtime: Runtime) throws(Stopped) {
      if let seed = runs.schedule {
        for _ in 0..<runs.number(of: seed) { try runtime.spawn("extra") { () throws(Stopped) in }.join() }
      }
      try inner.drive(session, in: runtime)
    }
    func judge(_ session: LockPair.Session, _ end: RunEnd) -> Judgement { inner.judge(session, end) }
  }

  /// Numbers schedules as they come; one that is run again keeps its number.
  final class Counter: @unchecked Sendable {
    var schedule: UInt64?
    private var numbers: [UInt64: Int] = [:]
    func number(of seed: UInt64) -> Int {
      let number = numbers[seed] ?? numbers.count + 1
      numbers[seed] = number
      return number
    }
  }

  @Test func `A proof whose certificate has no bounds is inconclusive`() {
    let spec = pairSpec()
    let fixed = Growing(inner: LockPair(isReversed: false))
    let off = Growing(inner: LockPair(isReversed: false, isFaultArmed: false))
    let original = Growing(inner: LockPair(isReversed: true))
    let nominal = Growing(inner: LockPair(isReversed: true, isFaultArmed: false))
    let result = Prover(spec, executor: Executor()) { arm in
      switch arm {
      case .originalOff: nominal
      case .originalOn: original
      case .fixedOff: off
      case .fixedOn: fixed
      }
    }.run()
    guard case .inconclusive(let reasons) = result.statement else {
      Issue.record("the statement is \(result.statement)")
      return
    }
    #expect(reasons.count == 1)
    #expect(reasons.first?.hasPrefix("the PCT certificate is missing: a schedule had ") == true)
    #expect(result.certificate == nil)
  }

  @Test func `A proof cut before the lift says so`() {
    var done = 0
    let spec = pairSpec(schedules: 10, campaigns: 1)
    let result = Prover(
      spec, executor: Executor(), progress: { _, _ in done += 1 }, isOverBudget: { done >= 20 + 1 + 20 + 3 }
    ) { arm in LockPair(isReversed: arm.isOriginal, isFaultArmed: arm.isFaultOn) }.run()
    guard case .inconclusive(let reasons) = result.statement else {
      Issue.record("the statement is \(result.statement)")
      return
    }
    #expect(reasons.contains { $0.hasPrefix("the lift is missing: 3 of 10 schedules") }, "\(reasons)")
  }

  @Test func `Coverage is kept when asked for and changes nothing`() throws {
    let spec = pairSpec(schedules: 20)
    func prove(_ keeps: Bool) -> ProofResult {
      var prover = Prover(spec, executor: Executor()) { arm in
        LockPair(isReversed: arm.isOriginal, isFaultArmed: arm.isFaultOn)
      }
      prover.keepsCoverage = keeps
      return prover.run()
    }
    let (without, with) = (prove(false), prove(true))
    #expect(without.arms.allSatisfy { $0.coverage == nil })
    let coverage = try #require(with[.fixedOn].coverage)
    #expect(coverage.schedules == with[.fixedOn].ran)
    #expect(coverage.contains(Coverage.Item(.lockOrder, "a -> b")))
    #expect(!coverage.contains(Coverage.Item(.lockOrder, "b -> a")))
    #expect(with[.originalOn].coverage?.contains(Coverage.Item(.lockOrder, "b -> a")) == true)
    #expect(coverage.figures(.preemption).seen > 0)
    #expect(coverage.figures(.handOff).seen > 0)
    #expect(with[.fixedOn].tallies.map(\.value) == without[.fixedOn].tallies.map(\.value))
    #expect(with[.originalOn].campaigns == without[.originalOn].campaigns)
  }
}
