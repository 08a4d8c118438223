import CPlatform

/// Which carrier runs simulated threads. Schedules, recordings and log bytes are the same on both.
public enum CarrierKind: String, Sendable, CaseIterable {
  /// A stack for each thread, all on one OS thread: 13 ns a switch. A build with a sanitizer takes OS threads instead.
  case fibers
  /// An OS thread for each: some microseconds a switch, and every debugger and sanitizer works. The cross-check.
  case threads
}

/// How simulated threads are carried: who owns a stack, and how control passes from one to the next.
protocol Carrier: AnyObject {
  /// Gives the thread what it needs to be switched to; its life begins at the first switch.
  func prepare(_ thread: SimThread)
  /// Parks the caller, which runs as `from`, and resumes `to`.
  func transfer(from: ThreadReference, to: ThreadReference)
  /// Bounds of the stack of a thread: [low, high).
  func stackBounds(of thread: SimThread) -> (low: UInt, high: UInt)
  /// Takes the stacks of finished threads back.
  func reclaim(_ thread: SimThread)
}

/// Fibers: each simulated thread has a stack, all run on the OS thread that runs the simulation.
final class FiberCarrier: Carrier {
  private let pool: StackPool

  init(pool: StackPool) {
    self.pool = pool
    cp_stack_watch()
  }

  func prepare(_ thread: SimThread) {
    let stack = pool.takeStack()
    thread.stack = stack
    StackPool.name(stack, thread.path)
    let argument = Unmanaged.passUnretained(thread).toOpaque()
    cp_context_make(
      thread.context, stack, StackPool.stackSize,
      { argument in
        guard let argument else { return }
        let last = World.live(Unmanaged<SimThread>.fromOpaque(argument))
        cp_switch(last.from, last.to)
      }, argument)
  }

  func transfer(from: ThreadReference, to: ThreadReference) {
    cp_switch(from.look { $0.context }, to.look { $0.context })
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
