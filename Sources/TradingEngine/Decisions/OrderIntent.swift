import Basics
import Trading

/// The decision to trade, made once; everything about it is fixed.
///
/// A class, because every list of pending orders holds it, and those are copied all the time.
public final class OrderIntent: Sendable {
  /// Unique in a session: `i-`, symbol and number of the decision.
  public let id: String
  /// The same with `d-`: the decision's name in the log and the state file.
  public let decisionId: String
  /// Index of the symbol in `Markets`.
  public let market: Int
  /// The market of the order.
  public let symbol: Symbol
  /// Whether to buy or to sell.
  public let side: Side
  /// The order's name at the venue: the same at every try, so that a second one is refused as a duplicate.
  public let clientOrderId: String
  /// Base asset, a multiple of the market's step.
  public let quantity: Decimal
  /// The limit price, a multiple of the market's tick.
  public let price: Decimal
  /// How long the unfilled rest stays in the book.
  public let timeInForce: TimeInForce
  /// Quote asset reserved for it, fee included; zero for a sale.
  public let quoteBudget: Decimal
  /// When the decision was made: ages and time limits count from it.
  public let startedAt: Instant
  /// Best bid at the decision.
  public let bid: Decimal
  /// Best ask at the decision.
  public let ask: Decimal

  /// An intent as given; quantities and prices are quantized before.
  public init(
    id: String, decisionId: String, market: Int, symbol: Symbol, side: Side, clientOrderId: String, quantity: Decimal,
    price: Decimal, timeInForce: TimeInForce, quoteBudget: Decimal, startedAt: Instant, bid: Decimal, ask: Decimal
  ) {
    self.id = id
    self.decisionId = decisionId
    self.market = market
    self.symbol = symbol
    self.side = side
    self.clientOrderId = clientOrderId
    self.quantity = quantity
    self.price = price
    self.timeInForce = timeInForce
    self.quoteBudget = quoteBudget
    self.startedAt = startedAt
    self.bid = bid
    self.ask = ask
  }

  /// The same decision with another budget.
  public func with(quoteBudget: Decimal) -> OrderIntent {
    OrderIntent(
      id: id, decisionId: decisionId, market: market, symbol: symbol, side: side, clientOrderId: clientOrderId,
      quantity: quantity, price: price, timeInForce: timeInForce, quoteBudget: quoteBudget, startedAt: startedAt,
      bid: bid, ask: ask)
  }

  /// The order that carries the intent out.
  public var request: OrderRequest {
    OrderRequest(
      clientOrderId: clientOrderId, symbol: symbol, side: side, type: .limit, timeInForce: timeInForce,
      quantity: quantity, price: price)
  }
}
