import Basics
import Trading

/// What a venue does that nobody asked it for; the raw value is how fault files write it, as `act=cancel`.
public enum VenueAct: String, Sendable, CaseIterable {
  /// The account's oldest open order is canceled.
  case cancel
  /// It expires.
  case expire
  /// Its symbol takes no orders for half a minute; what rests, rests.
  case halt
  /// Its symbol takes no orders any more, and all that rest are canceled.
  case delist
  /// Nobody offers anything on its symbol for twenty seconds.
  case emptyBook = "empty_book"
  /// The symbol's tick is ten times as coarse from now on.
  case tick
  /// The symbol's step is ten times as coarse.
  case step
  /// The symbol's smallest order is ten times as large.
  case minimum
  /// A quarter of the account's free quote asset is withdrawn.
  case withdraw
  /// Half of what the account holds of the symbol is sold by hand, at the bid.
  case sale
  /// Another bot of the same account bids half the price of the symbol with a tenth of the free quote asset.
  case otherBot = "other_bot"
  /// The account's key may do nothing for a minute, and its user stream ends.
  case revoke
}

extension Venue {
  static let haltTime = Duration.seconds(30)
  static let emptyTime = Duration.seconds(20)
  /// How long a revoked key may do nothing.
  package static let revokedTime = Duration.seconds(60)

  /// Lets the venue act by itself at `time`, as a step of its own.
  ///
  /// It acts on the symbol of the account's oldest open order; where there is none, on that of its last order, else on the first.
  package mutating func act(_ act: VenueAct, on account: Account, at time: Instant) -> VenueEvents {
    moveMarkets(to: time)
    (transfers, strangers) = ([], [])
    let open = resting.first { orders[$0].account == account.index }
    let last = orders.indices.last { orders.isKept($0) && orders[$0].account == account.index }.map {
      orders[$0].market
    }
    let market = open.map { orders[$0].market } ?? last ?? 0
    switch act {
    case .cancel: if let open { takeOut(open, .canceled) }
    case .expire: if let open { takeOut(open, .expired) }
    case .halt: markets[market].closedUntil = now + Self.haltTime
    case .delist:
      markets[market].closedUntil = .distantFuture
      for id in resting.filter({ orders[$0].market == market }) { takeOut(id, .canceled) }
    case .emptyBook:
      markets[market].emptyUntil = now + Self.emptyTime
      markets[market].book.removeMarket()
    case .tick: markets[market].rules.tick = ten(markets[market].rules.tick)
    case .step: markets[market].rules.step = ten(markets[market].rules.step)
    case .minimum: markets[market].rules.minNotional = ten(markets[market].rules.minNotional)
    case .withdraw: withdraw(market, account.index)
    case .sale: sell(market, account.index)
    case .otherBot: bid(market, account.index)
    // Keys are looked at before a request comes here.
    case .revoke: break
    }
    return finishStep()
  }

  private func ten(_ value: Decimal) -> Decimal { Decimal(coefficient: value.coefficient * 10) }

  private mutating func takeOut(_ id: Int, _ status: OrderStatus) {
    takeOutOfBook(id)
    end(id, status == .canceled && orders[id].filledQuantity.isPositive ? .partiallyCanceled : status)
  }

  /// The money goes to the market maker, who stands for the world.
  private mutating func withdraw(_ market: Int, _ account: Int) {
    let asset = markets[market].quote
    let amount = Decimal(coefficient: ledger.free(account, asset).coefficient / 4)
    guard amount.isPositive else { return }
    ledger.pay(asset, amount, from: account, fromLocked: false, to: Venue.marketMaker.index)
    transfers.append((ledger.assets[asset], Decimal.zero - amount))
    touched.touch(account, asset)
  }

  /// Refused where its amount is none that the market takes.
  private mutating func bid(_ market: Int, _ account: Int) {
    refresh(market)
    let rules = markets[market].rules
    guard let bid = markets[market].last?.quote?.bid, bid.isPositive else { return }
    let price = Decimal(coefficient: bid.coefficient / 2).floored(toStep: rules.tick)
    guard price.isPositive else { return }
    let amount = Decimal(coefficient: ledger.free(account, markets[market].quote).coefficient / 10)
    let request = OrderRequest(
      clientOrderId: Venue.numbered("B", orders.count), symbol: markets[market].symbol, side: .buy, type: .limit,
      quantity: Venue.quotient(amount, price).floored(toStep: rules.step), price: price)
    if case .ack = place(request, account, nil) { strangers = [request] }
  }

  private mutating func sell(_ market: Int, _ account: Int) {
    refresh(market)
    let (base, quote) = (markets[market].base, markets[market].quote)
    let half = Decimal(coefficient: ledger.free(account, base).coefficient / 2).floored(
      toStep: markets[market].rules.step)
    guard half.isPositive, let bid = markets[market].last?.quote?.bid else { return }
    ledger.pay(base, half, from: account, fromLocked: false, to: Venue.marketMaker.index)
    let proceeds = Venue.product(half, bid, .down)
    ledger.pay(quote, proceeds, from: Venue.marketMaker.index, fromLocked: false, to: account)
    transfers += [(ledger.assets[base], Decimal.zero - half), (ledger.assets[quote], proceeds)]
    touched.touch(account, base)
    touched.touch(account, quote)
  }
}
