import Basics
import Trading

/// What became of one order, as the venue knows it.
public struct OrderTruth: Sendable {
  /// How an order came to its end; `refused` means that it never was one.
  public enum End: String, Sendable {
    /// By its last fill; by its owner; by the venue, in the book, or after taking it; or at the door.
    case filled, canceled, expired, rejected, refused
  }

  /// The engine's name for the order.
  public var clientOrderId: String
  /// `BASE/QUOTE`.
  public var symbol: String
  /// `buy` or `sell`, as the venue's truth writes it.
  public var side: String
  /// When the first request to place it was made.
  public var firstRequest: Instant
  /// Requests to place it, retries included.
  public var requests = 0
  /// Requests to place it that came after the venue had taken it.
  public var resent = 0
  /// Requests to place it that came while nobody knew what had become of an earlier one: no reply yet, an unknown outcome, or
  /// a gateway's error (5xx).
  public var resentUnclear = 0
  /// Requests to place it that came after a refusal for good.
  public var futile = 0
  /// Replies that accepted it.
  public var accepted = 0
  /// The venue's ids for it, in the order of their first event; more than one: it was placed twice.
  public var orderIds: [String] = []
  /// Nil while it is open, or when nobody knows.
  public var end: End?
  /// When a reply or an event said first that the venue has it; nil: never.
  public private(set) var takenAt: Instant?
  /// When it came to its end; nil with `end`.
  public var endedAt: Instant?
  /// Code and text of the refusal that ended it.
  public var code: String?
  /// Whether the refusal leaves open what became of the order.
  private var isEndUncertain = false
  /// The venue's words for it.
  public var text: String?
  /// Its fills, each with the total behind it.
  public var fills: [(time: Instant, total: Decimal)] = []
  /// Base asset filled, by the venue's last word.
  public var filledQuantity = Decimal.zero
  /// Quote asset of the fills before fees, by the venue's last word.
  public var filledQuote = Decimal.zero
  /// Order events that were never delivered to the client.
  public var undelivered = 0
  /// Replies that said the order was not taken.
  private var refusals = 0
  /// When a reply said first that the same request can only be refused again.
  public private(set) var refusedForGoodAt: Instant?
  /// How long its caller had waited for that reply.
  public private(set) var refusalTookMs = 0.0

  init(clientOrderId: String, symbol: String, side: String, firstRequest: Instant) {
    self.clientOrderId = clientOrderId
    self.symbol = symbol
    self.side = side
    self.firstRequest = firstRequest
  }

  /// The venue took it, whatever its reply said.
  public var isAccepted: Bool { accepted > 0 || !orderIds.isEmpty }
  /// It ended without a fill.
  public var isFailed: Bool { end != nil && end != .filled && filledQuantity == .zero }
  /// Base asset of its symbol.
  public var base: String { symbol.split(separator: "/").first.map(String.init) ?? symbol }
  /// Quote asset of its symbol.
  public var quote: String { symbol.split(separator: "/").last.map(String.init) ?? symbol }

  /// When the last happened to it that its client has to learn of: its end, or being taken.
  var lastTurn: Instant { endedAt ?? takenAt ?? firstRequest }

  static func all(in lines: [SessionRecord.VenueLine]) -> [OrderTruth] {
    var orders: [OrderTruth] = []
    var index: [String: Int] = [:]
    var line = FieldIndex()
    for entry in lines where !entry.hasQuotes && entry.isTraffic {
      line.load(entry)
      guard let id = line.text(.clientOrderId), !id.isEmpty else { continue }
      let call = entry.kind == "event" ? nil : line.text(.call)
      if entry.kind == "request" {
        guard call == "place_order" else { continue }
        let at = index[id, default: orders.count]
        if at == orders.count {
          index[id] = at
          orders.append(
            OrderTruth(
              clientOrderId: id, symbol: line.text(.symbol) ?? "", side: line.text(.side) ?? "",
              firstRequest: line.time))
        }
        if orders[at].isAccepted {
          orders[at].resent += 1
        } else if orders[at].requests > orders[at].refusals {
          orders[at].resentUnclear += 1
        }
        orders[at].requests += 1
        if orders[at].refusedForGoodAt != nil { orders[at].futile += 1 }
        continue
      }
      guard let at = index[id] else { continue }
      switch call {
      case "place_order": orders[at].reply(line)
      case "query_order": orders[at].answer(line)
      case nil: orders[at].event(line)
      default: continue
      }
    }
    return orders
  }

  private mutating func reply(_ line: FieldIndex) {
    if line.flag(.permanent) == true, refusedForGoodAt == nil {
      refusedForGoodAt = line.time
      refusalTookMs = line.number(.tookMs) ?? 0
    }
    if line.text(.outcome) == "error", !Self.tellsNothing(line) { refusals += 1 }
    switch line.text(.outcome) {
    case "ok":
      accepted += 1
      takenAt = takenAt ?? line.time
      revive()
    case "error" where !isAccepted:
      end = .refused
      endedAt = line.time
      code = line.code(.code)
      text = line.text(.text)
      isEndUncertain = Self.tellsNothing(line)
    default: return
    }
  }

  /// Whether an error leaves open what became of the request: a server's own, such as 5xx.
  private static func tellsNothing(_ line: FieldIndex) -> Bool {
    if let known = line.text(.errorClass) { return known == "unknown" }
    let code = line.code(.code)
    return code?.count == 3 && code?.hasPrefix("5") == true
  }

  /// A server's error does not tell whether the order was placed: it ends with the last time that the venue says that it
  /// knows no such order.
  private mutating func answer(_ line: FieldIndex) {
    guard end == .refused, isEndUncertain, line.text(.outcome) == "error",
      line.flag(.injected) != true
    else { return }
    endedAt = line.time
  }

  private mutating func revive() {
    guard end == .refused else { return }
    end = nil
    endedAt = nil
    code = nil
    text = nil
  }

  private mutating func event(_ line: FieldIndex) {
    let type = line.text(.type)
    if let id = line.text(.orderId), !id.isEmpty, type != "REJECTED", !orderIds.contains(id) {
      orderIds.append(id)
      takenAt = takenAt ?? line.time
      revive()
    }
    if let quote = line.decimal(.filledQuote) { filledQuote = quote }
    if let quantity = line.decimal(.filledQty) {
      if quantity > filledQuantity { fills.append((line.time, quantity)) }
      filledQuantity = quantity
    }
    if line.flag(.delivered) == false { undelivered += 1 }
    switch type {
    case "TRADE" where line.text(.status)?.lowercased() == "filled": finish(.filled, line)
    case "CANCELED": finish(.canceled, line)
    case "EXPIRED": finish(.expired, line)
    case "REJECTED": finish(.rejected, line)
    default: return
    }
  }

  private mutating func finish(_ how: End, _ line: FieldIndex) {
    end = how
    endedAt = line.time
    code = line.code(.code) ?? code
    text = line.text(.text) ?? text
  }
}
