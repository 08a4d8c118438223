import Basics
import Exploration
import Proof
import TestSupport
import Testing

/// A case that answers at once and takes `seconds` of the clock in the box.
func gauntletCase(
  _ id: String, _ outcome: CaseOutcome = .passed, text: String = "well", clock: Clock? = nil, seconds: Double = 0
) -> GauntletCase {
  GauntletCase(id: id, title: "title of \(id)", replay: "again \(id)", weight: 10) { run in
    clock?.now += seconds
    if run.isOverBudget(), outcome == .passed { return CaseResult(id: id, .inconclusive, "cut") }
    return CaseResult(id: id, outcome, text)
  }
}

/// A clock that cases move.
final class Clock {
  var now = 0.0

  func options(budget: Double? = nil, failFast: Bool = false) -> GauntletOptions {
    GauntletOptions(
      jobs: 0, budgetSeconds: budget, isFailFast: failFast, now: { self.now }, processorSeconds: { self.now / 2 })
  }
}

@Suite struct GauntletTests {
  @Test func `All cases run in order and the worst decides`() {
    let clock = Clock()
    var seen: [String] = []
    let cases = [
      gauntletCase("proof/a", clock: clock, seconds: 3), gauntletCase("fault/b", .inconclusive),
      gauntletCase("pair/c", .failed, text: "red"),
    ]
    let result = Gauntlet(cases, options: clock.options()).run(finished: { seen.append($0.id) })
    #expect(seen == ["proof/a", "fault/b", "pair/c"])
    #expect(result.results.map(\.outcome) == [.passed, .inconclusive, .failed])
    #expect(result.results.map(\.seconds) == [3, 0, 0])
    #expect(result.results[0].cpuSeconds == 1.5)
    #expect(result.exitCode == 1)
    #expect(Gauntlet(Array(cases.prefix(2)), options: clock.options()).run().exitCode == 3)
    #expect(Gauntlet(Array(cases.prefix(1)), options: clock.options()).run().exitCode == 0)
    #expect(Gauntlet([gauntletCase("a", .crashed), cases[2]], options: clock.options()).run().exitCode == 70)
  }

  @Test func `Nothing selected is no success`() {
    #expect(Gauntlet([], options: Clock().options()).run().exitCode == 5)
  }

  @Test func `What a budget cuts is inconclusive`() {
    let clock = Clock()
    let cases = (1...4).map { gauntletCase("proof/\($0)", clock: clock, seconds: 4) }
    let result = Gauntlet(cases, options: clock.options(budget: 6)).run()
    #expect(result.results.map(\.outcome) == [.passed, .inconclusive, .inconclusive, .inconclusive])
    #expect(result.results[1].arms[0].text == "cut")
    #expect(result.results[3].arms[0].text == "not run: the budget was used up")
    #expect(result.exitCode == 3)
  }

  @Test func `Fail fast ends at the first failure`() {
    let cases = [gauntletCase("a"), gauntletCase("b", .failed), gauntletCase("c")]
    let result = Gauntlet(cases, options: Clock().options(failFast: true)).run()
    #expect(result.results.map(\.outcome) == [.passed, .failed, .inconclusive])
    #expect(result.results[2].arms[0].text == "not run: --fail-fast ended the gauntlet")
    #expect(result.exitCode == 1)
  }

  @Test func `An interrupted gauntlet keeps what it has`() {
    var done = 0
    let result = Gauntlet([gauntletCase("a"), gauntletCase("b")], options: Clock().options()).run(
      finished: { _ in done += 1 }, isInterrupted: { done == 1 })
    #expect(result.wasInterrupted)
    #expect(result.results.map(\.outcome) == [.passed, .inconclusive])
    #expect(result.results[1].arms[0].text == "interrupted before it ended")
  }

  @Test func `Every case is in exactly one shard`() throws {
    for count in 1...7 {
      let shards = try (1...count).map { try #require(GauntletShard("\($0)/\(count)")) }
      for position in 0..<50 { #expect(shards.count { $0.contains(position) } == 1) }
    }
    for text in ["0/4", "5/4", "1/0", "1", "a/b", "1/4/2", "-1/4", "1/1001", ""] { #expect(GauntletShard(text) == nil) }
  }

  @Test func `A result survives the pipe`() throws {
    var result = CaseResult(
      id: "proof/9.1", arms: [.init("original, fault on", .passed, "\"quoted\"\nand more"), .init("b", .crashed, "")],
      figures: [("mean", 1.25), ("no fault", nil)], schedules: 440,
      details: .object([("seed", .number("18446744073709551615"))]))
    result.note = "note"
    result.seconds = 1.5
    let text = result.json.text
    #expect(!text.contains("\n"))
    let again = try #require(CaseResult(json: try JSON.parse(Array(text.utf8))))
    #expect(again == result)
    #expect(again.outcome == .crashed)
    #expect(again.worstArm?.name == "b")
    #expect(again[figure: "mean"] == 1.25)
    #expect(CaseResult(json: .object([("id", .string("x"))])) == nil)
    #expect(CaseResult(id: "x", arms: []).outcome == .inconclusive)
  }

  @Test func `A proofs arms are outcomes`() {
    let good = ArmOutcomes.of(provePair(pairSpec()))
    #expect(good.map(\.outcome) == [.passed, .passed, .passed, .passed])
    #expect(good.map(\.name) == Arm.allCases.map(\.rawValue))
    let broken = ArmOutcomes.of(
      provePair(pairSpec()) { arm, system in if arm == .fixedOn { system.isReversed = true } })
    #expect(broken.map(\.outcome) == [.passed, .passed, .passed, .failed])
    let calm = ArmOutcomes.of(provePair(pairSpec()) { _, system in system.isReversed = false })
    #expect(calm[1].outcome == .failed)
    let silent = ArmOutcomes.of(provePair(pairSpec()) { _, system in system.plan = "0%sleep(5ms)" })
    #expect(silent[1].outcome == .inconclusive)
    #expect(silent[3].outcome == .inconclusive)
  }

  @Test func `Searches without the fault are counted apart`() {
    let spec = pairSpec()
    func search(_ without: Provocations<LockPair>.Without, _ system: LockPair) -> Provocations<LockPair> {
      Provocations(spec, without: without, count: 4, max: 10, of: system, executor: Executor())
    }
    let quick = search(.stalls, LockPair(isReversed: true))
    #expect(quick.searches.count == 4)
    #expect(quick.searches.allSatisfy { $0 != nil })
    #expect(quick.mean.map { $0 >= 1 && $0 <= 10 } == true)
    let never = search(.fault, LockPair(isReversed: false, isFaultArmed: false))
    #expect(never.searches == [nil, nil, nil, nil])
    #expect(never.ran == 40)
    #expect(never.mean == nil)
    let cut = Provocations(
      spec, without: .fault, count: 4, max: 10, of: LockPair(isReversed: false), executor: Executor(),
      isOverBudget: { true })
    #expect(cut.isCut && cut.searches.isEmpty)
  }
}
