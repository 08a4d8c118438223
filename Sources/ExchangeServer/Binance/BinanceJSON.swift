import Basics
import Trading

/// What Binance says, as JSON: money in texts of eight digits, times in milliseconds.
enum BinanceJSON {
  /// Eight digits behind the point, and up to twelve where the venue has more: what is told adds up to what it has.
  static func text(_ value: Decimal) -> JSON { .string(fixed(value)) }

  static func fixed(_ value: Decimal) -> String {
    var text = ByteWriter(capacity: 40)
    text.fixed(value)
    return text.string
  }

  static func milliseconds(_ time: Instant) -> JSON { .int(Int(time.nanoseconds / 1_000_000)) }

  static func levels(_ levels: some Sequence<BookFeed.Level>) -> JSON {
    .array(levels.map { .array([text($0.price), text($0.quantity)]) })
  }

  static func status(_ status: OrderStatus) -> String { status == .partiallyCanceled ? "CANCELED" : status.rawValue }

  /// An order as queries tell it.
  static func order(_ order: WireOrder) -> JSON {
    let isWorking = !order.status.isTerminal
    return .object([
      ("symbol", .string(WireExchange.name(order.request.symbol))), ("orderId", .int(order.id)),
      ("orderListId", .int(-1)), ("clientOrderId", .string(order.request.clientOrderId)),
      ("price", text(order.request.price ?? .zero)), ("origQty", text(order.quantity)),
      ("executedQty", text(order.filled)),
      ("origQuoteOrderQty", text(order.request.quoteOrderQty ?? .zero)),
      ("cummulativeQuoteQty", text(order.filledQuote)), ("status", .string(status(order.status))),
      ("timeInForce", .string(timeInForce(order))), ("type", .string(order.request.type.wireName)),
      ("side", .string(order.request.side.wireName)), ("stopPrice", text(.zero)), ("icebergQty", text(.zero)),
      ("time", .int(Int(order.createdAt))), ("updateTime", .int(Int(order.updatedAt))),
      ("isWorking", .bool(isWorking || order.filled.isPositive)), ("workingTime", .int(Int(order.createdAt))),
      ("selfTradePreventionMode", .string("EXPIRE_TAKER")),
    ])
  }

  static func timeInForce(_ order: WireOrder) -> String {
    order.request.type == .market ? "GTC" : order.request.timeInForce.wireName
  }

  /// The answer to a cancel.
  static func canceled(_ order: WireOrder, as id: String) -> JSON {
    .object([
      ("symbol", .string(WireExchange.name(order.request.symbol))),
      ("origClientOrderId", .string(order.request.clientOrderId)), ("orderId", .int(order.id)),
      ("orderListId", .int(-1)), ("clientOrderId", .string(id)), ("transactTime", .int(Int(order.updatedAt))),
      ("price", text(order.request.price ?? .zero)), ("origQty", text(order.quantity)),
      ("executedQty", text(order.filled)), ("origQuoteOrderQty", text(order.request.quoteOrderQty ?? .zero)),
      ("cummulativeQuoteQty", text(order.filledQuote)), ("status", .string(status(order.status))),
      ("timeInForce", .string(timeInForce(order))), ("type", .string(order.request.type.wireName)),
      ("side", .string(order.request.side.wireName)), ("selfTradePreventionMode", .string("EXPIRE_TAKER")),
    ])
  }

  /// A fill of the account's own.
  static func myTrade(_ fill: WireFill) -> JSON {
    .object([
      ("symbol", .string(WireExchange.name(fill.fill.symbol))), ("id", .int(fill.id)), ("orderId", .int(fill.orderId)),
      ("orderListId", .int(-1)), ("price", text(fill.fill.price)), ("qty", text(fill.fill.quantity)),
      ("quoteQty", text(fill.fill.quote)), ("commission", text(fill.fill.fee?.amount ?? .zero)),
      ("commissionAsset", .string(fill.fill.fee?.asset ?? fill.fill.symbol.quote)), ("time", .int(Int(fill.time))),
      ("isBuyer", .bool(fill.fill.side == .buy)), ("isMaker", .bool(fill.fill.isMaker)), ("isBestMatch", .bool(true)),
    ])
  }

  static func trade(_ trade: PublicTrade) -> JSON {
    .object([
      ("id", .int(trade.id)), ("price", text(trade.price)), ("qty", text(trade.quantity)),
      ("quoteQty", text(trade.quote)), ("time", milliseconds(trade.time)), ("isBuyerMaker", .bool(trade.isBuyerMaker)),
      ("isBestMatch", .bool(true)),
    ])
  }

  static func aggregateTrade(_ trade: PublicTrade) -> JSON {
    .object([
      ("a", .int(trade.id)), ("p", text(trade.price)), ("q", text(trade.quantity)), ("f", .int(trade.id)),
      ("l", .int(trade.id)), ("T", milliseconds(trade.time)), ("m", .bool(trade.isBuyerMaker)), ("M", .bool(true)),
    ])
  }

  static func candle(_ candle: Candle) -> JSON {
    let bar = candle.bar
    return .array([
      .int(Int(candle.from * 1000)), text(bar.open), text(bar.high), text(bar.low), text(bar.close), text(bar.base),
      .int(Int(candle.to * 1000 - 1)), text(bar.quote), .int(bar.count), text(bar.takerBase), text(bar.takerQuote),
      .string("0"),
    ])
  }

  static func balance(_ balance: Balance) -> JSON {
    .object([("asset", .string(balance.asset)), ("free", text(balance.free)), ("locked", text(balance.locked))])
  }

  /// A ratio of two prices in percent, three digits.
  static func percent(_ part: Decimal, of whole: Decimal) -> JSON {
    guard whole.isPositive else { return .string("0.000") }
    let thousandths = part.coefficient * 100_000 / whole.coefficient
    let digits = String(UInt64(thousandths.magnitude % 1000))
    return .string(
      (thousandths < 0 ? "-" : "") + "\(UInt64(thousandths.magnitude / 1000))."
        + String(repeating: "0", count: 3 - digits.utf8.count) + digits)
  }
}
