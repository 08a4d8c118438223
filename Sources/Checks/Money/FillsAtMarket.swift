import Basics
import Trading

extension Check {
  /// Reads the requests and the events with their book (`bid`, `ask`, `maker`) of the venue's truth, and the carrier and the
  /// firings of run.json at `exchange.match`, which keep an order out of the book.
  public static let fillsAtMarket = Check(
    .fillsAtMarket,
    "a fill lies within the book of its moment and the order's limit, and what the book reaches is filled"
  ) { record throws(Unjudged) in
    let name = CheckName.fillsAtMarket
    if record.orders.isEmpty { return .open(name, "no order reached the venue") }
    var market = MarketFills(record)
    try market.judge()
    if market.judged == 0, market.wrong.isEmpty {
      return market.trades == 0
        ? .notApplicable(name, "the venue filled none of \(record.orders.count) orders")
        : .open(name, "the venue told the book of none of \(market.trades) fills")
    }
    if market.wrong.isEmpty { return .pass(name, "\(market.judged) fills lie within book and limit") }
    return .fail(name, "\(market.wrong.count) orders did not fill as the book was", market.wrong)
  }
}

/// The venue's trades against its own quotes.
private struct MarketFills {
  private struct Order {
    var isBuy: Bool
    var limit: Decimal?
    /// In the book, in full or in part.
    var isOpen = false
    /// Taken at a moment at which the book reached it, and nothing was said of it since.
    var reached: (time: Instant, place: String)?
    /// A fault decides when, or how much of it, may trade.
    var isFaulted = false
  }

  private let record: SessionRecord
  /// Moments at which a fault decided how an order is matched.
  private let faulted: Set<Instant>
  /// The same in order, where decision and match are two readings of a real clock; empty in a simulation.
  private let decided: [Instant]
  /// What may lie between the two, on a machine that has other work.
  private static let decidedWithin = Duration.milliseconds(100)
  private var orders: [String: Order] = [:]
  private(set) var trades = 0
  /// Trades whose book the venue told.
  private(set) var judged = 0
  private(set) var wrong: [String] = []

  init(_ record: SessionRecord) {
    self.record = record
    let firings = record.run.firings.filter { $0.site == "exchange.match" }.map(\.time)
    faulted = Set(firings)
    decided = record.run.isLive ? firings.sorted() : []
  }

  private func isFaulted(at time: Instant) -> Bool {
    if faulted.contains(time) { return true }
    let from = time.minus(Self.decidedWithin)
    var (low, high) = (0, decided.count)
    while low < high {
      let middle = (low + high) / 2
      if decided[middle] < from { low = middle + 1 } else { high = middle }
    }
    return low < decided.count && decided[low] - time <= Self.decidedWithin
  }

  mutating func judge() throws(Unjudged) {
    var fields = FieldIndex()
    for line in record.venueWithoutQuotes {
      fields.load(line)
      guard let id = fields.text(.clientOrderId) else { continue }
      if line.kind == "request", fields.text(.call) == "place_order", orders[id] == nil {
        orders[id] = Order(
          isBuy: fields.text(.side) == "buy", limit: try fields.amount(.price, at: line.venuePlace))
      } else if line.kind == "event" {
        try take(id, fields, at: line.venuePlace)
      }
    }
    for (id, order) in orders.sorted(by: { $0.key < $1.key }) {
      if let reached = order.reached {
        wrong.append("\(id): the book reaches it and nothing trades, at \(reached.place)")
      }
    }
  }

  private mutating func take(_ id: String, _ line: FieldIndex, at place: String) throws(Unjudged) {
    guard var order = orders[id] else { return }
    let (bid, ask) = (try line.amount(.bid, at: place), try line.amount(.ask, at: place))
    if order.reached?.time == line.time { order.reached = nil }
    switch line.text(.type) {
    case "NEW":
      order.isOpen = true
      order.isFaulted = isFaulted(at: line.time)
      if !order.isFaulted, let limit = order.limit, let best = order.isBuy ? ask : bid, best.isPositive,
        order.isBuy ? best <= limit : best >= limit
      {
        order.reached = (line.time, place)
      }
    case "TRADE":
      trades += 1
      if let price = try line.amount(.lastPrice, at: place) { compare(id, order, price, line, bid, ask, at: place) }
      order.isOpen = line.text(.status) != "FILLED"
    default: order.isOpen = false
    }
    orders[id] = order
  }

  private mutating func compare(
    _ id: String, _ order: Order, _ price: Decimal, _ line: FieldIndex, _ bid: Decimal?, _ ask: Decimal?,
    at place: String
  ) {
    let what = order.isBuy ? "bought" : "sold"
    if let limit = order.limit, order.isBuy ? price > limit : price < limit {
      wrong.append("\(place): \(id) \(what) at \(price), beyond its limit \(limit)")
    }
    guard let best = order.isBuy ? ask : bid else { return }
    judged += 1
    if line.flag(.maker) == true {
      // Who rests trades at his own price, once the other side of the book has come to it.
      if let limit = order.limit, price != limit {
        wrong.append("\(place): \(id) rested at \(limit) and \(what) at \(price)")
      }
      if order.isBuy ? best > price : best < price {
        wrong.append("\(place): \(id) rested and \(what) at \(price), the other side of the book stood at \(best)")
      }
    } else if order.isBuy ? price < best : price > best {
      wrong.append("\(place): \(id) \(what) at \(price), the book began at \(best)")
    }
  }
}
