import ChaosRuntime
import Trading

/// What the bus tells its subscribers apart by.
public enum Topic: String, Sendable, CaseIterable {
  case orderIntent = "order.intent"
  case orderFilled = "order.filled"
  case orderFailed = "order.failed"
}

/// A message on the bus.
public indirect enum EngineEvent: Sendable {
  case orderIntent(OrderIntent)
  case orderFilled(OrderFilled)
  case orderFailed(OrderFailed)

  public var topic: Topic {
    switch self {
    case .orderIntent: .orderIntent
    case .orderFilled: .orderFilled
    case .orderFailed: .orderFailed
    }
  }
}

/// An order that is filled completely.
public struct OrderFilled: Sendable {
  public var intentId: String
  public var symbol: Symbol
  public var side: Side
  public var orderId: String
  public var filledQuantity: Decimal
  public var filledQuote: Decimal

  public init(
    intentId: String, symbol: Symbol, side: Side, orderId: String, filledQuantity: Decimal, filledQuote: Decimal
  ) {
    self.intentId = intentId
    self.symbol = symbol
    self.side = side
    self.orderId = orderId
    self.filledQuantity = filledQuantity
    self.filledQuote = filledQuote
  }
}

/// An order that will not be filled, or not completely; everything but the intent may be missing.
public struct OrderFailed: Sendable {
  public var intentId: String
  public var symbol: Symbol?
  public var side: Side?
  /// The venue's number or the engine's word, as `ORDER_FAILED.error_code` has it.
  public var code: String?
  /// `Type:code:text`.
  public var reason: String?
  /// Whether the venue refused the order and can only refuse it again.
  public var isRefusedForGood: Bool

  public init(
    intentId: String, symbol: Symbol? = nil, side: Side? = nil, code: String? = nil, reason: String? = nil,
    isRefusedForGood: Bool = false
  ) {
    self.intentId = intentId
    self.symbol = symbol
    self.side = side
    self.code = code
    self.reason = reason
    self.isRefusedForGood = isRefusedForGood
  }
}
