import Basics
import Trading

/// Random orders of every kind, given to the venue and to `ReferenceVenue`, whose answers must be the same.
///
/// After each step it compares the reply, what every side of a trade was told, in what order orders were taken, traded and ended,
/// the balances of all accounts and what their owners were told of them, and the state of the order in question, and asks whether
/// the ledger is conserved. Now and then a client asks for its open orders, or for the trades of one. A session of orders is a function of the seed and its
/// number: profile, fees, depth of the market, the width of prices and everything that is asked.
package struct Differential {
  /// What was seen.
  package struct Outcome: Sendable {
    /// Requests that both answered.
    package var steps = 0
    /// Of them, orders that were taken.
    package var orders = 0
    /// Sides of trades of clients.
    package var fills = 0
    /// By code, how often both refused.
    package var refusals: [Int: Int] = [:]
    /// The first step at which they differ, and how; nil: nowhere.
    package var difference: String?
  }

  /// Requests of one session.
  package static let sessionLength = 4000

  private typealias Told = ReferenceVenue.Told

  private static let clients = ["alice", "bob", "carol"]
  private static let cent = Decimal(coefficient: Decimal.one.coefficient / 100)

  private let venueAccounts: [String: Venue.Account]
  private var venue: Venue
  private let reference: ReferenceVenue
  private let market: JumpyMarket
  /// How many cents from 2.00 limit prices lie at most.
  private let width: Int
  private var random: SplitMix
  private var time: Instant
  private var placed: [(id: String, account: String)] = []
  /// By account and id: when anything happened to the order last, and its trades.
  private var changed: [String: Instant] = [:]
  private var trades: [String: [Told]] = [:]
  /// What each client was told of its balances last, by account and asset.
  private var balances: [String: Balance] = [:]
  private var outcome = Outcome()
  private var withdrawals = 0

  /// Makes `requests` requests in sessions of at most `sessionLength`, and stops at the first difference.
  ///
  /// - Throws: `VenueSetupError` when the market or the accounts make no venue.
  package static func run(
    seed: UInt64, requests: Int, isOver: () -> Bool = { false }
  ) throws(VenueSetupError) -> Outcome {
    var whole = Outcome()
    var session = 0
    while whole.steps < requests, whole.difference == nil, !isOver() {
      var one = try Differential(seed: Mixing.mix(seed, UInt64(session)))
      let part = one.run(min(sessionLength, requests - whole.steps))
      whole.steps += part.steps
      whole.orders += part.orders
      whole.fills += part.fills
      whole.refusals.merge(part.refusals) { $0 + $1 }
      whole.difference = part.difference.map { "session \(session), \($0)" }
      session += 1
    }
    return whole
  }

  private init(seed: UInt64) throws(VenueSetupError) {
    random = SplitMix(seed: seed)
    func pick<Value>(_ values: [Value], _ random: inout SplitMix) -> Value {
      values[Int(random.next() % UInt64(values.count))]
    }
    market = JumpyMarket(seed: seed)
    var profile = pick([VenueProfile.mexc, .binance], &random)
    profile.feeMode = pick([.quote, .received, .token(asset: "MX", price: .one + .one)], &random)
    profile.openOrdersMax = pick([12, 40, 100], &random)
    let depth = MarketDepth(
      levels: pick([0, 1, 4], &random), notional: pick([Decimal(40), Decimal(4000)], &random), spacingBps: 50,
      refill: .seconds(3))
    width = pick([5, 30, 120], &random)
    let amounts = ["AIX": Decimal(3000), "MX": Decimal(2), "USDT": Decimal(6000)]
    let balances = amounts.sorted { $0.key < $1.key }.map { Balance(asset: $0.key, free: $0.value) }
    for client in Self.clients {
      for balance in balances { self.balances["\(client) \(balance.asset)"] = balance }
    }
    venue = try Venue(
      profile: profile, source: market, accounts: Self.clients.map { ($0, balances) }, depth: depth)
    var opening: [String: [String: Decimal]] = [ReferenceVenue.fees: [:]]
    for client in Self.clients { opening[client] = amounts }
    opening[ReferenceVenue.maker] = ["AIX": Venue.makerHolding, "USDT": Venue.makerHolding]
    reference = ReferenceVenue(profile: profile, rules: market.marketRules, depth: depth, balances: opening)
    var accounts = [ReferenceVenue.maker: Venue.marketMaker, ReferenceVenue.fees: Venue.fees]
    for client in Self.clients { accounts[client] = venue.account(client) }
    venueAccounts = accounts
    time = market.start
  }

  private mutating func run(_ count: Int) -> Outcome {
    for n in 0..<count {
      time = time + .milliseconds(Int64(draw(700)))
      if let difference = step(n) {
        outcome.difference = "request \(n): \(difference)"
        break
      }
      outcome.steps += 1
    }
    if outcome.difference == nil { outcome.difference = wrongState(placed.indices) }
    return outcome
  }

  // MARK: One step

  /// The venue acts by itself; it takes money away a few times at most.
  private mutating func act(_ client: String, _ account: Venue.Account) -> String? {
    withdrawals += 1
    let act = [VenueAct.cancel, .expire, .halt, withdrawals < 12 ? .withdraw : .cancel][draw(4)]
    let events = venue.act(act, on: account, at: time)
    reference.act(act, on: client, market.quote(JumpyMarket.symbol, at: time), at: time)
    return difference(events).map { "\(act): \($0)" }
  }

  private mutating func step(_ n: Int) -> String? {
    let client = Self.clients[draw(3)]
    let request = request(n, client)
    guard let account = venueAccounts[client] else { return "the venue has no account \(client)" }
    if draw(200) == 0 { return act(client, account) }
    let (reply, events) = venue.handle(request, account: account, at: time)
    let error = answer(request, client)
    if case .reports(let reports) = reply, let difference = wrongList(reports, client) {
      return "\(request): \(difference)"
    }
    var code: Int?
    if case .refused(let refusal) = reply { code = refusal.code }
    guard code == error?.code else {
      return "\(request): the venue says \(code.map(String.init) ?? "yes"), the reference \(error?.text ?? "yes")"
    }
    if let code { outcome.refusals[code, default: 0] += 1 }
    if code == nil, request.newOrder != nil { outcome.orders += 1 }
    return difference(events).map { "\(request): \($0)" }
  }

  private mutating func difference(_ events: VenueEvents) -> String? {
    let told = events.compactMap(Self.told)
    defer { reference.told = [] }
    outcome.fills += told.count
    guard told == reference.told else { return "\(told) was told, of the reference \(reference.told)" }
    if let difference = wrongNews(events) { return difference }
    if let (step, violation) = venue.firstViolation { return "after step \(step) \(violation)" }
    return wrongBalance() ?? wrongState(max(0, placed.count - 1)..<placed.count)
  }

  private func answer(_ request: VenueRequest, _ client: String) -> VenueError? {
    let quote = market.quote(JumpyMarket.symbol, at: time)
    switch request {
    case .place(let order): return reference.place(order, client, quote, at: time)
    case .cancel(_, let id): return reference.cancel(id, client, quote, at: time)
    case .cancelReplace(_, let id, let order):
      // A venue without the call touches nothing, and moves its market as with every request.
      guard venue.profile.hasCancelReplace else {
        _ = reference.cancel("", client, quote, at: time)
        return venue.profile.replaceFailed
      }
      return reference.replace(id, by: order, client, quote, at: time)
    default:
      // A question moves the market as with every request.
      _ = reference.cancel("", client, quote, at: time)
      return nil
    }
  }

  private func wrongList(_ reports: [OrderReport], _ client: String) -> String? {
    let open = reference.open.filter { $0.account == client }.map(\.request.clientOrderId)
    return reports.map(\.clientOrderId) == open ? nil : "\(reports.map(\.clientOrderId)), in the reference \(open)"
  }

  /// What was told of orders and balances, in its order and with its time.
  private mutating func wrongNews(_ events: VenueEvents) -> String? {
    var news: [String] = []
    for event in events {
      guard event.time == time else { return "\(event.type) of \(event.time.iso8601()), and it is \(time.iso8601())" }
      guard let owner = venueAccounts.first(where: { $0.value == event.account })?.key else { return "nobody's event" }
      if let report = event.report {
        let isEnd = ["CANCELED", "EXPIRED"].contains(event.type)
        news.append("\(isEnd ? report.status.rawValue : event.type) \(report.clientOrderId)")
        guard report.updatedAt == time else { return "\(event.type) says \(report.updatedAt.iso8601())" }
        changed["\(owner) \(report.clientOrderId)"] = time
        if let trade = Self.told(event) { trades["\(owner) \(report.orderId)", default: []].append(trade) }
      } else if case .balance(let told) = event.event {
        for balance in told { balances["\(owner) \(balance.asset)"] = balance }
      }
    }
    defer { reference.news = [] }
    guard news == reference.news else { return "\(news) was told, of the reference \(reference.news)" }
    for (key, balance) in balances.sorted(by: { $0.key < $1.key }) {
      let owner = key.prefix { $0 != " " }
      let truth = reference.balance(String(owner), balance.asset)
      if truth != balance {
        return "\(owner) was told of \(balance.free)/\(balance.locked) \(balance.asset), the truth is "
          + "\(truth.free)/\(truth.locked)"
      }
    }
    return nil
  }

  private static func told(_ event: VenueEvent) -> Told? {
    guard case .trade(let fill, _) = event.event else { return nil }
    return told(fill)
  }

  private static func told(_ fill: Fill) -> Told {
    Told(
      id: fill.clientOrderId, price: fill.price, quantity: fill.quantity, quote: fill.quote, fee: fill.fee,
      isMaker: fill.isMaker)
  }

  private func wrongBalance() -> String? {
    for (name, account) in venueAccounts.sorted(by: { $0.key < $1.key }) {
      for (column, asset) in venue.ledger.assets.enumerated() {
        let (free, locked) = (venue.ledger.free(account.index, column), venue.ledger.locked(account.index, column))
        let other = reference.balance(name, asset)
        if free != other.free || locked != other.locked {
          return "\(name) has \(free)/\(locked) \(asset), in the reference \(other.free)/\(other.locked)"
        }
      }
    }
    return nil
  }

  private mutating func wrongState(_ range: Range<Int>) -> String? {
    for (id, client) in placed[range] {
      guard let account = venueAccounts[client], let order = reference.last[client]?[id] else { continue }
      guard let found = venue.find(JumpyMarket.symbol, id, account.index) else { return "\(id) is unknown" }
      let report = venue.report(found)
      if let at = changed["\(client) \(id)"], report.updatedAt != at {
        return "\(id) says \(report.updatedAt.iso8601()), it changed last at \(at.iso8601())"
      }
      if let difference = wrongTrades(of: report, account, client) { return difference }
      if report.status != order.status || report.filledQuantity != order.filled
        || report.filledQuote != order.filledQuote
      {
        return
          "\(id) is \(report.status) with \(report.filledQuantity), in the reference \(order.status) with \(order.filled)"
      }
    }
    return nil
  }

  private func wrongTrades(of report: OrderReport, _ account: Venue.Account, _ client: String) -> String? {
    guard case .trades(let fills) = venue.trades(JumpyMarket.symbol, report.orderId, account.index) else {
      return "\(report.clientOrderId) has no trades to be asked for"
    }
    let told = trades["\(client) \(report.orderId)"] ?? []
    let found = fills.map { Self.told($0) }
    return found == told ? nil : "\(report.clientOrderId) traded \(found), and \(told) was told"
  }

  // MARK: Requests

  private mutating func draw(_ below: Int) -> Int { Int(random.next() % UInt64(below)) }

  private mutating func request(_ n: Int, _ client: String) -> VenueRequest {
    let kind = draw(20)
    if kind == 19 { return .openOrders }
    if kind < 7, !placed.isEmpty {
      // A young one, which is more likely to be open; at times of somebody else.
      var old = placed[placed.count - 1 - draw(min(placed.count, 60))]
      for _ in 0..<4 where old.account != client { old = placed[placed.count - 1 - draw(min(placed.count, 60))] }
      let id = old.id
      if kind == 0 { return .cancelReplace(JumpyMarket.symbol, clientOrderId: id, order(n, client)) }
      return .cancel(JumpyMarket.symbol, clientOrderId: id)
    }
    return .place(order(n, client))
  }

  private mutating func order(_ n: Int, _ client: String) -> OrderRequest {
    // An id twice now and then.
    let id = draw(25) == 0 && n > 0 ? "o\(draw(n))" : "o\(n)"
    placed.append((id, client))
    let kind = draw(20)
    let side: Side = draw(2) == 0 ? .buy : .sell
    if kind == 0 {
      return OrderRequest(
        clientOrderId: id, symbol: JumpyMarket.symbol, side: side, type: .market, quoteOrderQty: Decimal(draw(80)))
    }
    let type: OrderType = kind < 3 ? .market : kind < 5 ? .limitMaker : .limit
    let force: TimeInForce = kind < 8 ? .ioc : kind < 11 ? .fok : .gtc
    // One in thirty lies between two steps or ticks; a tick is two steps.
    let dust = Decimal(coefficient: draw(30) == 0 ? Self.cent.coefficient / 2 : 0)
    let fine = Decimal(coefficient: draw(30) == 0 ? Self.cent.coefficient / 4 : 0)
    var cents = Int128(draw(4) == 0 ? draw(6000) : 10 + draw(1500))
    var away = Int128(200 + draw(2 * width + 1) - width)
    switch draw(60) {
    case 0: away *= 6
    // At the very edge of what is allowed: five times the last price, the smallest notional, the smallest quantity.
    case 1: away = 5 * (market.quote(JumpyMarket.symbol, at: time)?.last.coefficient ?? 0) / Self.cent.coefficient
    case 2: (away, cents) = (200, 50)
    case 3: (away, cents) = (away + 100, 40)
    default: break
    }
    let price = Decimal(coefficient: Self.cent.coefficient * max(1, away))
    return OrderRequest(
      clientOrderId: id, symbol: JumpyMarket.symbol, side: side, type: type,
      timeInForce: type == .limit ? force : .gtc,
      quantity: Decimal(coefficient: Self.cent.coefficient * cents) + (type == .limit ? fine : dust + fine),
      price: type == .market ? nil : price + (type == .limit ? dust : .zero))
  }
}

/// One market whose quote jumps every five seconds, and is gone for some of them.
private struct JumpyMarket: MarketSource {
  static let symbol = FieldMarkets.symbols.first { $0.base == "AIX" } ?? FieldMarkets.symbols[0]

  let seed: UInt64
  var symbols: [Symbol] { [Self.symbol] }
  var start: Instant { .simulationEpoch }
  var end: Instant? { nil }

  var marketRules: MarketRules {
    let cent = Decimal(coefficient: Decimal.one.coefficient / 100)
    // Fees that no amount of decimals is enough for.
    return MarketRules(
      symbol: Self.symbol, tick: cent, step: Decimal(coefficient: cent.coefficient / 2),
      minQuantity: Decimal(coefficient: cent.coefficient * 40), minNotional: .one,
      takerFee: Decimal(coefficient: cent.coefficient / 30), makerFee: Decimal(coefficient: cent.coefficient / 70))
  }

  func quote(_ symbol: Symbol, at time: Instant) -> Quote? {
    guard symbol == Self.symbol else { return nil }
    let turn = Mixing.mix(seed, UInt64((time - start).nanoseconds / 5_000_000_000))
    guard turn % 16 != 0 else { return nil }
    let cent = Decimal.one.coefficient / 100
    let middle = Int128(200 + Int((turn >> 8) % 31) - 15)
    return Quote(
      time: time, symbol: symbol, last: Decimal(coefficient: cent * middle),
      bid: Decimal(coefficient: cent * (middle - 1)),
      ask: Decimal(coefficient: cent * (middle + 1)), volume: .one)
  }

  func rules(_ symbol: Symbol) -> MarketRules? { symbol == Self.symbol ? marketRules : nil }
}
