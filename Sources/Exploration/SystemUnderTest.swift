public import Basics
public import ChaosRuntime

/// A program that can be started in a runtime, driven, stopped and judged.
///
/// One value stands for one arm of an experiment: which revision of the program, under which faults.
public protocol SystemUnderTest: Sendable {
  /// Everything that one run owns: made before it, filled during it, read after it.
  associatedtype Session: Sendable

  /// Everything that one run of `request` will own; called before its runtime exists, once for each run.
  func makeSession(_ request: RunRequest) -> Session

  /// Runs as the first thread; returning ends the run. Live, the same call runs on an OS thread.
  func drive(_ session: Session, in runtime: Runtime) throws(Stopped)

  /// Pure: reads what the run left behind.
  func judge(_ session: Session, _ end: RunEnd) -> Judgement
}

extension Schedule where Explorer == StrategyPlan {
  /// The random walk; stall-free schedules are those in which limits in time are judged.
  public static func explore(stalls: Bool) -> Schedule {
    .explore(StrategyPlan(.randomWalk, noise: stalls ? .stalls : .latencies))
  }
}

/// Which run: the seeds and the kind of schedule.
public struct RunRequest: Sendable {
  /// Draws market and scenario.
  public var scenarioSeed: UInt64
  /// Draws scheduling, latency and faults.
  public var scheduleSeed: UInt64
  /// Who decides.
  public var schedule: Schedule<StrategyPlan>
  /// Whether an incident's stacks are walked; costs a few microseconds per thread.
  public var wantsStacks: Bool
  /// Timed waits on conditions last until they are signalled; see `TimeoutDifferential`.
  public var ignoresTimeouts = false
  /// What is kept of the steps, for comparisons.
  public var tracing = ScheduleTrace.Detail.off
  /// Whether the judgement tells what `Coverage` counts.
  public var wantsCoverage = false
  /// Whether the order in which locks are taken is kept.
  public var wantsLockOrder = false
  /// Whether the judgement tells what a report on the session exits with.
  public var wantsReport = false

  /// A request; what is looked at besides (coverage, lock order, trace) is off until it is set.
  public init(scenarioSeed: UInt64, scheduleSeed: UInt64, schedule: Schedule<StrategyPlan>, wantsStacks: Bool = false) {
    self.scenarioSeed = scenarioSeed
    self.scheduleSeed = scheduleSeed
    self.schedule = schedule
    self.wantsStacks = wantsStacks
  }

  /// Limits in time are judged only where no thread was held up by the scheduler.
  public var isStallFree: Bool {
    switch schedule {
    case .nominal: true
    case .explore(let plan): plan.noise != .stalls
    case .resample(let recording, _, let plan):
      plan.noise != .stalls && !recording.lines.contains { $0.kind == .stall }
    case .replay(let recording): !recording.lines.contains { $0.kind == .stall }
    }
  }
}

/// What the runtime knows when a run has ended.
public struct RunEnd: Sendable {
  /// What the watchdog is certain of, in the order of finding; the run was stopped at the first.
  public var incidents: [Incident]
  /// Where the run's clock stood at its end.
  public var ended: Instant
  /// Landmarks that were passed and how often, in the order of first arrival.
  public var landmarks: [(name: String, count: Int)]
  /// Activities that were left later than their limit allows, though they were left.
  public var overdueActivities: [(thread: String, activity: String, limit: Duration, took: Duration, time: Instant)]
  /// Each thread, and when it had ended if it had when the run was stopped.
  public var threads: [ThreadState]
  /// Threads that swallowed the stop: they would have gone on for ever.
  public var unresponsiveThreads: [String] = []
  /// Whether no thread was held up by the scheduler: only then limits in time are judged.
  public var isStallFree: Bool
  /// A stretch in which nothing in the process ran.
  public struct Standstill: Sendable {
    /// Why: the process was stopped from outside, or the machine slept.
    public enum Cause: String, Sendable { case stopped, suspended }

    /// When it began.
    public var start: Instant
    /// How long it took.
    public var length: Duration
    /// What is known of the reason.
    public var cause: Cause

    /// A stretch as given.
    public init(start: Instant, length: Duration, cause: Cause) {
      (self.start, self.length, self.cause) = (start, length, cause)
    }
  }

  /// Of a live run: what limits in time mean nothing for.
  public var standstills: [Standstill] = []
  /// Of a live run: why the watchdog may have missed a deadlock or a hang; nil: it saw every thread.
  public var unwatched: String?
  /// What carried the threads, as `run.json` names it: `fibers`, `threads` or `live`.
  public var carrier: String
  /// Drew the schedule, the latencies and the faults.
  public var scheduleSeed: UInt64
  /// What a crash would have left of replaced files from moment to moment; empty where the disk does not know.
  public var crashImages: [CrashImage] = []
  /// What was added to files from moment to moment; empty where the disk does not know.
  public var appends: [AppendNote] = []
  /// What stands on the disk of the run, sorted by path.
  public var files: [(path: String, bytes: [UInt8])]

  /// An end as given; threads that swallowed the stop are set afterwards.
  public init(
    incidents: [Incident], ended: Instant, landmarks: [(name: String, count: Int)],
    overdueActivities: [(thread: String, activity: String, limit: Duration, took: Duration, time: Instant)],
    threads: [ThreadState], isStallFree: Bool, carrier: String, scheduleSeed: UInt64,
    files: [(path: String, bytes: [UInt8])]
  ) {
    self.incidents = incidents
    self.ended = ended
    self.landmarks = landmarks
    self.overdueActivities = overdueActivities
    self.threads = threads
    self.isStallFree = isStallFree
    self.carrier = carrier
    self.scheduleSeed = scheduleSeed
    self.files = files
  }
}

/// How often one inject of a fault could have fired and did.
public struct FaultCount: Sendable, Equatable {
  /// Id of the fault.
  public var fault: String
  /// Index of the inject in its fault, from 0.
  public var inject: Int
  /// Where in the program it acts.
  public var site: String
  /// How often the program came by the site.
  public var hits: Int
  /// Hits that the inject's conditions let through: those at which it could have fired.
  public var eligible: Int
  /// Eligible hits at which it fired.
  public var fired: Int

  /// Counts as given.
  public init(fault: String, inject: Int, site: String, hits: Int, eligible: Int, fired: Int) {
    self.fault = fault
    self.inject = inject
    self.site = site
    self.hits = hits
    self.eligible = eligible
    self.fired = fired
  }
}

/// What a system says of one of its runs.
public struct Judgement: Sendable {
  /// One verdict for each check that the system has, in its order.
  public var verdicts: [Verdict]
  /// One entry for each inject of the faults in force.
  public var faultCounts: [FaultCount]
  /// Landmarks and how often each was passed; what a proof asks whether it tested anything.
  public var landmarks: [(name: String, count: Int)]
  /// What would stand in the session directory, sorted by path.
  public var files: [(path: String, bytes: [UInt8])]
  /// Numbers for screens, such as orders sent, in a fixed order.
  public var tallies: [(name: String, value: Int)]
  /// How often the system did what it is there for, by the truth that its checks rest on: what runs that must not be idle
  /// are asked.
  public var deeds: [(name: String, count: Int)] = []
  /// What a report on the session exits with; nil unless the request wanted it.
  public var reportExitCode: Int32?
  /// What the system read of the session to judge it, for a report that is made in the same process; nil unless the request
  /// wanted one.
  public var record: (any Sendable)?
  /// What the run showed, and what should be seen at some time; empty unless the request wanted it.
  public var coverage: [Coverage.Item] = []
  /// What should be covered by some schedule of a sweep; what never is gets listed.
  public var coverageExpected: [Coverage.Item] = []

  /// A judgement as given; coverage is set afterwards, and only when it was asked for.
  public init(
    verdicts: [Verdict], faultCounts: [FaultCount] = [], landmarks: [(name: String, count: Int)] = [],
    files: [(path: String, bytes: [UInt8])] = [], tallies: [(name: String, value: Int)] = []
  ) {
    self.verdicts = verdicts
    self.faultCounts = faultCounts
    self.landmarks = landmarks
    self.files = files
    self.tallies = tallies
  }

  /// The verdict of the check of that name; nil when the system has none. O(verdicts).
  public func verdict(_ check: String) -> Verdict? { verdicts.first { $0.check == check } }

  /// The number of that name; 0 when there is none. O(tallies).
  public func tally(_ name: String) -> Int { tallies.first { $0.name == name }?.value ?? 0 }

  /// How often the deed of that name was done; 0 when there is none. O(deeds).
  public func deed(_ name: String) -> Int { deeds.first { $0.name == name }?.count ?? 0 }
}
