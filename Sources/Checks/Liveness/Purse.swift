import Basics
import Trading

/// The quote asset that is free for entries, by the venue's truth and with doubt against it: what a sale brought counts once
/// the engine has heard of it, and an open purchase keeps all it may cost.
struct Purse {
  private let changes: [(at: Instant, amount: Decimal)]
  private let opening: Decimal

  init(_ record: SessionRecord, _ hearing: Hearing) throws(Unjudged) {
    var changes: [(at: Instant, amount: Decimal)] = []
    var quote = "USDT"
    for order in record.truth.orders {
      quote = order.symbol.split(separator: "/").last.map(String.init) ?? quote
      let place = order.id
      for trade in order.trades {
        let fee = trade.feeAsset == quote ? trade.fee : .zero
        if order.isBuy {
          changes.append((trade.time, try Decimal.zero.minus(trade.quote, at: place).minus(fee, at: place)))
        } else {
          changes.append(
            (hearing.time(of: trade, in: order) + Check.reactionSlack, try trade.quote.minus(fee, at: place)))
        }
      }
      guard order.isBuy, let quantity = order.quantity, let price = order.price else { continue }
      let fee = record.truth.markets[order.symbol]?.takerFee ?? .zero
      let most = try quantity.times(price, .up, of: place).times(Decimal.one.plus(fee, at: place), .up, of: place)
      changes.append((record.decided(order), try Decimal.zero.minus(most, at: place)))
      if let over = hearing.time(ofEndOf: order) { changes.append((over + Check.reactionSlack, most)) }
    }
    self.changes = changes.sorted { $0.at < $1.at }
    opening = record.truth.opening[quote] ?? .zero
  }

  /// When less than the amount and a tenth more is free.
  func empty(_ amount: Decimal) throws(Unjudged) -> [Range<Instant>] {
    let least = try amount.times(Decimal(coefficient: 1_100_000_000_000), .up, of: "\(SettingName.positionSizeUsdt)")
    var free = opening
    var parts: [Range<Instant>] = []
    var start: Instant? = free < least ? Instant(nanoseconds: .min) : nil
    for change in changes {
      free = try free.plus(change.amount, at: "the venue's trades")
      if free < least, start == nil {
        start = change.at
      } else if free >= least, let from = start {
        parts.append(.from(from, to: change.at))
        start = nil
      }
    }
    if let start { parts.append(.from(start, to: .distantFuture)) }
    return parts
  }
}
