import Basics
import Trading

/// Decides when a position may be sold.
public protocol ExitGuard: EnginePart {
  /// Whether the market's position may be sold now, at `bid` or so; `pending` are the intents whose orders are open.
  ///
  /// Called when a position is to be sold, so that it may clear the way for the next time.
  func mayExit(market: Int, bid: Decimal, pending: [PendingIntent], at time: Instant) throws(Stopped) -> Bool

  /// Whether the venue refuses a sale again and again: then nothing should be bought there.
  var isRefused: Bool { get }
}
