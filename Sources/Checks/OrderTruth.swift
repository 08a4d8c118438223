import ChaosRuntime
import Trading

/// What became of one order, as the venue knows it.
public struct OrderTruth: Sendable {
  public enum End: String, Sendable {
    case filled, canceled, expired, rejected, refused
  }

  public var clientOrderId: String
  public var symbol: String
  public var side: String
  public var firstRequest: Instant
  /// Requests to place it, retries included.
  public var requests = 0
  /// Replies that accepted it.
  public var accepted = 0
  public var end: End?
  public var endedAt: Instant?
  /// Code and text of the refusal that ended it.
  public var code: String?
  public var text: String?
  public var filledQuantity = Decimal.zero
  public var filledQuote = Decimal.zero
  /// Order events that were never delivered to the client.
  public var undelivered = 0

  /// It ended without a fill.
  public var isFailed: Bool { end != nil && end != .filled && filledQuantity == .zero }

  static func all(in lines: [SessionRecord.VenueLine]) -> [OrderTruth] {
    var orders: [OrderTruth] = []
    var index: [String: Int] = [:]
    for line in lines {
      guard let id = line.text("client_order_id"), !id.isEmpty else { continue }
      switch line.kind {
      case "request" where line.text("call") == "place_order":
        if index[id] == nil {
          index[id] = orders.count
          orders.append(
            OrderTruth(
              clientOrderId: id, symbol: line.text("symbol") ?? "", side: line.text("side") ?? "",
              firstRequest: line.time))
        }
        if let at = index[id] { orders[at].requests += 1 }
      case "reply" where line.text("call") == "place_order":
        if let at = index[id] { orders[at].reply(line) }
      case "event":
        if let at = index[id] { orders[at].event(line) }
      default: continue
      }
    }
    return orders
  }

  private mutating func reply(_ line: SessionRecord.VenueLine) {
    switch line.text("outcome") {
    case "ok":
      accepted += 1
      if end == .refused {
        end = nil
        endedAt = nil
      }
    case "error" where accepted == 0:
      end = .refused
      endedAt = line.time
      code = line.fields["code"].flatMap { $0.numberText ?? $0.string }
      text = line.text("text")
    default: return
    }
  }

  private mutating func event(_ line: SessionRecord.VenueLine) {
    if let quantity = line.decimal("filled_qty") { filledQuantity = quantity }
    if let quote = line.decimal("filled_quote") { filledQuote = quote }
    if line.fields["delivered"]?.bool == false { undelivered += 1 }
    let terminal: End?
    switch (line.text("type"), line.text("status")?.lowercased()) {
    case ("TRADE", "filled"): terminal = .filled
    case ("CANCELED", _): terminal = .canceled
    case ("EXPIRED", _): terminal = .expired
    case ("REJECTED", _): terminal = .rejected
    default: terminal = nil
    }
    if let terminal {
      end = terminal
      endedAt = line.time
    }
  }
}
