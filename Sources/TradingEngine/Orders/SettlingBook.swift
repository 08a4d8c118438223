import Basics
import Trading

/// An intent book that hears of every end of an order and clears the intent at once.
public final class SettlingBook: IntentBook {
  /// The table and what goes with it.
  public let bookkeeping: IntentBookkeeping

  /// An empty book.
  public init(_ parts: EngineAssembly) {
    bookkeeping = IntentBookkeeping(parts)
    parts.bus.subscribe(.orderFilled, on: .publisher) { [self] event throws(Stopped) in
      guard case .orderFilled(let filled) = event else { return }
      try clear(filled.intentId, reason: .orderFilled)
    }
    parts.bus.subscribe(.orderFailed, on: .publisher) { [self] event throws(Stopped) in
      guard case .orderFailed(let failed) = event else { return }
      let reason: ClearReason
      switch failed.code {
      case OrderFailure.stale.code: reason = .stale
      case OrderFailure.shutdown.code: reason = .shutdown
      default: reason = .orderFailed
      }
      try clear(failed.intentId, reason: reason)
    }
  }
}
