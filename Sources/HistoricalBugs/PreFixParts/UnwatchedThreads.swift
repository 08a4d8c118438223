import Basics
import Trading
import TradingEngine

/// Threads were started once, and nobody looked at them again.
final class UnwatchedThreads: ThreadSupervisor {
  private let context: EngineContext
  private let name: ThreadName

  /// - Parameter name: the thread whose end a proof waits for.
  init(_ parts: EngineAssembly, _ name: ThreadName) {
    context = parts.context
    self.name = name
  }

  func look() throws(Stopped) -> Bool {
    if context.threads.named(name)?.isFinished == true { context.runtime.landmark(.threadGone) }
    return false
  }
}
