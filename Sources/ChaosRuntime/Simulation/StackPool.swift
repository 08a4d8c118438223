import CPlatform

/// Stacks for simulated threads, bare or with an OS thread on each, reused from run to run. One OS thread at a time may
/// use a pool.
public final class StackPool {
  /// Bytes per stack. Formatting and JSON need under 32 KiB in release builds, several times that without optimisation, and
  /// several times that again with the red zones of a sanitizer.
  static let stackSize = cp_can_switch_stacks() ? 512 << 10 : 4 << 20
  private var stacks: [UnsafeMutableRawPointer] = []
  private var workers: [Worker] = []
  /// OS threads started so far.
  private(set) var workersMade = 0

  /// An empty pool; a stack is mapped when a run first needs it, and unmapped with the pool.
  public init() {}

  deinit {
    for worker in workers {
      worker.end()
      cp_stack_unmap(worker.stack, Self.stackSize)
    }
    for stack in stacks { cp_stack_unmap(stack, Self.stackSize) }
  }

  func takeStack() -> UnsafeMutableRawPointer {
    if let stack = stacks.popLast() { return stack }
    guard let stack = cp_stack_map(Self.stackSize) else { fatalError("no memory for the stack of a simulated thread") }
    return stack
  }

  /// Says whose stack it is now, for the report of an overflow.
  static func name(_ stack: UnsafeMutableRawPointer, _ path: String) {
    var path = path
    path.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { cp_stack_name(stack, stackSize, $0.baseAddress, $0.count) }
    }
  }

  func give(_ stack: UnsafeMutableRawPointer) { stacks.append(stack) }

  func takeWorker() -> Worker {
    if let worker = workers.popLast() { return worker }
    workersMade += 1
    return Worker(stack: takeStack(), size: Self.stackSize)
  }

  func give(_ worker: Worker) { workers.append(worker) }
}
