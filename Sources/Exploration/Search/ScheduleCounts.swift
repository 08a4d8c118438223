public import Basics

/// What one schedule showed whoever asked for it.
public enum Finding: Sendable {
  /// Nothing failed, what was to be tested was tested, and everything that judges could judge.
  case counts
  /// The fault fired too seldom, or a landmark was missed.
  case notReached
  /// Its times say nothing, as the scheduler held threads up; nothing else failed.
  case stalled
  /// A check says neither pass nor fail.
  case unjudged(Verdict)
  /// `counts`: whether the schedule is one of those that tested something.
  case fails(Verdict, counts: Bool)

  /// Nil: nothing failed.
  public var failure: Verdict? { if case .fails(let verdict, _) = self { verdict } else { nil } }
}

/// Schedules by what they showed.
public struct ScheduleCounts: Sendable {
  /// All, whatever they showed; repetitions are not counted.
  public private(set) var ran = 0
  /// Of them those that are evidence.
  public private(set) var counted = 0
  /// Those that met too little.
  public private(set) var notReached = 0
  /// Those whose times say nothing.
  public private(set) var stalled = 0
  /// Those that a check could not judge.
  public private(set) var unjudged = 0
  /// What the first of these lacked.
  public private(set) var unjudgedBy: Verdict?
  /// Those that failed, whether or not they count besides.
  public private(set) var failed = 0

  /// Nothing was run.
  public init() {}

  /// Adds one schedule.
  public mutating func add(_ finding: Finding) {
    ran += 1
    switch finding {
    case .counts: counted += 1
    case .notReached: notReached += 1
    case .stalled: stalled += 1
    case .unjudged(let verdict):
      unjudged += 1
      unjudgedBy = unjudgedBy ?? verdict
    case .fails(_, let counts):
      failed += 1
      counted += counts ? 1 : 0
    }
  }

  /// The schedules of both; `unjudgedBy` is the first one's that has any.
  public static func += (sum: inout ScheduleCounts, other: ScheduleCounts) {
    sum.ran += other.ran
    sum.counted += other.counted
    sum.notReached += other.notReached
    sum.stalled += other.stalled
    sum.unjudged += other.unjudged
    sum.unjudgedBy = sum.unjudgedBy ?? other.unjudgedBy
    sum.failed += other.failed
  }
}

/// When a campaign has enough: as soon as it has one of these numbers.
public struct CampaignGoal: Sendable {
  /// Schedules run, whatever they showed: the bound of every campaign.
  public var ran: Int
  /// Evidence.
  public var counted: Int
  /// Failures.
  public var failed: Int
  /// Schedules that met too little.
  public var notReached: Int

  /// What is left out never ends the campaign.
  public init(ran: Int = .max, counted: Int = .max, failed: Int = .max, notReached: Int = .max) {
    self.ran = ran
    self.counted = counted
    self.failed = failed
    self.notReached = notReached
  }

  /// Whether one of the numbers is reached.
  public func isMet(by counts: ScheduleCounts) -> Bool {
    counts.ran >= ran || counts.counted >= counted || counts.failed >= failed || counts.notReached >= notReached
  }
}
