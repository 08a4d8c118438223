import Basics
import Trading

/// Price-time priority and nothing else: no money, no filters, no events, no history, and an id may be used twice.
///
/// It is what `chaos bench exchange` measures the venue against. It takes the same requests and gives the least that a
/// matcher has to: an acknowledgement, and who traded with whom.
struct PlainMatcher {
  /// One trade, at the price of the order that rested.
  struct Trade {
    let taker: String
    let maker: String
    let price: Decimal
    let quantity: Decimal
  }

  private struct Order {
    let request: OrderRequest
    var remaining: Decimal
  }

  private struct Level {
    let price: Decimal
    var orders: [Order]
  }

  /// Worst first.
  private var bids: [Level] = []
  private var asks: [Level] = []
  /// Open orders by client id, because a cancel names one.
  private(set) var open: [String: (side: Side, price: Decimal)] = [:]
  private var orderCount = 0

  /// Matches a limit order; what is left of it rests unless it is immediate.
  mutating func place(_ request: OrderRequest) -> (ack: OrderAck, trades: [Trade]) {
    orderCount += 1
    let ack = OrderAck(orderId: "P\(orderCount)", clientOrderId: request.clientOrderId, acceptedAt: .simulationEpoch)
    guard let price = request.price, var rest = request.quantity else { return (ack, []) }
    let trades = request.side == .buy ? Self.take(&rest, request, from: &asks) : Self.take(&rest, request, from: &bids)
    for trade in trades.dropLast() { open[trade.maker] = nil }
    if let last = trades.last, !isResting(last.maker, price: last.price, request.side.opposite) {
      open[last.maker] = nil
    }
    if rest.isPositive, request.timeInForce == .gtc {
      open[request.clientOrderId] = (request.side, price)
      let order = Order(request: request, remaining: rest)
      if request.side == .buy { Self.put(order, price, in: &bids) } else { Self.put(order, price, in: &asks) }
    }
    return (ack, trades)
  }

  /// Takes an open order out and returns what was left of it; nil when there is none of that id.
  mutating func cancel(_ id: String) -> Decimal? {
    guard let (side, price) = open.removeValue(forKey: id) else { return nil }
    return side == .buy ? Self.drop(id, price, from: &bids, .buy) : Self.drop(id, price, from: &asks, .sell)
  }

  /// Only the last maker of a match may have something left, and then it is the best order of its side.
  private func isResting(_ id: String, price: Decimal, _ side: Side) -> Bool {
    let best = side == .buy ? bids.last : asks.last
    return best?.price == price && best?.orders.first?.request.clientOrderId == id
  }

  private static func take(_ rest: inout Decimal, _ request: OrderRequest, from levels: inout [Level]) -> [Trade] {
    guard let limit = request.price else { return [] }
    var trades: [Trade] = []
    while rest.isPositive, let price = levels.last?.price, request.side == .buy ? price <= limit : price >= limit {
      let last = levels.count - 1
      let part = min(rest, levels[last].orders[0].remaining)
      rest -= part
      levels[last].orders[0].remaining -= part
      trades.append(
        Trade(
          taker: request.clientOrderId, maker: levels[last].orders[0].request.clientOrderId, price: price,
          quantity: part))
      if levels[last].orders[0].remaining.isZero {
        levels[last].orders.removeFirst()
        if levels[last].orders.isEmpty { levels.removeLast() }
      }
    }
    return trades
  }

  private static func index(_ price: Decimal, _ levels: [Level], _ side: Side) -> Int {
    var (low, high) = (0, levels.count)
    while low < high {
      let middle = (low + high) / 2
      let isWorse = side == .buy ? levels[middle].price < price : levels[middle].price > price
      if isWorse { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private static func put(_ order: Order, _ price: Decimal, in levels: inout [Level]) {
    let index = index(price, levels, order.request.side)
    if index < levels.count, levels[index].price == price {
      levels[index].orders.append(order)
    } else {
      levels.insert(Level(price: price, orders: [order]), at: index)
    }
  }

  private static func drop(_ id: String, _ price: Decimal, from levels: inout [Level], _ side: Side) -> Decimal? {
    let level = index(price, levels, side)
    guard let at = levels[level].orders.firstIndex(where: { $0.request.clientOrderId == id }) else { return nil }
    let order = levels[level].orders.remove(at: at)
    if levels[level].orders.isEmpty { levels.remove(at: level) }
    return order.remaining
  }
}
