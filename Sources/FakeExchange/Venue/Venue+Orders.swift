import ChaosRuntime
import Trading

/// Taking orders in and out.
extension Venue {
  mutating func place(_ request: OrderRequest, _ account: Int, _ terms: MatchTerms) -> VenueReply {
    guard let market = marketIndex[request.symbol] else { return .refused(profile.unknownSymbol) }
    if let until = markets[market].closedUntil, now < until { return .refused(profile.marketClosed) }
    refresh(market)
    if let error = identityProblem(request, account) ?? shapeProblem(request, market) { return .refused(error) }
    if request.type == .limitMaker, let price = request.price,
      let best = markets[market].book.best(request.side.opposite),
      OrderBook.crosses(request.side, limit: price, price: best.price)
    {
      return .refused(profile.wouldTake)
    }
    if markets[market].restingCount >= profile.openOrdersMax, openCount(account, market) >= profile.openOrdersMax {
      return .refused(profile.tooManyOpenOrders)
    }
    var order = VenueOrder(id: orders.count, account: account, market: market, request: request, at: now)
    let asset = order.side == .buy ? markets[market].quote : markets[market].base
    let needed = funds(for: order)
    // What the order can cost at most, fee included; what is left over comes back when it ends.
    guard ledger.lock(account, asset, needed) else {
      return .refused(order.side == .buy ? profile.insufficientBalance : profile.oversold)
    }
    order.locked = needed
    touch(account, asset)
    orders.append(order)
    byClientId[account][request.clientOrderId] = order.id
    emit(order.id) { .accepted($0) }
    if !apply(terms, to: order.id) { execute(order.id) }
    return .ack(OrderAck(orderId: order.orderId, clientOrderId: request.clientOrderId, acceptedAt: now))
  }

  mutating func cancel(_ symbol: Symbol, _ clientOrderId: String, _ account: Int) -> VenueReply {
    guard let id = find(symbol, clientOrderId, account), !orders[id].status.isTerminal else {
      return .refused(profile.unknownOrder)
    }
    markets[orders[id].market].book.remove(id: id, orders[id].side)
    end(id, orders[id].filledQuantity.isZero ? .canceled : .partiallyCanceled)
    return .report(orders[id].report(withFee: profile.repliesCarryFee))
  }

  private func openCount(_ account: Int, _ market: Int) -> Int {
    resting.reduce(0) { $0 + (orders[$1].account == account && orders[$1].market == market ? 1 : 0) }
  }

  /// Takes an order back and, when that is done, places another (Binance: `STOP_ON_FAILURE`).
  mutating func replace(
    _ symbol: Symbol, _ clientOrderId: String, by request: OrderRequest, _ account: Int, _ terms: MatchTerms
  ) -> VenueReply {
    guard profile.hasCancelReplace, case .report(let report) = cancel(symbol, clientOrderId, account) else {
      return .refused(profile.replaceFailed)
    }
    guard case .ack(let ack) = place(request, account, terms) else { return .refused(profile.replaceHalfDone) }
    return .replaced(report, ack)
  }

  /// Matches a new order and leaves, expires or rests what is left of it.
  mutating func execute(_ id: Int) {
    let order = orders[id]
    // Counted before anything is taken: a match that falls short could not be taken back.
    if order.timeInForce == .fok, let quantity = order.quantity {
      let reachable = markets[order.market].book.reachable(
        order.side, limit: order.price, quantity: min(quantity, order.tradeMax ?? quantity), account: order.account)
      if reachable < quantity { return end(id, .expired) }
    }
    let metItself = match(id)
    guard !orders[id].status.isTerminal else { return }
    if metItself { return end(id, profile.selfTradeEnd) }
    if order.timeInForce != .gtc { return end(id, .expired) }
    guard let price = order.price, let quantity = order.quantity else { return end(id, .expired) }
    // What a fault keeps from trading is open without being in the book.
    let remaining = min(quantity, order.tradeMax ?? quantity) - orders[id].filledQuantity
    if remaining.isPositive {
      markets[order.market].book.insert(
        OrderBook.Entry(id: id, account: order.account, price: price, remaining: remaining), order.side)
    }
    rest(id)
  }

  /// Ends an order before it is filled: gives back what it holds, takes it off the list and tells its owner.
  mutating func end(_ id: Int, _ status: OrderStatus) {
    orders[id].status = status
    orders[id].updatedAt = now
    release(id)
    emit(id) { .canceled($0) }
  }

  /// Gives back what an ended order still holds and takes it off the list of resting orders.
  mutating func release(_ id: Int) {
    let order = orders[id]
    let asset = order.side == .buy ? markets[order.market].quote : markets[order.market].base
    if order.locked.isPositive {
      ledger.unlock(order.account, asset, order.locked)
      orders[id].locked = .zero
      touch(order.account, asset)
    }
    held.removeAll { $0 == id }
    unrest(id)
  }

  /// What an order must hold: base asset for a sell; quote asset with the fee for a buy.
  private func funds(for order: VenueOrder) -> Decimal {
    let market = markets[order.market]
    if order.side == .sell {
      if let quantity = order.quantity { return quantity }
      return baseToReceive(order.quoteOrderQty ?? .zero, market)
    }
    let quote: Decimal
    if let amount = order.quoteOrderQty {
      quote = amount
    } else if let price = order.price {
      quote = Venue.product(price, order.quantity ?? .zero, .up)
    } else {
      quote = costOfBuying(order.quantity ?? .zero, market)
    }
    if profile.feeMode == .received { return quote }
    let rate = max(market.rules.takerFee, market.rules.makerFee)
    return quote + Venue.product(quote, rate, .up)
  }

  /// What buying `quantity` from the book costs at once, before fees.
  private func costOfBuying(_ quantity: Decimal, _ market: Market) -> Decimal {
    var cost = Decimal.zero
    var rest = quantity
    for entry in market.book.asks.reversed() where rest.isPositive {
      let part = min(rest, entry.remaining)
      cost += Venue.product(part, entry.price, .up)
      rest -= part
    }
    return cost
  }

  /// How much base asset it takes to receive `quote` from the book at once.
  private func baseToReceive(_ quote: Decimal, _ market: Market) -> Decimal {
    var base = Decimal.zero
    var rest = quote
    for entry in market.book.bids.reversed() where rest.isPositive {
      let part = min(entry.remaining, Venue.quotient(rest, entry.price).floored(toStep: market.rules.step))
      if part.isZero { break }
      base += part
      rest -= Venue.product(part, entry.price, .down)
    }
    return base
  }
}
