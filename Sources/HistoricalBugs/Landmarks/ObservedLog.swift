import Basics
import ChaosRuntime
import Synchronization
import Trading
import TradingEngine

/// Passes the landmark `orders-near-the-end` when the log is closed within 5 s after an order was logged.
final class ObservedLog: LogPipeline {
  private static let nearness = Duration.seconds(5)

  private let runtime: Runtime
  private let inner: any LogPipeline
  /// When the last record of an order came, in nanoseconds.
  private let lastOrder = Atomic<Int64>(.min)

  init(_ inner: any LogPipeline, _ parts: EngineAssembly) {
    self.inner = inner
    runtime = parts.context.runtime
  }

  func log(_ record: LogRecord) throws(Stopped) {
    if record.isOrderEvent { lastOrder.store(record.time.nanoseconds, ordering: .relaxed) }
    try inner.log(record)
  }

  func run() throws(Stopped) { try inner.run() }

  func close() throws(Stopped) {
    let last = lastOrder.load(ordering: .relaxed)
    if last > runtime.now.nanoseconds - Self.nearness.nanoseconds { runtime.landmark(.ordersNearTheEnd) }
    try inner.close()
  }
}
