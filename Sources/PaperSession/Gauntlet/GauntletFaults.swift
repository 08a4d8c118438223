import Basics
import Trading
import Exploration
import FaultInjection
import HistoricalBugs
import Proof

/// Each fault alone and each pair of faults on the fixed engine.
extension GauntletCases {
  private var schedulesAlone: Int { isThorough ? 200 : 32 }
  private var schedulesOfPair: Int { isThorough ? 48 : 12 }
  /// Schedules after which a pair that never fired together is inconclusive.
  private static let schedulesOfPairMax = 60
  /// The same for one fault, whose injects never all fired in one schedule.
  private static let schedulesAloneMax = 256
  /// Long enough for a few of the rarest calls, the balance queries once a minute.
  private static let defaultSeconds = 300.0

  func faultsAlone() throws(UsageError) -> [GauntletCase] {
    var cases: [GauntletCase] = []
    for fault in selection.library.faults { cases.append(try faultCase([fault.id])) }
    return cases
  }

  func pairs() throws(UsageError) -> [GauntletCase] {
    var cases: [GauntletCase] = []
    for (first, second) in FaultPairs.all(selection.library.faults) { cases.append(try faultCase([first, second])) }
    return cases
  }

  private func faultCase(_ ids: [String]) throws(UsageError) -> GauntletCase {
    var sources: [PaperInputs.FaultSource] = []
    var faults: [Fault] = []
    for id in ids {
      let chosen = try selection.source(id)
      sources.append(chosen.source)
      faults.append(chosen.fault)
    }
    let isPair = ids.count > 1
    let count = isPair ? schedulesOfPair : schedulesAlone
    let general = PaperSystem.checks(of: isPair ? .pair : .fault, under: ids)
    let checks = faults.flatMap { ProofPlans.checks(of: $0) }.filter(general.contains)
    var spec = ProofSpec(
      fault: (ids.joined(separator: "+"), ""), bug: "none", bugTitle: "the fixed engine", standing: nil,
      seed: options.seed, virtualSeconds: 0, signature: CheckName.noCrash.rawValue, isTimeSignature: false,
      judgedBy: checks,
      baseChecks: PaperSystem.baseChecks,
      firedMin: isPair ? 1 : faults.map(\.expect.firedMin).max() ?? 1, landmarks: [], command: "")
    spec.anyInject = faults.filter { $0.expect.firedMin == 0 }.map(\.id)
    spec.general = general
    let id = "\(isPair ? "pair" : "fault")/\(ids.joined(separator: "+"))"
    let scenes = scenes(of: ids, sources)
    return GauntletCase(
      id: id, title: "the fixed engine under \(ids.joined(separator: " and "))", replay: again(id), weight: count
    ) { run in under(spec, scenes.map(system), count: count, run, id) }
  }

  /// Scenes in which a fault alone is also met: other ends of positions, another asset of fees, a shutdown under it.
  private static let scenesOfFault = ["falling", "rising", feeScene, "sudden-end", "rush"]
  private static let feeScene = "fees-in-coins"
  /// A venue with other codes, ids that are free again, and reports that name no fee; and a scene on it.
  private static let other = (scene: "rush", settings: [PaperInputs.Setting(name: "VENUE", value: "binance")])
  /// Faults that are not met there. Where ids are free again, a request that arrives twice buys twice: no engine can keep the
  /// venue from it.
  private static let withoutOther = ["duplicate-id"]
  /// Under these nobody can know that a fee was taken in coins: no report names it.
  private static let withoutFees = ["null-fee", "fee-of-a-rest", "everyday"]
  /// Scenes that one fault meets besides, from the first moment on, since the others lack what it needs.
  private static let scenesBesides = [
    "late-events": ["many-orders"], "slow-budget-refresh": ["holding"],
    "lagging-balances": ["holding"], "thread-dies": ["unattended"],
    "threads-die-seldom": ["many-orders"], "fill-told-at-the-end": Array(repeating: "sudden-end", count: 6),
    "hung-orders": ["fractions"], "balances-without-a-stream": Array(repeating: "watchful", count: 6),
    "stream-gone-and-balances-old": Array(repeating: "watchful", count: 4),
    "sale-beside-a-query": ["fractions", "fractions", "watchful"],
    "entries-wait-too-long": ["fractions", "fractions", "fractions"],
    "reply-lost-while-booking": ["fractions", "fractions"], "late-refusals": ["fractions"],
    "given-up-as-it-fills": ["fractions", "fractions"],
    "calls-hang-again": ["many-orders", "fractions"],
    "balances-late-and-sales-lost": ["fractions", "fractions"], "log-overflows": ["narrow-log"],
    // Who falls asleep at the last moment is seldom caught: six times as many.
    "quotes-pause": Array(repeating: "creeping", count: 3), "slow-fill": ["full", "full"],
    "slow-to-sleep": Array(repeating: ["ended-twice", "sudden-end"], count: 3).flatMap { $0 },
  ]

  /// The default market with the phases of a proof and with those of a paper session, the scenario of the first bug that
  /// each of the faults provokes, and the scenes that every fault alone meets.
  private func scenes(of ids: [String], _ sources: [PaperInputs.FaultSource]) -> [PaperInputs] {
    var bugs: [HistoricalBug] = []
    for id in ids {
      if let bug = AllBugs.all.first(where: { $0.provokedBy.faults.contains(id) }),
        !bugs.contains(where: { $0.id == bug.id })
      {
        bugs.append(bug)
      }
    }
    let markets: [PaperInputs.Kind] = [.proof, .paper]
    let isPair = ids.count > 1
    let more =
      isPair ? [] : Self.scenesOfFault.filter { $0 != Self.feeScene || !Self.withoutFees.contains(ids[0]) }
    let besides = isPair ? [] : Self.scenesBesides[ids[0]] ?? []
    return markets.map { PaperInputs(kind: $0, faults: sources, durationSeconds: Self.defaultSeconds) }
      + bugs.map { PaperInputs(kind: .proof, bug: $0.id, faults: sources) }
      + more.map { PaperInputs(kind: .proof, faults: sources, scene: $0) }
      + besides.map { PaperInputs(kind: .paper, faults: sources, scene: $0) }
      + (isPair || Self.withoutOther.contains(ids[0])
        ? [] : [PaperInputs(kind: .proof, faults: sources, settings: Self.other.settings, scene: Self.other.scene)])
  }

  private func under(_ spec: ProofSpec, _ systems: [PaperSystem], count: Int, _ run: CaseRun, _ id: String)
    -> CaseResult
  {
    let search = Search(Seeds(spec.seed), arm: 3)
    func system(_ index: Int) -> PaperSystem { systems[index / 2 % systems.count] }
    var sweep = run.sweep(of: PaperSystem.self, epoch: systems[0].epoch) {
      "the fixed engine in \(system($0).inputs.marketText)"
    }
    var orders = 0
    let locks = LockOrderWatch(
      check: CheckName.lockOrder.rawValue, mayNest: Self.mayNest, signalsNeedLock: true)
    func schedules(from first: Int, until goal: CampaignGoal) -> Campaign {
      sweep.run(
        from: first, until: goal, of: system,
        request: { index in
          var request = search.request(index)
          locks.prepare(&request)
          return request
        },
        judge: { report, _ in
          search.note(report)
          orders += report.judgement.deed(PaperSystem.orders)
          let isReached = spec.isReached(report)
          if let verdict = locks.note(report) ?? spec.failing(report) { return .fails(verdict, counts: isReached) }
          return isReached ? spec.unjudged(report).map { .unjudged($0) } ?? .counts : .notReached
        })
    }
    let name = spec.fault?.id ?? ""
    var campaigns = [schedules(from: 0, until: CampaignGoal(ran: count, failed: 1))]
    // A fault of many injects is rarely met whole, and of two one may leave no room for the other: more schedules until it
    // happened once.
    let more = (name.contains("+") ? Self.schedulesOfPairMax : Self.schedulesAloneMax) - count
    if more > 0, campaigns[0].failure == nil, campaigns[0].counts.counted == 0, !campaigns[0].isCut {
      campaigns.append(schedules(from: count, until: CampaignGoal(ran: more, counted: 1, failed: 1)))
    }
    var done = CaseResult(id: name, arms: [])
    var counts = ScheduleCounts()
    for campaign in campaigns { counts += campaign.counts }
    done.schedules = counts.ran
    done.cuts = search.cuts
    if let reason = sweep.reason {
      done.arms = [CaseResult.Arm(name, .failed, reason)]
      return done
    }
    if let (index, report, verdict) = campaigns.lazy.compactMap(\.failure).first {
      let place = "\(system(index).inputs.marketText), schedule \(index + 1)"
      done.arms = [CaseResult.Arm(name, .failed, "\(verdict.check) in the \(place): \(verdict.reason)")]
      done.directory = keep(report, of: system(index), id: id, judgedBy: spec.checks)
      return done
    }
    let isWhole = !campaigns.contains { $0.isCut }
    let text =
      "\(counts.ran) of \(max(count, counts.ran)) schedules passed, \(counts.counted) of them with the faults fired and "
      + "every check judging"
      + (counts.unjudgedBy.map { "; \($0.check) could not judge some: \($0.reason)" } ?? "")
    done.arms = [CaseResult.Arm(name, isWhole && counts.counted > 0 ? .passed : .inconclusive, text)]
    if let idle = Self.idle(name, orders: orders, schedules: done.schedules) { done.arms.append(idle) }
    return done
  }
}
