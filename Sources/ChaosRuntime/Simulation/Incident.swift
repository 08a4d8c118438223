public import Basics

/// A certainty of the watchdog: a proven cycle of lock waits, a wait beyond the limit of its activity, or a world in which
/// nothing can ever run again.
public struct Incident: Sendable {
  public enum Kind: String, Sendable {
    case deadlock, hang, stuck, stepLimit = "step-limit"
    /// Nothing can run, and a signal came before the wait that it was meant for; or a time limit hid that.
    case lostWakeup = "lost-wakeup"
    /// Threads run and nothing gets on.
    case livelock
    /// A thread never gets its turn.
    case starvation
  }

  /// One wait of a cycle: `thread` wants `lock`, which `holder` took at `takenAt`.
  public struct Edge: Sendable {
    public var thread: String
    public var lock: String
    public var waitsAt: String
    public var holder: String
    public var takenAt: String
    public var waited: Duration

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

  public var kind: Kind
  public var time: Instant
  /// One sentence.
  public var summary: String
  /// The cycle of a deadlock, in order.
  public var cycle: [Edge]
  /// The threads that are stuck; for a deadlock those of the cycle.
  public var threads: [String]
  public var locks: [String]
  /// Of a hang: the activity, and how long its thread has been in it without a beat.
  public var activity: String?
  public var waited: Duration?
  /// Of a livelock: the steps that repeat.
  public var suffix: [String] = []

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
  public struct Held: Sendable {
    public var lock: String
    public var takenAt: String
    public var since: Instant?
  }

  public struct Doing: Sendable {
    public var activity: String
    public var limit: Duration
    public var lastBeat: Instant
  }

  public enum State: Sendable, Equatable {
    case running
    case runnable
    case waitingForLock(String, at: String, holder: String)
    case waitingForCondition(String, at: String)
    case sleeping, stalled, joining(String), finished, notStarted
  }

  public var name: String
  public var state: State
  public var since: Instant
  public var held: [Held]
  public var activities: [Doing]
  /// Program counters, innermost first: the first is where the thread stands, the others are return addresses.
  public var frames: [UInt]
}
