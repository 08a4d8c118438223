import Basics
import ChaosRuntime
public import Exploration

/// The four arms of a proof.
public enum Arm: String, Sendable, CaseIterable {
  /// The code before the fix, without what provokes the bug: it must pass.
  case originalOff = "original, fault off"
  /// The code before the fix, provoked: it must fail.
  case originalOn = "original, fault on"
  /// The fix, undisturbed: it must pass.
  case fixedOff = "fixed, fault off"
  /// The fix, provoked: it must pass, which is what is proven.
  case fixedOn = "fixed, fault on"

  /// Whether the arm runs the code before the fix.
  public var isOriginal: Bool { self == .originalOff || self == .originalOn }
  /// Whether the fault is armed, or the scenario has the condition.
  public var isFaultOn: Bool { self == .originalOn || self == .fixedOn }

  /// The arm's name on a screen: where a condition provokes the bug it says so.
  func label(_ spec: ProofSpec) -> String {
    let whose = isOriginal ? "original" : "fixed"
    return "\(whose), \(spec.provocation) \(isFaultOn ? "on" : "off")"
  }
}

/// One schedule that did not end as its arm must.
public struct ArmFailure: Sendable {
  /// Which schedule of its arm.
  public var index: Int
  /// What runs it again.
  public var request: RunRequest
  /// What failed: a check, or what an incident counts as.
  public var check: String
  /// Why, in one sentence.
  public var reason: String
}

/// What became of one arm.
public struct ArmResult: Sendable {
  /// Which arm.
  public var arm: Arm
  /// In a fault arm a schedule counts in which the fault fired and every landmark was passed; for a signature about times
  /// a stall-free one. The others were run, judged, printed, and drawn again.
  public private(set) var counts = ScheduleCounts()
  /// How often the fault fired in all schedules.
  public var firings = 0
  /// Schedules that were run twice, to see that they are the same.
  public var repeated = 0
  /// Threads that swallowed the stop of some schedule, each once, 20 at most.
  public var unresponsiveThreads: [String] = []
  /// The first of them that was not; it ends the arm.
  public var divergence: Divergence?
  /// The first failures, 20 at most.
  public var failures: [ArmFailure] = []
  /// Of the original under the fault: schedules of each campaign to its first failure; nil: none within the bound.
  public var campaigns: [Int?] = []
  /// Schedules after which a campaign gave up.
  public var campaignMax = 0
  /// Most steps with a choice, and threads, of one schedule.
  public var choicesMax = 0
  /// The most threads of one schedule.
  public var threadsMax = 0
  /// Of the counted schedules: how many different scenario seeds they ran.
  public var scenarioSeeds: Set<UInt64> = []
  /// What the schedules showed, when it was asked for.
  public var coverage: Coverage?
  /// What its searches left out.
  public var cuts = SearchCuts()
  /// Which check ended each successful campaign, in the order of the first occurrence.
  public var failedBy: [(check: String, count: Int)] = []
  /// Sums over all counted schedules, in a fixed order.
  public var tallies: [(name: String, value: Int)] = []
  /// The first schedule of the original that failed; of a fixed arm its last.
  public var exhibit: RunReport?

  /// An arm of which nothing has run.
  public init(arm: Arm) { self.arm = arm }

  /// Schedules that were run, repetitions aside.
  public var ran: Int { counts.ran }
  /// Schedules that are evidence.
  public var counted: Int { counts.counted }
  /// Schedules without enough firings or landmarks.
  public var notReached: Int { counts.notReached }
  /// Schedules whose times were printed and not judged.
  public var stalled: Int { counts.stalled }
  /// Schedules that a check of the proof could not judge; they failed nothing and do not count.
  public var unjudged: Int { counts.unjudged }
  /// What the first of them lacked.
  public var unjudgedBy: Verdict? { counts.unjudgedBy }

  mutating func take<System: SystemUnderTest>(_ counts: ScheduleCounts, of sweep: Sweep<System>) {
    self.counts = counts
    repeated = sweep.repeated
    divergence = sweep.divergence
  }

  mutating func add(_ tallies: [(name: String, value: Int)]) {
    for tally in tallies {
      if let index = self.tallies.firstIndex(where: { $0.name == tally.name }) {
        self.tallies[index].value += tally.value
      } else {
        self.tallies.append(tally)
      }
    }
  }

  /// Schedules to the first failure, on average over all campaigns, with its 95 % interval; nil: none found one.
  public var meanToFailure: Statistics.Mean? {
    campaigns.contains { $0 != nil } ? Statistics.mean(of: campaigns, cap: campaignMax) : nil
  }

  mutating func noteFirings(_ report: RunReport) {
    firings += report.judgement.faultCounts.reduce(0) { $0 + $1.fired }
  }

  mutating func note(_ report: RunReport) {
    if !report.reachedStepLimit { choicesMax = max(choicesMax, report.choicePoints) }
    threadsMax = max(threadsMax, report.threadCount)
    coverage?.add(report)
    for name in report.unresponsiveThreads
    where !unresponsiveThreads.contains(name) && unresponsiveThreads.count < 20 {
      unresponsiveThreads.append(name)
    }
  }
}

/// A proof and all its numbers.
public struct ProofResult: Sendable {
  /// What the proof says.
  public enum Statement: Sendable, Equatable {
    /// Nothing is missing.
    case proven
    /// What is missing, one sentence each.
    case notProven([String])
    /// Nothing speaks against it, and this is open, one sentence each.
    case inconclusive([String])
  }

  /// What was to be proven.
  public var spec: ProofSpec
  /// The four arms, in the order of `Arm`.
  public var arms: [ArmResult]
  /// Proven or not, and why not.
  public var statement: Statement
  /// Nil where the proof ended before it.
  public var lift: Lift?
  /// Nil where the fix failed before, or schedules were not within the bounds.
  public var certificate: Certificate?

  /// The result of an arm; one without schedules where it did not run.
  public subscript(arm: Arm) -> ArmResult { arms.first { $0.arm == arm } ?? ArmResult(arm: arm) }

  /// Exact upper bound of the fix's failure rate at 95 % under the mix of schedules that ran: 1 - 0.05^(1/N).
  public var bound: Double? {
    let n = self[.fixedOn].counted
    return n > 0 && self[.fixedOn].failures.isEmpty ? Statistics.bound(clean: n) : nil
  }

  /// The same over different scenario seeds instead of schedules, as schedules of one seed are not independent of each
  /// other: 1 - 0.05^(1/seeds). For information; it decides nothing.
  public var seedBound: Double? {
    bound.map { _ in Statistics.bound(clean: max(1, self[.fixedOn].scenarioSeeds.count)) }
  }

  /// How many times rarer the failure is with the fix, at least: the original's rate at the lower end of its interval over
  /// `bound`; nil when a campaign found nothing.
  public var rarer: Double? {
    guard let mean = self[.originalOn].meanToFailure, bound != nil,
      self[.originalOn].campaigns.allSatisfy({ $0 != nil })
    else { return nil }
    return Statistics.rarer(clean: self[.fixedOn].counted, than: mean)
  }

  /// The first schedule that was not the same when it was run again.
  public var divergence: Divergence? { arms.lazy.compactMap(\.divergence).first }

  /// DESIGN.md section 12: 0 proven, 1 not, 3 inconclusive; 70 when a schedule could not be repeated.
  public var exitCode: Int32 {
    if divergence != nil { return 70 }
    return switch statement {
    case .proven: 0
    case .notProven: 1
    case .inconclusive: 3
    }
  }
}
