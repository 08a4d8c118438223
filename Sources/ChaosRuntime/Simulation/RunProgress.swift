public import Basics
import CPlatform
import Synchronization

/// Lets another OS thread see whether a simulated run makes progress in real time, and which thread runs when it does not.
public final class RunProgress: Sendable {
  /// What the thread that runs was last known to do.
  public struct Holder: Sendable {
    /// Path of the simulated thread that has the turn.
    public var thread: String
    /// What the run was called when it began: its seeds.
    public var label: String
    /// Where the run's clock stands.
    public var virtualTime: Instant
    /// Scheduling points so far.
    public var steps: Int
    /// The OS thread that carries it, and the bounds of its stack.
    public var osThread: Int32
    /// Lowest address of its stack.
    public var stackLow: UInt
    /// Address just above its stack.
    public var stackHigh: UInt
    /// All threads of the run, without stacks.
    public var threads: [ThreadSnapshot]
  }

  /// Scheduling points between two beats.
  static let stepsPerBeat = 4096

  private struct State {
    /// Address of the world that runs; 0: none does.
    var world: UInt = 0
    var osThread: Int32 = 0
    var label = ""
  }

  private let count = Atomic<Int>(0)
  private let state = Mutex(State())

  /// Watches nothing until it is given to a `Simulation` as its `pulse`.
  public init() {}

  /// Grows while runs begin and make steps; nil: no run is on.
  public var beats: Int? {
    let isRunning = state.withLock { $0.world != 0 }
    return isRunning ? count.load(ordering: .relaxed) : nil
  }

  /// Names the next run.
  public func label(_ text: String) { state.withLock { $0.label = text } }

  func begin(_ world: World) {
    let address = UInt(bitPattern: Unmanaged.passUnretained(world).toOpaque())
    state.withLock {
      $0.world = address
      $0.osThread = cp_gettid()
    }
    beat()
  }

  func beat() { count.add(1, ordering: .relaxed) }

  /// The world lives until this has returned: whoever looks at it holds the lock.
  func end() { state.withLock { $0.world = 0 } }

  /// Who runs now. Meant for a run that has stood still for long: the world is read while it should be at rest.
  public func holder() -> Holder? {
    state.withLock { state -> Holder? in
      guard let address = UnsafeRawPointer(bitPattern: state.world) else { return nil }
      let world = Unmanaged<World>.fromOpaque(address).takeUnretainedValue()
      let current = world.current
      let bounds = world.carrier.stackBounds(of: current)
      return Holder(
        thread: current.path, label: state.label, virtualTime: Instant(nanoseconds: world.now), steps: world.steps,
        osThread: current.worker?.osThread ?? state.osThread, stackLow: bounds.low, stackHigh: bounds.high,
        threads: world.snapshot(stacks: false))
    }
  }
}
