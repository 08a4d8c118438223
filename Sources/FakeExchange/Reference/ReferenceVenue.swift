import Basics
import Trading

/// One market of a venue as slowly and plainly as it can be said, to compare the real one with.
///
/// Open orders stand in one list in the order they came, which is searched anew for every trade; the market maker's levels are
/// orders among them. It shares the values of the real venue (decimals, requests, profiles, the ledger's rounding) and none
/// of its code.
final class ReferenceVenue {
  final class Order {
    let request: OrderRequest
    let account: String
    let isMarket: Bool
    var filled = Decimal.zero
    var filledQuote = Decimal.zero
    var locked = Decimal.zero
    var status = OrderStatus.new

    init(_ request: OrderRequest, _ account: String, isMarket: Bool = false) {
      self.request = request
      self.account = account
      self.isMarket = isMarket
    }

    var limit: Decimal? { request.type == .market ? nil : request.price }
    /// Of an order with a limit.
    var rest: Decimal { (request.quantity ?? .zero) - filled }
  }

  /// What one side of a trade is told.
  struct Told: Equatable {
    var id: String
    var price: Decimal
    var quantity: Decimal
    var quote: Decimal
    var fee: Fee?
    var isMaker: Bool
  }

  static let maker = "market"
  static let fees = "fees"

  let profile: VenueProfile
  let rules: MarketRules
  let depth: MarketDepth
  /// Orders that can still trade, in the order they came.
  private(set) var open: [Order] = []
  /// The last order of each id, by account.
  private(set) var last: [String: [String: Order]] = [:]
  var free: [String: [String: Decimal]]
  var locked: [String: [String: Decimal]] = [:]
  /// Since somebody last took them.
  var told: [Told] = []
  /// What happened to orders of clients since somebody last took it, such as `NEW o1`, `TRADE o1` and `CANCELED o1`.
  var news: [String] = []
  private var shown: Quote?
  private var shownAt: Instant?
  /// Until then no order is taken.
  private var closedUntil: Instant?

  init(profile: VenueProfile, rules: MarketRules, depth: MarketDepth, balances: [String: [String: Decimal]]) {
    self.profile = profile
    self.rules = rules
    self.depth = depth
    free = balances
  }

  private var base: String { rules.symbol.base }
  private var quote: String { rules.symbol.quote }

  func balance(_ account: String, _ asset: String) -> Balance {
    Balance(
      asset: asset, free: free[account]?[asset] ?? .zero, locked: locked[account]?[asset] ?? .zero)
  }

  // MARK: Requests

  /// Nil: taken.
  func place(_ request: OrderRequest, _ account: String, _ quote: Quote?, at time: Instant) -> VenueError? {
    if let closedUntil, time < closedUntil {
      move(quote, at: time)
      return profile.marketClosed
    }
    follow(quote, at: time)
    if let error = problem(request, account) { return error }
    let order = Order(request, account)
    if request.type == .limitMaker, let best = best(against: request.side), crosses(order, best) {
      return profile.wouldTake
    }
    if open.count(where: { $0.account == account }) >= profile.openOrdersMax { return profile.tooManyOpenOrders }
    let asset = request.side == .buy ? self.quote : base
    let needed = funds(order)
    guard balance(account, asset).free >= needed else {
      return request.side == .buy ? profile.insufficientBalance : profile.oversold
    }
    free[account, default: [:]][asset, default: .zero] -= needed
    locked[account, default: [:]][asset, default: .zero] += needed
    order.locked = needed
    news.append("NEW \(request.clientOrderId)")
    last[account, default: [:]][request.clientOrderId] = order
    trade(order)
    return nil
  }

  /// Nil: canceled.
  func cancel(_ id: String, _ account: String, _ quote: Quote?, at time: Instant) -> VenueError? {
    move(quote, at: time)
    guard let order = last[account]?[id], !order.status.isTerminal else { return profile.unknownOrder }
    end(order, order.filled.isZero ? .canceled : .partiallyCanceled)
    return nil
  }

  func replace(
    _ id: String, by request: OrderRequest, _ account: String, _ quote: Quote?, at time: Instant
  ) -> VenueError? {
    guard cancel(id, account, quote, at: time) == nil else { return profile.replaceFailed }
    return place(request, account, quote, at: time) == nil ? nil : profile.replaceHalfDone
  }

  /// The market moves with every request while orders of clients rest.
  func move(_ quote: Quote?, at time: Instant) {
    if open.contains(where: { !$0.isMarket }) { follow(quote, at: time) }
  }

  /// What the venue does by itself; of what it can do these four.
  func act(_ act: VenueAct, on account: String, _ quote: Quote?, at time: Instant) {
    move(quote, at: time)
    let oldest = open.first { $0.account == account }
    switch act {
    case .cancel: if let oldest { end(oldest, oldest.filled.isZero ? .canceled : .partiallyCanceled) }
    case .expire: if let oldest { end(oldest, .expired) }
    case .halt: closedUntil = time + .seconds(30)
    default:
      let part = Decimal(coefficient: balance(account, self.quote).free.coefficient / 4)
      free[account, default: [:]][self.quote, default: .zero] -= part
      free[Self.maker, default: [:]][self.quote, default: .zero] += part
    }
  }

  // MARK: Matching

  private func trade(_ order: Order) {
    let request = order.request
    if request.timeInForce == .fok, request.type == .limit, reachable(order) < order.rest {
      return end(order, .expired)
    }
    while let best = best(against: request.side), crosses(order, best) {
      if best.account == order.account { return end(order, profile.selfTradeEnd) }
      let quantity = min(wanted(order, at: best.limit ?? .zero), best.rest)
      guard quantity.isPositive else { break }
      if best.isMarket, !marketCanPay(best.request.side, best.limit ?? .zero, quantity) {
        open.removeAll { $0 === best }
        continue
      }
      exchange(taker: order, maker: best, quantity)
      if order.status.isTerminal { return }
    }
    if request.type == .limitMaker || (request.type == .limit && request.timeInForce == .gtc) {
      open.append(order)
    } else {
      end(order, .expired)
    }
  }

  private func exchange(taker: Order, maker: Order, _ quantity: Decimal) {
    guard let price = maker.limit else { return }
    let value = times(price, quantity, .down)
    let (buyer, seller) = taker.request.side == .buy ? (taker, maker) : (maker, taker)
    pay(base, quantity, from: seller, to: buyer.account)
    pay(quote, value, from: buyer, to: seller.account)
    for order in [taker, maker] {
      order.filled += quantity
      order.filledQuote += value
    }
    if maker.rest.isZero { open.removeAll { $0 === maker } }
    for order in [taker, maker] where !order.isMarket {
      let fee = takeFee(order, quantity, value, isMaker: order === maker)
      told.append(
        Told(
          id: order.request.clientOrderId, price: price, quantity: quantity, quote: value, fee: fee,
          isMaker: order === maker))
      news.append("TRADE \(order.request.clientOrderId)")
      order.status = .partiallyFilled
      if isDone(order) { end(order, .filled) }
    }
  }

  /// A client pays out of what its order locked, the market maker out of what it has.
  private func pay(_ asset: String, _ amount: Decimal, from payer: Order, to payee: String) {
    if payer.isMarket {
      free[payer.account, default: [:]][asset, default: .zero] -= amount
    } else {
      locked[payer.account, default: [:]][asset, default: .zero] -= amount
      payer.locked -= amount
    }
    free[payee, default: [:]][asset, default: .zero] += amount
  }

  private func takeFee(_ order: Order, _ quantity: Decimal, _ value: Decimal, isMaker: Bool) -> Fee {
    let rate = isMaker ? rules.makerFee : rules.takerFee
    var fee = Fee(asset: quote, amount: times(value, rate, .down))
    var isLocked = order.request.side == .buy
    if profile.feeMode == .received {
      isLocked = false
      if order.request.side == .buy { fee = Fee(asset: base, amount: times(quantity, rate, .down)) }
    }
    if case .token(let token, let price) = profile.feeMode {
      let tokens = over(fee.amount, price)
      if balance(order.account, token).free >= tokens { (fee, isLocked) = (Fee(asset: token, amount: tokens), false) }
    }
    if isLocked {
      locked[order.account, default: [:]][fee.asset, default: .zero] -= fee.amount
      order.locked -= fee.amount
    } else {
      free[order.account, default: [:]][fee.asset, default: .zero] -= fee.amount
    }
    free[Self.fees, default: [:]][fee.asset, default: .zero] += fee.amount
    return fee
  }

  private func isDone(_ order: Order) -> Bool {
    if let quantity = order.request.quantity { return order.filled == quantity }
    guard let amount = order.request.quoteOrderQty, order.filledQuote < amount else { return true }
    guard let price = best(against: order.request.side)?.limit else { return false }
    return wanted(order, at: price).isZero
  }

  private func end(_ order: Order, _ status: OrderStatus) {
    order.status = status
    open.removeAll { $0 === order }
    if status != .filled { news.append("\(status.rawValue) \(order.request.clientOrderId)") }
    let asset = order.request.side == .buy ? quote : base
    locked[order.account, default: [:]][asset, default: .zero] -= order.locked
    free[order.account, default: [:]][asset, default: .zero] += order.locked
    order.locked = .zero
  }

  // MARK: Looking for orders

  private func crosses(_ order: Order, _ other: Order) -> Bool {
    guard let limit = order.limit, let price = other.limit else { return true }
    return order.request.side == .buy ? limit >= price : limit <= price
  }

  /// The best price of the other side, and of one price the order that came first.
  private func best(against side: Side) -> Order? { best(against: side, among: open).map { open[$0] } }

  private func best(against side: Side, among orders: [Order]) -> Int? {
    var best: Int?
    for (index, order) in orders.enumerated() where order.request.side != side {
      guard let price = order.limit else { continue }
      guard let known = best.flatMap({ orders[$0].limit }) else {
        best = index
        continue
      }
      if side == .buy ? price < known : price > known { best = index }
    }
    return best
  }

  /// The other side as an order meets it, best first, until `body` says false.
  private func walk(against side: Side, _ body: (Order) -> Bool) {
    var rest = open
    while let next = best(against: side, among: rest), body(rest[next]) { rest.remove(at: next) }
  }

  private func reachable(_ order: Order) -> Decimal {
    var found = Decimal.zero
    walk(against: order.request.side) { next in
      guard found < order.rest, crosses(order, next), next.account != order.account else { return false }
      found += next.rest
      return true
    }
    return found
  }

  private func wanted(_ order: Order, at price: Decimal) -> Decimal {
    if order.request.quantity != nil { return order.rest }
    let left = (order.request.quoteOrderQty ?? .zero) - order.filledQuote
    let amount = over(left, price).floored(toStep: rules.step)
    return order.request.side == .sell ? min(amount, order.locked) : amount
  }

  /// What the order must hold before it is taken.
  private func funds(_ order: Order) -> Decimal {
    let request = order.request
    var needed = Decimal.zero
    if request.side == .sell {
      if let quantity = request.quantity { return quantity }
      var left = request.quoteOrderQty ?? .zero
      walk(against: .sell) { next in
        guard let price = next.limit else { return false }
        let part = min(next.rest, over(left, price).floored(toStep: rules.step))
        needed += part
        left -= times(part, price, .down)
        return part.isPositive && left.isPositive
      }
      return needed
    }
    if let amount = request.quoteOrderQty {
      needed = amount
    } else if let price = order.limit {
      needed = times(price, request.quantity ?? .zero, .up)
    } else {
      var left = request.quantity ?? .zero
      walk(against: .buy) { next in
        let part = min(left, next.rest)
        needed += times(part, next.limit ?? .zero, .up)
        left -= part
        return left.isPositive
      }
    }
    if profile.feeMode == .received { return needed }
    return needed + times(needed, max(rules.takerFee, rules.makerFee), .up)
  }

  // MARK: Rules

  private func problem(_ request: OrderRequest, _ account: String) -> VenueError? {
    if let earlier = last[account]?[request.clientOrderId], !profile.reusesClientIds || !earlier.status.isTerminal {
      return profile.duplicateClientId
    }
    if let amount = request.quoteOrderQty {
      return amount.isPositive ? (amount < rules.minNotional ? profile.belowMinimum : nil) : profile.malformed
    }
    guard let quantity = request.quantity, quantity.isPositive else { return profile.malformed }
    if quantity.floored(toStep: rules.step) != quantity { return profile.quantityStep }
    if quantity < rules.minQuantity { return profile.belowQuantity ?? profile.belowMinimum }
    var price = shown?.last ?? .zero
    if request.type != .market {
      guard let limit = request.price else { return profile.malformed }
      if limit.floored(toStep: rules.tick) != limit { return profile.priceTick }
      if let allowed = profile.pricesAllowed, price.isPositive,
        limit < times(price, allowed.lowerBound, .down) || limit > times(price, allowed.upperBound, .up)
      {
        return profile.priceTooFar
      }
      price = limit
    }
    return price.isPositive && times(price, quantity, .down) < rules.minNotional ? profile.belowMinimum : nil
  }

  // MARK: The market maker

  private func follow(_ quote: Quote?, at time: Instant) {
    if let shownAt, time - shownAt < depth.refill, shown?.bid == quote?.bid, shown?.ask == quote?.ask { return }
    open.removeAll { $0.isMarket }
    (shown, shownAt) = (quote, quote == nil ? nil : time)
    guard let quote else { return }
    offer(.sell, from: quote.ask)
    offer(.buy, from: quote.bid)
  }

  private func offer(_ side: Side, from best: Decimal) {
    let apart = max(
      rules.tick, over(times(best, Decimal(depth.spacingBps), .down), Decimal(10_000)).floored(toStep: rules.tick))
    let unit = max(rules.step, over(depth.notional, best).floored(toStep: rules.step))
    for number in 0..<depth.levels {
      let away = times(apart, Decimal(number), .down)
      let price = side == .sell ? best + away : best - away
      guard price.isPositive else { return }
      let level = Order(
        OrderRequest(
          clientOrderId: "", symbol: rules.symbol, side: side, type: .limit,
          quantity: times(unit, Decimal(number + 1), .down), price: price), Self.maker, isMarket: true)
      var isPaid = true
      while level.rest.isPositive, let client = self.best(against: side), !client.isMarket, crosses(level, client) {
        let part = min(level.rest, client.rest)
        isPaid = marketCanPay(side, client.limit ?? .zero, part)
        guard isPaid else { break }
        exchange(taker: level, maker: client, part)
      }
      if isPaid, level.rest.isPositive { open.append(level) }
    }
  }

  private func marketCanPay(_ side: Side, _ price: Decimal, _ quantity: Decimal) -> Bool {
    side == .buy
      ? balance(Self.maker, quote).free >= times(price, quantity, .down) : balance(Self.maker, base).free >= quantity
  }

  private func times(_ left: Decimal, _ right: Decimal, _ rounding: Rounding) -> Decimal {
    (try? left.multiplied(by: right, rounding: rounding)) ?? .zero
  }

  private func over(_ left: Decimal, _ right: Decimal) -> Decimal {
    (try? left.divided(by: right, rounding: .down)) ?? .zero
  }
}
