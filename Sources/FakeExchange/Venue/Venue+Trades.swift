import Basics
import Trading

/// A trade of an order as the venue keeps it; what its order knows is not kept twice.
struct KeptTrade: Sendable {
  let tradeId: String
  let price: Decimal
  let quantity: Decimal
  let quote: Decimal
  let fee: Fee?
  let isMaker: Bool
  let time: Instant
  /// Position on the tape of the order's trade before it.
  let before: Int?
}

/// What orders have traded.
extension Venue {
  mutating func keep(_ fill: Fill, of id: Int) {
    let trade = KeptTrade(
      tradeId: fill.tradeId, price: fill.price, quantity: fill.quantity, quote: fill.quote, fee: fill.fee,
      isMaker: fill.isMaker, time: fill.time, before: orders[id].lastTrade)
    orders[id].lastTrade = tape.count
    tape.append(trade)
  }

  /// The trades of the order of that name, oldest first; the venue's name tells orders apart that share a client id.
  func trades(_ symbol: Symbol, _ orderId: String, _ account: Int) -> VenueReply {
    guard let id = Int(orderId.dropFirst()), orders.indices.contains(id), orders[id].orderId == orderId,
      orders[id].account == account, orders[id].symbol == symbol
    else { return .refused(profile.orderNotFound) }
    let order = orders[id]
    var fills: [Fill] = []
    var next = order.lastTrade
    while let at = next {
      let trade = tape[at]
      fills.append(
        Fill(
          tradeId: trade.tradeId, orderId: orderId, clientOrderId: order.clientOrderId, symbol: symbol,
          side: order.side, price: trade.price, quantity: trade.quantity, quote: trade.quote, fee: trade.fee,
          isMaker: trade.isMaker, time: trade.time))
      next = trade.before
    }
    return .trades(fills.reversed())
  }
}
