import Basics
import ChaosRuntime
import Trading

/// Threads that work on one order each, so that no order waits for what the venue makes of another.
///
/// A thread is started when there is work and none is idle, until there are as many as may be; what comes on top waits its turn.
final class OrderThreads: @unchecked Sendable {
  typealias Work = @Sendable () throws(Stopped) -> Void

  private let context: EngineContext
  private let name: ThreadName
  private let threadsMax: Int
  private let lock: Lock
  private let changed: Condition
  // Guarded by `lock`.
  private var waiting: [Work] = []
  private var threadCount = 0
  private var idleCount = 0
  private var isClosed = false

  /// - Parameter threadsMax: at least 1.
  init(_ context: EngineContext, _ name: ThreadName, threadsMax: Int) {
    self.context = context
    self.name = name
    self.threadsMax = max(1, threadsMax)
    lock = Lock(context.runtime, name.rawValue)
    changed = Condition(lock, "\(name.rawValue) work")
  }

  /// Has the work done, and does not wait for it; nothing once closed.
  func run(_ work: @escaping Work) throws(Stopped) {
    let needsThread = try lock.withLock {
      if isClosed { return false }
      waiting.append(work)
      changed.signal()
      guard idleCount < waiting.count, threadCount < threadsMax else { return false }
      threadCount += 1
      return true
    }
    if needsThread { try context.threads.start(name) { [self] () throws(Stopped) in try serve() } }
  }

  /// No more work: what waits is still done, then the threads end.
  func close() throws(Stopped) {
    try lock.withLock {
      isClosed = true
      changed.broadcast()
    }
  }

  private func serve() throws(Stopped) {
    do throws(Stopped) {
      while let work = try next() { try work() }
    } catch {
      // A thread that was ended from outside makes room for another.
      try lock.withLock { threadCount -= 1 }
      throw error
    }
  }

  /// The next work; nil once closed and nothing is left.
  private func next() throws(Stopped) -> Work? {
    try lock.lock()
    defer { lock.unlock() }
    while waiting.isEmpty, !isClosed {
      idleCount += 1
      defer { idleCount -= 1 }
      try changed.wait()
    }
    return waiting.isEmpty ? nil : waiting.removeFirst()
  }
}
