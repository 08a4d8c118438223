/// Decides what runs next in a simulated world. Stateful; implementations live in Exploration.
///
/// A strategy sees only steps at which something can be decided, and answers every draw from `point.draw` or from its own
/// state seeded in `begin`, never from anywhere else.
public protocol Strategy: AnyObject {
  /// Called once before a run.
  func begin(seed: UInt64)
  /// Decides one scheduling point; an index of no runnable thread, or a stall of no length, counts as `proceed`.
  func next(_ point: borrowing SchedulingPoint) -> Decision
  /// How many steps above its nominal value a latency shall be; 0 is nominal.
  func latency(draw: UInt64) -> Int
  /// Whether a wait ends without a signal; false is the default, and what a strategy that says nothing answers.
  func wakesSpuriously(draw: UInt64) -> Bool
  /// Whether every thread that can run gets its turn with a probability that does not vanish; starvation is judged only in
  /// such schedules.
  var isFair: Bool { get }
  /// One line for recordings and screens: name and parameters drawn for this run.
  var summary: String { get }
}

extension Strategy {
  /// Never: spurious wakeups are for strategies that ask for them.
  public func wakesSpuriously(draw: UInt64) -> Bool { false }

  /// Not fair, so that starvation is not judged unless a strategy vouches for its fairness.
  public var isFair: Bool { false }
}

/// What a strategy decides at one scheduling point. `proceed` is the default value.
public enum Decision: Equatable, Sendable {
  /// The current thread goes on; when it is blocked or yields, the longest-waiting runnable thread runs.
  case proceed
  /// The current thread goes on although it yields; elsewhere the same as `proceed`.
  case stay
  /// The runnable thread with this index runs.
  case run(Int)
  /// The current thread is preempted for so many nanoseconds of virtual time.
  case stall(Int64)
}

/// One moment at which the scheduler may decide.
public struct SchedulingPoint: ~Copyable {
  /// What the current thread is about to do, or `.blocked` when it cannot go on.
  public let operation: Operation
  /// Interned name of the lock, condition or file; see `World.objectName`.
  public let object: Int
  /// Random bits that depend on nothing but seed, thread, site and occurrence.
  public let draw: UInt64
  /// False when the current thread is blocked.
  public let canProceed: Bool
  /// Threads that could run instead, longest-waiting first.
  public let runnableCount: Int
  /// Scheduling points so far in this run.
  public let step: Int
  /// Virtual nanoseconds since the run began.
  public let elapsed: Int64
  private let reference: Unretained<World>

  /// Whether the current thread offers its turn and somebody can take it.
  public var isYielding: Bool { operation == .yield && runnableCount > 0 }

  /// The world, for cold questions.
  var world: World { reference.counted }

  /// Number of the current thread; threads are numbered in the order of their birth.
  public var thread: Int { reference.look { $0.current.id } }

  /// Path of the current thread.
  public var threadPath: String { world.current.path }

  /// How many locks the current thread holds.
  public var heldCount: Int { reference.look { $0.current.held.pointee.count } }

  /// Name number, as `object` has them, of one of the locks that the current thread holds.
  public func held(_ index: Int) -> Int { world.current.held.pointee[index].lock.object }

  /// The name that a thread was given.
  public func threadName(_ thread: Int) -> String { world.threads[thread].name }

  /// The name behind `object`; empty for none.
  public func objectName(_ object: Int) -> String { world.objectNames[object] }

  /// Pending operation and object of a runnable thread.
  public func runnable(_ index: Int) -> (thread: Int, operation: Operation, object: Int) {
    reference.look { $0.runnable[index] }.look { ($0.id, $0.operation, $0.object) }
  }

  init(
    operation: Operation, object: Int, draw: UInt64, canProceed: Bool, runnableCount: Int, step: Int, elapsed: Int64,
    world: World
  ) {
    self.operation = operation
    self.object = object
    self.draw = draw
    self.canProceed = canProceed
    self.runnableCount = runnableCount
    self.step = step
    self.elapsed = elapsed
    reference = Unretained(world)
  }
}
