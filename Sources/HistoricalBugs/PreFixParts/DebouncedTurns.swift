import Basics
import ChaosRuntime
import TradingEngine

/// When the bot's state writer wrote: once per interval at most, if something had changed.
final class DebouncedTurns: @unchecked Sendable {
  private let interval: Duration
  private let writer: Lock
  private let closed: Condition
  // Guarded by `writer`.
  private var isDirty = false
  private var isClosed = false

  /// - Parameter condition: what dumps call the wait for the next turn.
  init(_ context: EngineContext, _ condition: String) {
    interval = context.settings.statePersistInterval
    writer = Lock(context.runtime, "state-writer")
    closed = Condition(writer, condition)
  }

  /// Something has changed.
  func mark() throws(Stopped) { try writer.withLock { isDirty = true } }

  /// Waits for a turn at which something has changed; false once closed.
  func wait() throws(Stopped) -> Bool {
    try writer.lock()
    defer { writer.unlock() }
    while !isClosed {
      if try !closed.wait(timeout: interval), isDirty { break }
    }
    isDirty = false
    return !isClosed
  }

  /// Ends the waiting.
  func close() throws(Stopped) {
    try writer.withLock {
      isClosed = true
      closed.signal()
    }
  }
}
