import Basics
import Trading

/// The answer to a new order: what a bot asks for most, so that it is written straight to its place.
extension BinanceJSON {
  /// ACK, RESULT or FULL.
  static func placed(_ order: WireOrder, as kind: String) -> [UInt8] {
    var text = ByteWriter(capacity: 640)
    text.text("{\"symbol\":\"")
    text.text(order.request.symbol.base)
    text.text(order.request.symbol.quote)
    text.text("\"")
    text.member("orderId", order.id)
    text.text(",\"orderListId\":-1")
    text.member("clientOrderId", order.request.clientOrderId)
    text.member("transactTime", Int(order.updatedAt))
    if kind != "ACK" {
      text.member("price", order.request.price ?? .zero)
      text.member("origQty", order.quantity)
      text.member("executedQty", order.filled)
      text.member("origQuoteOrderQty", order.request.quoteOrderQty ?? .zero)
      text.member("cummulativeQuoteQty", order.filledQuote)
      text.member("status", status(order.status))
      text.member("timeInForce", timeInForce(order))
      text.member("type", order.request.type.wireName)
      text.member("side", order.request.side.wireName)
      text.member("workingTime", Int(order.createdAt))
      text.text(",\"selfTradePreventionMode\":\"EXPIRE_TAKER\"")
    }
    if kind == "FULL" {
      text.text(",\"fills\":[")
      for (index, fill) in order.fills.enumerated() {
        text.text(index == 0 ? "{\"price\":\"" as StaticString : ",{\"price\":\"")
        text.fixed(fill.fill.price)
        text.text("\"")
        text.member("qty", fill.fill.quantity)
        text.member("commission", fill.fill.fee?.amount ?? .zero)
        text.member("commissionAsset", fill.fill.fee?.asset ?? fill.fill.symbol.quote)
        text.member("tradeId", fill.id)
        text.text("}")
      }
      text.text("]")
    }
    text.text("}")
    return text.bytes()
  }
}

extension ByteWriter {
  fileprivate mutating func member(_ key: StaticString, _ value: String) {
    self.key(key)
    quoted(value)
  }

  fileprivate mutating func member(_ key: StaticString, _ value: Int) {
    self.key(key)
    integer(value)
  }

  fileprivate mutating func member(_ key: StaticString, _ value: Decimal) {
    self.key(key)
    byte(UInt8(ascii: "\""))
    fixed(value)
    byte(UInt8(ascii: "\""))
  }

  /// Eight digits behind the point, and up to twelve where the venue has more.
  mutating func fixed(_ value: Decimal) {
    let magnitude = value.coefficient.magnitude
    var (whole, rest): (UInt64, UInt64)
    // Up to 18 million in the words of the processor; a division of 128 bits is a call.
    if let small = UInt64(exactly: magnitude) {
      (whole, rest) = small.quotientAndRemainder(dividingBy: 1_000_000_000_000)
    } else {
      let (quotient, remainder) = magnitude.quotientAndRemainder(dividingBy: 1_000_000_000_000)
      (whole, rest) = (UInt64(clamping: quotient), UInt64(truncatingIfNeeded: remainder))
    }
    if value.isNegative { byte(UInt8(ascii: "-")) }
    integer(Int(clamping: whole))
    byte(UInt8(ascii: "."))
    var places = 12
    while places > 8, rest % 10 == 0 { (rest, places) = (rest / 10, places - 1) }
    var unit: UInt64 = 10_000_000
    for _ in 8..<places { unit *= 10 }
    while unit > 0 {
      byte(UInt8(truncatingIfNeeded: 0x30 + rest / unit % 10))
      unit /= 10
    }
  }
}
