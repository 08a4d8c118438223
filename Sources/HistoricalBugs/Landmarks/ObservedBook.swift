import Basics
import ChaosRuntime
import Synchronization
import Trading
import TradingEngine

/// Passes the landmark `fills-at-once` when the fills of two markets are told within 10 ms.
final class ObservedBook: IntentBook {
  private static let instant = Duration.milliseconds(10)

  private let runtime: Runtime
  private let inner: any IntentBook
  /// Market and time of the last fill.
  private let last = Mutex<(market: Int, time: Instant)?>(nil)

  init(_ inner: any IntentBook, _ parts: EngineAssembly) {
    self.inner = inner
    runtime = parts.context.runtime
  }

  var bookkeeping: IntentBookkeeping { inner.bookkeeping }

  func open() throws(Stopped) -> [PendingIntent] { try inner.open() }

  func advance(_ report: OrderReport, fill: Fill?) throws(Stopped) -> OrderAdvance? {
    guard let advance = try inner.advance(report, fill: fill) else { return nil }
    if advance.quantity.isPositive, isAtOnce(advance.pending.intent.market) { runtime.landmark(.fillsAtOnce) }
    return advance
  }

  @discardableResult
  func clear(_ id: String, reason: ClearReason) throws(Stopped) -> Bool { try inner.clear(id, reason: reason) }

  func cycleStarted(at time: Instant) throws(Stopped) { try inner.cycleStarted(at: time) }

  private func isAtOnce(_ market: Int) -> Bool {
    let now = runtime.now
    return last.withLock { last in
      defer { last = (market, now) }
      return last.map { $0.market != market && now - $0.time <= Self.instant } ?? false
    }
  }
}
