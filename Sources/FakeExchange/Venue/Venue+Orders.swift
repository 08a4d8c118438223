import ChaosRuntime
import Trading

/// Taking orders in and out.
extension Venue {
  mutating func place(_ request: OrderRequest, _ account: Int, _ terms: MatchTerms?) -> VenueReply {
    guard let market = market(of: request.symbol) else { return .refused(profile.unknownSymbol) }
    if let until = markets[market].closedUntil, now < until { return .refused(profile.marketClosed) }
    refresh(market)
    let name = place(of: request.clientOrderId, account)
    if let error = identityProblem(request.clientOrderId, usedBy: name.order) ?? shapeProblem(request, market) {
      return .refused(error)
    }
    if request.type == .limitMaker || terms?.isMakerOnly ?? false, let price = request.price,
      let best = markets[market].book.top(request.side.opposite),
      OrderBook.crosses(request.side, limit: price, price: best.price)
    {
      return .refused(profile.wouldTake)
    }
    if openCounts[account * markets.count + market] >= profile.openOrdersMax {
      return .refused(profile.tooManyOpenOrders)
    }
    let asset = request.side == .buy ? markets[market].quote : markets[market].base
    let needed = funds(for: request, market)
    // What the order can cost at most, fee included; what is left over comes back when it ends.
    guard ledger.lock(account, asset, needed) else {
      return .refused(request.side == .buy ? profile.insufficientBalance : profile.oversold)
    }
    touched.touch(account, asset)
    let id = orders.count
    let facts = OrderFacts(
      id, clientOrderId: request.clientOrderId, market: markets[market].facts, side: request.side,
      price: request.type == .market ? .zero : request.price ?? .zero,
      amount: request.quantity ?? request.quoteOrderQty ?? .zero, isByQuote: request.quantity == nil, at: now,
      shown: openQuote(market))
    orders.append(VenueOrder(facts, account: account, market: market, request: request, locked: needed))
    clientIds.put(id, at: name)
    events.append(facts, .accepted(account, at: now))
    if let terms, apply(terms, to: id) {} else { execute(id) }
    return .ack(OrderAck(orderId: facts.orderId, clientOrderId: request.clientOrderId, acceptedAt: now))
  }

  mutating func cancel(_ symbol: Symbol, _ clientOrderId: String, _ account: Int) -> VenueReply {
    guard let id = find(symbol, clientOrderId, account), !orders[id].status.isTerminal else {
      return .refused(profile.unknownOrder)
    }
    takeOutOfBook(id)
    end(id, orders[id].filledQuantity.isZero ? .canceled : .partiallyCanceled)
    return .report(report(id))
  }

  /// Takes what rests of an order out of its book, if anything does.
  mutating func takeOutOfBook(_ id: Int) {
    guard let place = orders[id].place else { return }
    orders[id].place = nil
    markets[orders[id].market].book.remove(id: id, at: place, orders[id].side)
  }

  /// Takes an order back and, when that is done, places another (Binance: `STOP_ON_FAILURE`).
  mutating func replace(
    _ symbol: Symbol, _ clientOrderId: String, by request: OrderRequest, _ account: Int, _ terms: MatchTerms?
  ) -> VenueReply {
    guard profile.hasCancelReplace, case .report(let report) = cancel(symbol, clientOrderId, account) else {
      return .refused(profile.replaceFailed)
    }
    guard case .ack(let ack) = place(request, account, terms) else { return .refused(profile.replaceHalfDone) }
    return .replaced(report, ack)
  }

  /// Matches a new order and leaves, expires or rests what is left of it.
  mutating func execute(_ id: Int) {
    let (market, side, account) = (orders[id].market, orders[id].side, orders[id].account)
    let (limit, force, most) = (orders[id].price, orders[id].timeInForce, tradeMax(id))
    // Counted before anything is taken: a match that falls short could not be taken back.
    if force == .fok, let quantity = orders[id].quantity {
      let reachable = markets[market].book.reachable(
        side, limit: limit, quantity: min(quantity, most ?? quantity), account: account)
      if reachable < quantity { return end(id, .expired) }
    }
    let metItself = match(id)
    guard !orders[id].status.isTerminal else { return }
    if metItself { return end(id, profile.selfTradeEnd) }
    if force != .gtc { return end(id, .expired) }
    guard let price = limit, let quantity = orders[id].quantity else { return end(id, .expired) }
    // What a fault keeps from trading is open without being in the book.
    let remaining = min(quantity, most ?? quantity) - orders[id].filledQuantity
    if remaining.isPositive {
      orders[id].place = markets[market].book.insert(
        OrderBook.Entry(id: id, account: account, price: price, remaining: remaining), side)
    }
    rest(id)
  }

  /// Ends an order before it is filled: gives back what it holds, takes it off the list and tells its owner.
  mutating func end(_ id: Int, _ status: OrderStatus) {
    orders[id].status = status
    orders[id].updatedAt = now
    release(id)
    let facts = orders[id].facts
    let beside = beside(facts, orders[id].market)
    events.append(facts, .ended(orders[id].account, at: now, orders[id].filled, status), beside: beside)
  }

  /// Gives back what an ended order still holds and takes it off the list of resting orders.
  mutating func release(_ id: Int) {
    let (account, market, locked) = (orders[id].account, orders[id].market, orders[id].locked)
    if locked.isPositive {
      let asset = orders[id].side == .buy ? markets[market].quote : markets[market].base
      ledger.unlock(account, asset, locked)
      orders[id].locked = .zero
      touched.touch(account, asset)
    }
    if !held.isEmpty { held.removeAll { $0 == id } }
    unrest(id)
  }

  /// What an order must hold: base asset for a sell; quote asset with the fee for a buy.
  private func funds(for order: OrderRequest, _ market: Int) -> Decimal {
    if order.side == .sell {
      if let quantity = order.quantity { return quantity }
      return baseToReceive(order.quoteOrderQty ?? .zero, market)
    }
    let quote: Decimal
    if let amount = order.quoteOrderQty {
      quote = amount
    } else if order.type != .market, let price = order.price {
      quote = Venue.product(price, order.quantity ?? .zero, .up)
    } else {
      quote = costOfBuying(order.quantity ?? .zero, market)
    }
    if profile.feeMode == .received { return quote }
    let rate = max(markets[market].rules.takerFee, markets[market].rules.makerFee)
    return quote + Venue.product(quote, rate, .up)
  }

  /// What buying `quantity` from the book costs at once, before fees.
  private func costOfBuying(_ quantity: Decimal, _ market: Int) -> Decimal {
    var cost = Decimal.zero
    var rest = quantity
    markets[market].book.walk(.sell) { entry in
      let part = min(rest, entry.remaining)
      cost += Venue.product(part, entry.price, .up)
      rest -= part
      return rest.isPositive
    }
    return cost
  }

  /// How much base asset it takes to receive `quote` from the book at once.
  private func baseToReceive(_ quote: Decimal, _ market: Int) -> Decimal {
    let step = markets[market].rules.step
    var base = Decimal.zero
    var rest = quote
    markets[market].book.walk(.buy) { entry in
      let part = min(entry.remaining, Venue.quotient(rest, entry.price).floored(toStep: step))
      if part.isZero { return false }
      base += part
      rest -= Venue.product(part, entry.price, .down)
      return rest.isPositive
    }
    return base
  }
}
