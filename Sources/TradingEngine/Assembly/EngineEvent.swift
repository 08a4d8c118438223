import ChaosRuntime
import Trading

/// What the bus tells its subscribers apart by.
public enum Topic: String, Sendable, CaseIterable {
  /// An intent wants to be placed.
  case orderIntent = "order.intent"
  /// An order is filled completely.
  case orderFilled = "order.filled"
  /// An order ended otherwise.
  case orderFailed = "order.failed"
}

/// A message on the bus.
public indirect enum EngineEvent: Sendable {
  /// Published by the main loop; the router's lane takes it.
  case orderIntent(OrderIntent)
  /// Published by whoever booked the last fill.
  case orderFilled(OrderFilled)
  /// Published by whoever settled the failure.
  case orderFailed(OrderFailed)

  /// What subscribers of the event asked for.
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
  /// The intent that led to the order.
  public var intentId: String
  /// The market of the order.
  public var symbol: Symbol
  /// Whether it bought or sold.
  public var side: Side
  /// The venue's name for the order.
  public var orderId: String
  /// Base asset filled in all.
  public var filledQuantity: Decimal
  /// Quote asset of it, before fees.
  public var filledQuote: Decimal

  /// An event as given.
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
  /// The intent that led to the order.
  public var intentId: String
  /// The market; nil where whoever failed did not know it.
  public var symbol: Symbol?
  /// Whether it was to buy or to sell; nil like `symbol`.
  public var side: Side?
  /// The venue's number or the engine's word, as `ORDER_FAILED.error_code` has it.
  public var code: String?
  /// `Type:code:text`.
  public var reason: String?
  /// Whether the venue refused the order and can only refuse it again.
  public var isRefusedForGood: Bool

  /// An event as given.
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
