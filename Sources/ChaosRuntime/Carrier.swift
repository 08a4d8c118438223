import CPlatform

/// How simulated threads are carried: who owns a stack, and how control passes from one to the next.
///
/// Fibers on one OS thread are the carrier here; OS threads that hand over a semaphore fit behind the same four calls.
protocol Carrier: AnyObject {
  /// Gives the thread what it needs to be switched to; `entry` runs on its stack at the first switch.
  func prepare(_ thread: SimThread, entry: @escaping cp_entry)
  /// Parks the caller, which runs as `from`, and resumes `to`.
  func transfer(from: SimThread, to: SimThread)
  /// Bounds of the stack of a thread: [low, high).
  func stackBounds(of thread: SimThread) -> (low: UInt, high: UInt)
  /// Takes the stacks of finished threads back.
  func reclaim(_ thread: SimThread)
}

/// Stacks for fibers, reused from run to run. One OS thread at a time may use a pool.
public final class StackPool {
  /// Bytes per stack. Formatting and JSON need under 32 KiB in release builds and several times that without optimisation.
  static let stackSize = 512 << 10
  private var free: [UnsafeMutableRawPointer] = []

  public init() {}

  deinit {
    for stack in free { cp_stack_unmap(stack, Self.stackSize) }
  }

  func take() -> UnsafeMutableRawPointer {
    if let stack = free.popLast() { return stack }
    guard let stack = cp_stack_map(Self.stackSize) else { fatalError("no memory for the stack of a simulated thread") }
    return stack
  }

  func give(_ stack: UnsafeMutableRawPointer) { free.append(stack) }
}

/// Fibers: each simulated thread has a stack, all run on the OS thread that runs the simulation.
final class FiberCarrier: Carrier {
  private let pool: StackPool

  init(pool: StackPool) { self.pool = pool }

  func prepare(_ thread: SimThread, entry: @escaping cp_entry) {
    let stack = pool.take()
    thread.stack = stack
    cp_context_make(thread.context, stack, StackPool.stackSize, entry, Unmanaged.passUnretained(thread).toOpaque())
  }

  func transfer(from: SimThread, to: SimThread) {
    cp_switch(from.context, to.context)
  }

  func stackBounds(of thread: SimThread) -> (low: UInt, high: UInt) {
    guard let stack = thread.stack else { return (0, 0) }
    return (UInt(bitPattern: stack), UInt(bitPattern: stack) + UInt(StackPool.stackSize))
  }

  func reclaim(_ thread: SimThread) {
    if let stack = thread.stack { pool.give(stack) }
    thread.stack = nil
  }
}
