import Basics
import Trading

/// A trade of an order as the venue keeps it, for ever; what its order knows is not kept twice.
struct KeptTrade: Sendable {
  let price: Decimal
  let quantity: Decimal
  let feeAmount: Decimal
  let time: Instant
  /// Of all trades of the venue, from 1; both sides have the same.
  let number: Int32
  /// Position on the tape of the order's trade before it; -1: it was the first.
  let before: Int32
  /// Column of the asset of the fee.
  let feeAsset: Int32
  let isMaker: Bool

  /// Both sides move this one rounded amount.
  var quote: Decimal { Venue.product(price, quantity, .down) }
}

/// What orders have traded.
extension Venue {
  /// The trades of the order of that name, oldest first; the venue's name tells orders apart that share a client id.
  func trades(_ symbol: Symbol, _ orderId: String, _ account: Int) -> VenueReply {
    guard let id = Int(orderId.dropFirst()), id >= 0, orders.isKept(id), orders[id].orderId == orderId,
      orders[id].account == account, markets[orders[id].market].symbol == symbol
    else { return .refused(profile.orderNotFound) }
    let order = orders[id]
    var fills: [Fill] = []
    var next = order.lastTrade
    while let at = next {
      let trade = tape[at]
      fills.append(
        Fill(
          tradeId: Venue.numbered("T", Int(trade.number)), orderId: orderId, clientOrderId: order.clientOrderId,
          symbol: symbol,
          side: order.side, price: trade.price, quantity: trade.quantity, quote: trade.quote,
          fee: Fee(asset: ledger.assets[Int(trade.feeAsset)], amount: trade.feeAmount), isMaker: trade.isMaker,
          time: trade.time))
      next = trade.before < 0 ? nil : Int(trade.before)
    }
    return .trades(fills.reversed())
  }
}
