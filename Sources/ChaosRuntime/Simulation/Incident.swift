public import Basics

/// A certainty of the watchdog: a proven cycle of lock waits, a wait beyond the limit of its activity, or a world in which
/// nothing can ever run again.
public struct Incident: Sendable {
  /// What is certain; the raw value is how reports and fingerprints write it.
  public enum Kind: String, Sendable {
    /// A cycle of lock waits; a wait beyond its activity's limit; no thread that can run and no timer; a run that used
    /// up its scheduling points.
    case deadlock, hang, stuck, stepLimit = "step-limit"
    /// Nothing can run, and a signal came before the wait that it was meant for; or a time limit hid that.
    case lostWakeup = "lost-wakeup"
    /// Threads run without progress.
    case livelock
    /// A thread never gets its turn.
    case starvation
  }

  /// One wait of a cycle: `thread` wants `lock`, which `holder` took at `takenAt`.
  public struct Edge: Sendable {
    /// Name of the thread that waits.
    public var thread: String
    /// Name of the lock that it waits for.
    public var lock: String
    /// `file:line` of the wait.
    public var waitsAt: String
    /// Name of the thread that has the lock.
    public var holder: String
    /// `file:line` where the holder took it.
    public var takenAt: String
    /// How long the thread has waited at the moment of the report.
    public var waited: Duration

    /// A wait as given; what makes it a cycle is that each edge's holder is the next edge's thread.
    public init(
      thread: String, lock: String, waitsAt: String, holder: String, takenAt: String, waited: Duration
    ) {
      self.thread = thread
      self.lock = lock
      self.waitsAt = waitsAt
      self.holder = holder
      self.takenAt = takenAt
      self.waited = waited
    }
  }

  /// What happened.
  public var kind: Kind
  /// When it was found, in the time of the run.
  public var time: Instant
  /// One sentence.
  public var summary: String
  /// The cycle of a deadlock, in order.
  public var cycle: [Edge]
  /// The threads that are stuck; for a deadlock those of the cycle.
  public var threads: [String]
  /// The locks that are part of it; for a deadlock those of the cycle.
  public var locks: [String]
  /// Of a hang: the activity, and how long its thread has been in it without a beat.
  public var activity: String?
  /// Time since the last beat of `activity`, above the limit.
  public var waited: Duration?
  /// Of a livelock: the steps that repeat.
  public var suffix: [String] = []

  /// An incident as given; without a cycle, locks or activity for kinds that have none.
  public init(
    kind: Kind, time: Instant, summary: String, cycle: [Edge] = [], threads: [String], locks: [String] = [],
    activity: String? = nil, waited: Duration? = nil
  ) {
    self.kind = kind
    self.time = time
    self.summary = summary
    self.cycle = cycle
    self.threads = threads
    self.locks = locks
    self.activity = activity
    self.waited = waited
  }

  /// What makes two incidents the same failure: kind and sorted names, no times.
  public var fingerprint: String {
    ([kind.rawValue] + threads.sorted() + locks.sorted() + [activity ?? ""]).joined(separator: "|")
  }
}

/// What one thread does at one moment: what a stack dump prints.
public struct ThreadSnapshot: Sendable {
  /// A lock that the thread holds.
  public struct Held: Sendable {
    /// Name of the lock.
    public var lock: String
    /// `file:line` where it was taken.
    public var takenAt: String
    /// When it was taken; nil when that is not known.
    public var since: Instant?
  }

  /// An activity that the thread is in.
  public struct Doing: Sendable {
    /// Name of the activity.
    public var activity: String
    /// Time that may pass without a beat.
    public var limit: Duration
    /// When the activity was entered or last beaten.
    public var lastBeat: Instant
  }

  /// What the thread does or waits for, with the names that a reader knows it by.
  public enum State: Sendable, Equatable {
    /// It has the turn.
    case running
    /// It could run and has not got the turn.
    case runnable
    /// It waits for the lock of that name at `file:line`, which `holder` has.
    case waitingForLock(String, at: String, holder: String)
    /// It waits for a signal of the condition of that name.
    case waitingForCondition(String, at: String)
    /// It waits for time to pass, by its own will or by a preemption; for another thread to end; not at all, as it has
    /// ended or not begun.
    case sleeping, stalled, joining(String), finished, notStarted
  }

  /// Name of the thread.
  public var name: String
  /// What it does.
  public var state: State
  /// Since when it does that.
  public var since: Instant
  /// The locks that it has.
  public var held: [Held]
  /// The activities that it is in, innermost last.
  public var activities: [Doing]
  /// Program counters, innermost first: the first is where the thread stands, the others are return addresses.
  public var frames: [UInt]
}
