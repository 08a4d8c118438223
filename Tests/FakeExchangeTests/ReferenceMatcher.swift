import Trading

/// Price-time priority as slowly and plainly as it can be said: one list of open orders, searched anew for every trade.
final class ReferenceMatcher {
  final class Order {
    let id: String
    let isAlice: Bool
    let side: Side
    let limit: Decimal?
    let quantity: Decimal
    var filled = Decimal.zero
    var status = "NEW"
    init(_ request: OrderRequest, isAlice: Bool) {
      id = request.clientOrderId
      self.isAlice = isAlice
      side = request.side
      limit = request.type == .market ? nil : request.price
      quantity = request.quantity ?? .zero
    }
  }

  struct Trade: Equatable {
    var taker: String
    var maker: String
    var price: Decimal
    var quantity: Decimal
  }

  /// In the order in which they came.
  private(set) var open: [Order] = []
  private(set) var trades: [Trade] = []
  private(set) var all: [String: Order] = [:]
  /// Of alice and of bob: base, quote, before fees and after.
  private(set) var base = [true: Decimal.zero, false: Decimal.zero]
  private(set) var quote = [true: Decimal.zero, false: Decimal.zero]
  private let takerFee: Decimal

  init(takerFee: Decimal) { self.takerFee = takerFee }

  /// False: refused, because it would trade though it must not.
  func place(_ request: OrderRequest, isAlice: Bool) -> Bool {
    let order = Order(request, isAlice: isAlice)
    if request.type == .limitMaker, let best = best(against: order), crosses(order, best) { return false }
    all[order.id] = order
    let immediate = request.type == .market || (request.type == .limit && request.timeInForce != .gtc)
    if request.type == .limit, request.timeInForce == .fok, reachable(order) < order.quantity {
      order.status = "EXPIRED"
      return true
    }
    var metItself = false
    while order.filled < order.quantity, let best = best(against: order), crosses(order, best) {
      if best.isAlice == isAlice {
        metItself = true
        break
      }
      trade(order, best)
    }
    if order.filled == order.quantity {
      order.status = "FILLED"
    } else if metItself || immediate {
      order.status = "EXPIRED"
    } else {
      order.status = order.filled.isZero ? "NEW" : "PARTIALLY_FILLED"
      open.append(order)
    }
    return true
  }

  /// False: there is none to cancel.
  func cancel(_ id: String, isAlice: Bool) -> Bool {
    guard let index = open.firstIndex(where: { $0.id == id && $0.isAlice == isAlice }) else { return false }
    let order = open.remove(at: index)
    order.status = order.filled.isZero ? "CANCELED" : "PARTIALLY_CANCELED"
    return true
  }

  private func crosses(_ order: Order, _ other: Order) -> Bool {
    guard let limit = order.limit, let price = other.limit else { return true }
    return order.side == .buy ? limit >= price : limit <= price
  }

  /// The best price, and of one price the order that came first.
  private func best(against order: Order) -> Order? {
    var best: Order?
    for other in open where other.side != order.side {
      guard let price = other.limit else { continue }
      guard let known = best?.limit else {
        best = other
        continue
      }
      if order.side == .buy ? price < known : price > known { best = other }
    }
    return best
  }

  private func reachable(_ order: Order) -> Decimal {
    var rest = open.filter { $0.side != order.side && crosses(order, $0) }
    var found = Decimal.zero
    while found < order.quantity, !rest.isEmpty {
      var at = 0
      for index in rest.indices {
        guard let price = rest[index].limit, let best = rest[at].limit else { continue }
        if order.side == .buy ? price < best : price > best { at = index }
      }
      if rest[at].isAlice == order.isAlice { break }
      found += rest[at].quantity - rest[at].filled
      rest.remove(at: at)
    }
    return found
  }

  private func trade(_ taker: Order, _ maker: Order) {
    let quantity = min(taker.quantity - taker.filled, maker.quantity - maker.filled)
    guard let price = maker.limit, let value = try? price.multiplied(by: quantity, rounding: .down),
      let fee = try? value.multiplied(by: takerFee, rounding: .down)
    else { return }
    trades.append(Trade(taker: taker.id, maker: maker.id, price: price, quantity: quantity))
    for order in [taker, maker] {
      order.filled += quantity
      let sign = order.side == .buy
      base[order.isAlice, default: .zero] += sign ? quantity : .zero - quantity
      quote[order.isAlice, default: .zero] += sign ? .zero - value : value
    }
    quote[taker.isAlice, default: .zero] -= fee
    maker.status = "PARTIALLY_FILLED"
    if maker.filled == maker.quantity {
      maker.status = "FILLED"
      open.removeAll { $0 === maker }
    }
  }
}
