import Basics
import Trading
import TradingEngine

/// Fills are learned by polling alone: the bot had no user stream.
final class PolledFills: FillHandler {
  private let inner: CumulativeFills

  init(_ parts: EngineAssembly) { inner = CumulativeFills(parts) }

  func handle(_ event: UserEvent) throws(Stopped) {}

  /// A polled fill was the normal way to learn of it, so nothing is said to be missing.
  func apply(_ report: OrderReport, from source: NewsSource) throws(Stopped) {
    try inner.apply(report, from: .userStream)
  }
}
