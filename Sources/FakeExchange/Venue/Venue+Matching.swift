import ChaosRuntime
import Trading

/// Trades.
///
/// The incoming order takes the best price first and, of one price, the oldest order; the trade is made at the price of
/// the order that was resting, as every venue with a central book has it. The loop ends when the order is filled, meets
/// a price beyond its limit, meets an order of its own account, or the book is empty.
///
/// Money moves in one order only: the book gives the quantity up, the ledger moves base and quote, the fee is taken,
/// then the order's own figures change and both owners are told, the taker first. A limit order pays out of what was
/// locked when it was taken, so that no fill of it can fail for lack of funds; only the market maker pays out of its
/// free holding, which is why it is asked before. What a limit order locked too much, because it traded at a better
/// price, comes back at its end.
extension Venue {
  /// Fills an incoming order from the book; true when it stopped at an own order (self-trade prevention expires the
  /// incoming order).
  mutating func match(_ id: Int) -> Bool {
    let (market, side, limit, account) = (orders[id].market, orders[id].side, orders[id].price, orders[id].account)
    while let best = markets[market].book.top(side.opposite) {
      guard OrderBook.crosses(side, limit: limit, price: best.price) else { return false }
      if best.account == account { return true }
      let quantity = min(wanted(id, at: best.price), best.remaining)
      guard quantity.isPositive else { return false }
      guard best.id != OrderBook.market || marketCanPay(market, side.opposite, best.price, quantity) else {
        // A level that cannot be paid is no offer; the next one may be smaller.
        markets[market].book.dropBest(side.opposite)
        continue
      }
      markets[market].book.takeBest(side.opposite, quantity)
      trade(market, price: best.price, quantity: quantity, maker: best.id, taker: id, takerSide: side)
      if orders[id].status.isTerminal { return false }
    }
    return false
  }

  /// Base asset that the order still wants, at that price when it asks by quote amount.
  private func wanted(_ id: Int, at price: Decimal) -> Decimal {
    if let quantity = orders[id].quantity {
      return min(quantity, tradeMax(id) ?? quantity) - orders[id].filledQuantity
    }
    // By quote amount: how much base the rest of it buys is known only at the price that is met, step by step.
    let rest = (orders[id].quoteOrderQty ?? .zero) - orders[id].filledQuote
    let base = Venue.quotient(rest, price).floored(toStep: markets[orders[id].market].rules.step)
    return orders[id].side == .sell ? min(base, orders[id].locked) : base
  }

  /// Whether the market maker owns enough for a trade on `side`.
  func marketCanPay(_ market: Int, _ side: Side, _ price: Decimal, _ quantity: Decimal) -> Bool {
    let asset = side == .buy ? markets[market].quote : markets[market].base
    let amount = side == .buy ? Venue.product(price, quantity, .down) : quantity
    return ledger.free(Venue.marketMaker.index, asset) >= amount
  }

  /// Moves the money of one trade and tells both owners, the taker first; the book is already changed.
  mutating func trade(_ market: Int, price: Decimal, quantity: Decimal, maker: Int, taker: Int, takerSide: Side) {
    // Both sides move this one rounded amount, so that rounding makes no money; orders were locked rounded up, so it is
    // there.
    let quote = Venue.product(price, quantity, .down)
    let (buyer, seller) = takerSide == .buy ? (taker, maker) : (maker, taker)
    let (base, quoteAsset) = (markets[market].base, markets[market].quote)
    let (from, to) = (owner(seller), owner(buyer))
    ledger.pay(base, quantity, from: from, fromLocked: seller != OrderBook.market, to: to)
    ledger.pay(quoteAsset, quote, from: to, fromLocked: buyer != OrderBook.market, to: from)
    if seller != OrderBook.market { orders[seller].locked -= quantity }
    if buyer != OrderBook.market { orders[buyer].locked -= quote }
    tradeCount += 1
    if taker != OrderBook.market { record(taker, price: price, quantity: quantity, quote: quote, isMaker: false) }
    if maker != OrderBook.market { record(maker, price: price, quantity: quantity, quote: quote, isMaker: true) }
  }

  private func owner(_ id: Int) -> Int { id == OrderBook.market ? Venue.marketMaker.index : orders[id].account }

  /// Books a fill on one order: fee, progress, event, and the end when nothing is left.
  private mutating func record(
    _ id: Int, price: Decimal, quantity: Decimal, quote: Decimal, isMaker: Bool
  ) {
    let (account, market) = (orders[id].account, orders[id].market)
    touched.touch(account, markets[market].base)
    touched.touch(account, markets[market].quote)
    let fee = chargeFee(id, quantity: quantity, quote: quote, isMaker: isMaker)
    let trade = KeptTrade(
      price: price, quantity: quantity, feeAmount: fee.amount, time: now, number: Int32(tradeCount),
      before: orders[id].lastTrade.map { Int32($0) } ?? -1, feeAsset: Int32(fee.asset), isMaker: isMaker)
    orders[id].fill(trade, quote, feeFromLocked: fee.isFromLocked, onTape: tape.count)
    tape.append(trade)
    if isSpent(id) { orders[id].status = .filled }
    let facts = orders[id].facts
    let beside = beside(facts, market)
    events.append(facts, .trade(account, trade, orders[id].filled, orders[id].status), beside: beside)
    if orders[id].status == .filled { release(id) }
  }

  /// Whether the rest of a quote amount no longer buys or sells one step of what the book offers next.
  private mutating func isSpent(_ id: Int) -> Bool {
    guard let amount = orders[id].quoteOrderQty else { return false }
    guard orders[id].filledQuote < amount else { return true }
    guard let next = markets[orders[id].market].book.top(orders[id].side.opposite) else { return false }
    return wanted(id, at: next.price).isZero
  }

  private mutating func chargeFee(
    _ id: Int, quantity: Decimal, quote: Decimal, isMaker: Bool
  ) -> (asset: Int, amount: Decimal, isFromLocked: Bool) {
    let (market, account, side) = (orders[id].market, orders[id].account, orders[id].side)
    let rate = isMaker ? markets[market].rules.makerFee : markets[market].rules.takerFee
    var asset = markets[market].quote
    var amount = Venue.product(quote, rate, .down)
    var fromLocked = side == .buy
    switch profile.feeMode {
    case .quote: break
    case .received:
      fromLocked = false
      if side == .buy {
        asset = markets[market].base
        amount = Venue.product(quantity, rate, .down)
      }
    case .token(let token, let price):
      let tokens = Venue.quotient(amount, price)
      if let column = ledger.index(of: token), ledger.free(account, column) >= tokens {
        asset = column
        amount = tokens
        fromLocked = false
      }
    }
    ledger.pay(asset, amount, from: account, fromLocked: fromLocked, to: Venue.fees.index)
    touched.touch(account, asset)
    return (asset, amount, fromLocked)
  }

  /// What goes with an event on that market: the quote of now, unless its book is empty.
  mutating func openQuote(_ market: Int) -> ShownQuote? {
    if let until = markets[market].emptyUntil, now < until { return nil }
    return shown(market)
  }

  /// What goes with an event of an order of that market and is not known from the order.
  @inline(__always)
  mutating func beside(_ order: OrderFacts, _ market: Int) -> VenueEvent.Beside? {
    // Mostly it is the quote at which the order was taken, which needs no second pointer.
    if now < markets[market].shownUntil, markets[market].emptyUntil == nil, markets[market].shown === order.shown {
      return nil
    }
    return otherQuote(order, market)
  }

  private mutating func otherQuote(_ order: OrderFacts, _ market: Int) -> VenueEvent.Beside? {
    let shown = openQuote(market)
    return shown === order.shown ? nil : VenueEvent.Beside(shown: shown)
  }

  /// A letter and a number, as orders and trades are named.
  static func numbered(_ letter: Unicode.Scalar, _ number: Int) -> String {
    // At most 15 bytes, which need no memory of their own: several names are made for each order.
    guard number >= 0, number < 100_000_000_000_000 else { return "\(letter)\(number)" }
    return String(unsafeUninitializedCapacity: 15) { bytes in
      var (rest, length, bound) = (UInt64(number), 2, UInt64(10))
      while rest >= bound { (length, bound) = (length + 1, bound * 10) }
      for index in stride(from: length - 1, to: 0, by: -1) {
        bytes[index] = UInt8(48 + rest % 10)
        rest /= 10
      }
      bytes[0] = UInt8(ascii: letter)
      return length
    }
  }

  /// A product of amounts that the filters have bounded.
  static func product(_ left: Decimal, _ right: Decimal, _ rounding: Rounding) -> Decimal {
    do {
      return try left.multiplied(by: right, rounding: rounding)
    } catch {
      preconditionFailure("amounts are bounded by the venue's filters: \(left) x \(right)")
    }
  }

  /// A quotient, rounded down, of amounts that the filters have bounded.
  static func quotient(_ left: Decimal, _ right: Decimal) -> Decimal {
    do {
      return try left.divided(by: right, rounding: .down)
    } catch {
      preconditionFailure("amounts are bounded by the venue's filters: \(left) / \(right)")
    }
  }
}
