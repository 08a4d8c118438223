import Basics
import Trading

/// The market maker follows the quotes.
///
/// Books are moved before a request takes effect and not by a clock, so that nothing happens between two steps: the
/// venue needs no thread of its own, and a session's requests give the same session again. A book without resting
/// client orders is not touched until somebody asks for it: nobody can tell, and most books have none. While the quote
/// stands still, eaten levels stay eaten until the refill is due; otherwise an order cut in small pieces would find a
/// bottomless book.
extension Venue {
  /// Brings books to the quotes at `time`: those with resting client orders at once, the others when they are asked
  /// for.
  mutating func moveMarkets(to time: Instant) {
    events.forget()
    now = max(now, time)
    guard !resting.isEmpty else { return }
    for market in markets.indices where markets[market].restingCount > 0 { refresh(market) }
    releaseHeld()
  }

  /// The source's quote of now; it is asked again when another one may stand.
  mutating func shown(_ market: Int) -> ShownQuote {
    if now < markets[market].shownUntil { return markets[market].shown }
    let (quote, until) = source.standing(markets[market].symbol, at: now)
    let shown = ShownQuote(quote)
    (markets[market].shown, markets[market].shownUntil) = (shown, until)
    return shown
  }

  /// The quotes of now in the order asked; a symbol that has none is left out.
  mutating func quotes(_ symbols: [Symbol]) -> [Quote] {
    var quotes: [Quote] = []
    quotes.reserveCapacity(symbols.count)
    for symbol in symbols {
      if let market = market(of: symbol), let quote = shown(market).quote { quotes.append(quote) }
    }
    return quotes
  }

  /// Rebuilds the market maker's levels when the quote has changed or they are due for a refill.
  mutating func refresh(_ market: Int) {
    if now < markets[market].settledUntil { return }
    if let until = markets[market].emptyUntil, now < until { return }
    let shown = shown(market)
    if let refreshedAt = markets[market].refreshedAt, now - refreshedAt < depth.refill,
      markets[market].last?.isPriced(as: shown) ?? false
    {
      return settle(market, since: refreshedAt)
    }
    guard let quote = shown.quote else {
      // A recording that is over leaves no offers behind.
      if markets[market].last != nil { (markets[market].last, markets[market].refreshedAt) = (nil, nil) }
      return markets[market].book.removeMarket()
    }
    markets[market].last = shown
    markets[market].refreshedAt = now
    // The old levels go first, so that a new one meets orders of clients only.
    markets[market].book.removeMarket()
    offer(market, .sell, from: quote.ask)
    offer(market, .buy, from: quote.bid)
    settle(market, since: now)
  }

  /// The levels stand until the refill is due or another quote may be shown.
  private mutating func settle(_ market: Int, since refreshed: Instant) {
    markets[market].settledUntil = min(markets[market].shownUntil, refreshed + depth.refill)
  }

  /// Places the levels of one side, best first; what meets resting client orders trades at their price.
  private mutating func offer(_ market: Int, _ side: Side, from price: Decimal) {
    let (tick, step) = (markets[market].rules.tick, markets[market].rules.step)
    guard price.isPositive, price <= profile.priceMax else { return }
    let bps = Decimal(coefficient: Decimal.one.coefficient / 10_000 * Int128(depth.spacingBps))
    let spacing = max(tick, Venue.product(price, bps, .down).floored(toStep: tick))
    let unit = max(step, Venue.quotient(depth.notional, price).floored(toStep: step))
    var level = price
    var quantity = Decimal.zero
    for _ in 0..<depth.levels {
      quantity += unit
      let rest = meetClients(market, side, level, quantity)
      if rest.isPositive {
        let entry = OrderBook.Entry(
          id: OrderBook.market, account: Venue.marketMaker.index, price: level, remaining: rest)
        markets[market].book.insert(entry, side)
      }
      level = side == .sell ? level + spacing : level - spacing
      guard level.isPositive else { return }
    }
  }

  /// Trades a new level of the market maker against resting client orders and returns what is left of it.
  private mutating func meetClients(_ market: Int, _ side: Side, _ price: Decimal, _ quantity: Decimal) -> Decimal {
    var rest = quantity
    while rest.isPositive, let best = markets[market].book.top(side.opposite), best.id != OrderBook.market,
      OrderBook.crosses(side, limit: price, price: best.price)
    {
      let part = min(rest, best.remaining)
      guard marketCanPay(market, side, best.price, part) else { return .zero }
      markets[market].book.takeBest(side.opposite, part)
      trade(market, price: best.price, quantity: part, maker: best.id, taker: OrderBook.market, takerSide: side)
      rest -= part
    }
    return rest
  }
}
