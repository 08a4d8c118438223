import Basics
import ChaosRuntime
public import Exploration

/// The four arms of a proof.
public enum Arm: String, Sendable, CaseIterable {
  case originalOff = "original, fault off"
  case originalOn = "original, fault on"
  case fixedOff = "fixed, fault off"
  case fixedOn = "fixed, fault on"

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
  public var index: Int
  public var request: RunRequest
  public var check: String
  public var reason: String
}

/// What became of one arm.
public struct ArmResult: Sendable {
  public var arm: Arm
  /// Schedules that were run.
  public var ran = 0
  /// Schedules that count: in a fault arm those in which the fault fired and every landmark was passed; for a signature
  /// about times the stall-free ones.
  public var counted = 0
  /// Schedules without enough firings or landmarks; run, judged, printed, and redrawn.
  public var notReached = 0
  /// Schedules whose times were printed and not judged.
  public var stalled = 0
  /// Schedules that a check of the proof could not judge; they failed nothing and do not count.
  public var unjudged = 0
  /// What the first of them lacked.
  public var unjudgedBy: Verdict?
  public var firings = 0
  /// Schedules that were run twice, to see that they are the same.
  public var repeated = 0
  /// Threads that swallowed the stop of some schedule, each once, 20 at most.
  public var unresponsiveThreads: [String] = []
  /// The first of them that was not; it ends the arm.
  public var divergence: Divergence?
  public var failures: [ArmFailure] = []
  /// Of the original under the fault: schedules of each campaign to its first failure; nil: none within the bound.
  public var campaigns: [Int?] = []
  /// Schedules after which a campaign gave up.
  public var campaignMax = 0
  /// Most steps with a choice, and threads, of one schedule.
  public var choicesMax = 0
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

  public init(arm: Arm) { self.arm = arm }

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

  /// Where no campaign found a failure: the 95 % lower bound of the schedules to one.
  public var meanAtLeast: Double? {
    campaigns.contains { $0 != nil } ? nil : Statistics.mean(of: campaigns, cap: campaignMax)?.low
  }

  mutating func note(unjudged verdict: Verdict) {
    unjudged += 1
    if unjudgedBy == nil { unjudgedBy = verdict }
  }

  mutating func note(_ report: RunReport) {
    if !report.reachedStepLimit { choicesMax = max(choicesMax, report.choicePoints) }
    threadsMax = max(threadsMax, report.threadCount)
    coverage?.add(report)
  }
}

/// A proof and all its numbers.
public struct ProofResult: Sendable {
  public enum Statement: Sendable, Equatable {
    case proven
    /// What is missing, one sentence each.
    case notProven([String])
    case inconclusive([String])
  }

  public var spec: ProofSpec
  public var arms: [ArmResult]
  public var statement: Statement
  /// Nil where the proof ended before it.
  public var lift: Lift?
  public var certificate: Certificate?

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
