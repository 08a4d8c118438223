import Basics
import Trading

/// What the client holds of each symbol, and what of it is offered for sale, as the venue's truth has it.
///
/// Only what was bought in the session counts: an account's own coins would let a second exit succeed.
struct SalesBook {
  private struct Sale {
    var id: String
    var symbol: String
    var left: Decimal
    /// The venue made an order of it.
    var isPlaced = false
  }

  private var held: [String: Decimal] = [:]
  /// Sales that are on their way or open, in the order of their requests.
  private var open: [Sale] = []
  private var seen: Set<String> = []
  private var wrong: [String] = []

  /// Sales of more than was held and not offered already.
  static func oversold(_ record: SessionRecord) throws(Unjudged) -> [String] {
    guard record.orders.contains(where: { $0.side == "sell" }) else { return [] }
    var book = SalesBook()
    var fields = FieldIndex()
    for line in record.venueWithoutQuotes where line.isTraffic {
      fields.load(line)
      guard let id = fields.text(.clientOrderId) else { continue }
      switch (line.kind, fields.text(.call)) {
      case ("request", "place_order"): try book.request(id, fields, at: line.venuePlace)
      case ("reply", "place_order"): book.reply(id, fields)
      case ("event", _): try book.event(id, fields, at: line.venuePlace)
      default: continue
      }
    }
    return book.wrong
  }

  private mutating func request(_ id: String, _ line: FieldIndex, at place: String) throws(Unjudged) {
    guard line.text(.side) == "sell", let symbol = line.text(.symbol),
      let quantity = try line.amount(.qty, at: place),
      seen.insert(id).inserted
    else { return }
    var offered = Decimal.zero
    for sale in open where sale.symbol == symbol { offered = try offered.plus(sale.left, at: place) }
    let have = held[symbol] ?? .zero
    if try offered.plus(quantity, at: place) > have {
      let others = open.filter { $0.symbol == symbol }.map(\.id)
      let beside = others.isEmpty ? "" : ", \(offered) of it offered already by \(others.joined(separator: ", "))"
      wrong.append("\(symbol): \(id) sells \(quantity) of \(have) held\(beside), at \(place)")
    }
    open.append(Sale(id: id, symbol: symbol, left: quantity))
  }

  private mutating func reply(_ id: String, _ line: FieldIndex) {
    guard let at = open.firstIndex(where: { $0.id == id }) else { return }
    if line.text(.outcome) == "ok" {
      open[at].isPlaced = true
    } else if !open[at].isPlaced {
      open.remove(at: at)
    }
  }

  private mutating func event(_ id: String, _ line: FieldIndex, at place: String) throws(Unjudged) {
    let type = line.text(.type)
    let sale = open.firstIndex { $0.id == id }
    if let sale { open[sale].isPlaced = true }
    if type == "TRADE", let symbol = line.text(.symbol), let quantity = try line.amount(.lastQty, at: place) {
      let isBaseFee = line.text(.feeAsset).map { symbol.hasPrefix("\($0)/") } ?? false
      let rest = try (held[symbol] ?? .zero).minus(
        isBaseFee ? try line.amount(.fee, at: place) ?? .zero : .zero, at: place)
      held[symbol] = try line.text(.side) == "buy" ? rest.plus(quantity, at: place) : rest.minus(quantity, at: place)
      if let sale { open[sale].left = max(.zero, try open[sale].left.minus(quantity, at: place)) }
    }
    let isOver = type == "CANCELED" || type == "EXPIRED" || type == "REJECTED" || line.text(.status) == "filled"
    if isOver, let sale { open.remove(at: sale) }
  }
}
