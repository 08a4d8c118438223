import Basics
import FakeExchange
import Trading

/// The venue behind the wire, for one thread: accounts by key, orders by number, history, books to be told.
///
/// A thin layer: what is allowed and what trades is the `Venue`'s affair, how it is said is a dialect's.
final class WireExchange {
  /// What a call came to.
  struct Outcome {
    /// What the venue answers.
    var reply: VenueReply
    /// How much later the client gets it.
    var delay = Duration.zero
    /// Until the fault that holds it is taken back.
    var isHeld = false
    /// The client learns nothing but that nobody knows.
    var isLost = false
    /// The reply is not what the venue says.
    var isSpoiled = false
    /// What comes in place of the reply on the wire.
    var spoil: WireReply.Spoil?
  }

  let profile: VenueProfile
  let market: WireMarket
  let faults: WireFaults
  private(set) var accounts: [WireAccount]
  var venue: Venue
  var history = VenueHistory(entriesMax: 200_000)
  private var handles: [Venue.Account]
  private(set) var orders = KeptOrders()
  /// Numbers of the kept orders by client id, for each account.
  private var idByClientId: [[String: Int]]
  /// By account, the last in the order they were made.
  private(set) var fills: [KeptTail<WireFill>]
  private var feeds: [Symbol: BookFeed] = [:]
  private let symbolsByName: [String: Symbol]
  /// Names of client order ids by first appearance, for the faults.
  private var aliases: [String: String] = [:]
  private static let aliasesMax = 100_000

  /// Hands an event to whoever listens for the account; false: nobody does.
  var deliver: (Int, WireUserEvent) -> Bool = { _, _ in false }
  /// A fault ends the user streams of an account.
  var onConnection: (Int, ConnectionFault) -> Void = { _, _ in }
  /// Accounts of whose user stream a fault has made an end, until it is opened again.
  var closedStreams: Set<Int> = []
  /// Keys that may do nothing until then, by account.
  var revokedUntil: [Int: Instant] = [:]
  /// What the last answered query for balances was told, by account.
  var toldBalances: [Int: [Balance]] = [:]
  /// Does something later.
  var later: (Duration, @escaping (Instant) -> Void) -> Void = { _, _ in }
  /// Does something when the faults are taken back.
  var whenHealed: (@escaping (Instant) -> Void) -> Void = { _ in }
  /// Orders that were taken.
  private(set) var orderCount = 0
  /// Events so far, those that nobody heard among them.
  private(set) var eventCount = 0

  /// - Throws: `VenueSetupError` for accounts and symbols that do not fit together.
  init(
    profile: VenueProfile, market: WireMarket, accounts: [WireAccount], faults: WireFaults, depth: MarketDepth,
    at now: Instant
  ) throws(VenueSetupError) {
    var profile = profile
    // Old orders are forgotten, and the day's limit is the gateway's to keep: what is left is what numbers can count.
    profile.ordersMax = Int(Int32.max)
    self.profile = profile
    self.market = market
    self.faults = faults
    self.accounts = accounts
    symbolsByName = Dictionary(market.symbols.map { ("\($0.base)\($0.quote)", $0) }) { first, _ in first }
    venue = try Venue(
      profile: profile, source: market, accounts: accounts.map { ($0.name, $0.balances) }, depth: depth)
    (handles, idByClientId, fills) = ([], [], [])
    for account in accounts {
      guard let handle = venue.account(account.name) else { throw .duplicateAccount(account.name) }
      handles.append(handle)
      idByClientId.append([:])
      fills.append(KeptTail(newest: KeptOrders.newest))
    }
    history.ledger(of: venue, at: now)
    for (index, account) in accounts.enumerated() {
      history.balances(account.name, venue.ledger.balances(handles[index]), at: now)
    }
    history.rules(venue.rules, profile.feeMode, at: now)
  }

  // MARK: Looking

  /// The symbol that a client means by `BTCUSDT`; nil for none.
  func symbol(_ name: String) -> Symbol? { symbolsByName[name] }
  static func name(_ symbol: Symbol) -> String { symbol.base + symbol.quote }

  func account(key: String) -> Int? { accounts.firstIndex { $0.key == key } }

  func balances(_ account: Int) -> [Balance] { venue.ledger.balances(handles[account]) }

  func order(_ account: Int, id: Int) -> WireOrder? { orders.account(of: id) == account ? orders[id] : nil }

  func order(_ account: Int, clientOrderId: String) -> WireOrder? {
    idByClientId[account][clientOrderId].flatMap { orders[$0] }
  }

  /// The public side of a book, brought up to date.
  func book(_ symbol: Symbol, at now: Instant) -> BookFeed? {
    guard let book = venue.book(of: symbol, at: now) else { return nil }
    feeds[symbol, default: BookFeed()].sync(book)
    return feeds[symbol]
  }

  /// What one speed of the depth stream has still to tell.
  func takeChanges(_ symbol: Symbol, isFast: Bool, at now: Instant)
    -> (firstId: Int, lastId: Int, bids: [BookFeed.Level], asks: [BookFeed.Level])?
  {
    _ = book(symbol, at: now)
    return feeds[symbol]?.take(isFast: isFast)
  }

  // MARK: Calls

  /// How long the gateway waits for a reply that a fault has lost; Binance answers after 10 s.
  static let lostReplyWait = Duration.seconds(10)

  /// Makes a call of the venue, as the faults let it.
  func call(_ request: VenueRequest, account: Int, at now: Instant) -> Outcome {
    let id = history.request(request, at: now)
    if faults.isArmed { prepare(request.call, account: account, at: now) }
    let fault = faults.decide(aliased(request))
    switch fault {
    case .refuse("timeout"):
      _ = step(request, account, now)
      return lost(id, request, "timeout", now)
    case .refuse("lost"): return lost(id, request, "lost", now)
    case .refuse(let code): return refused(id, request, WireProfiles.translated(code, to: profile), now)
    case .page(let status):
      var outcome = refused(id, request, WireProfiles.page(status), now)
      outcome.spoil = .page(status)
      return outcome
    case .late(let delay):
      later(delay) { [weak self] now in _ = self?.step(request, account, now) }
      return lost(id, request, "deadline", now)
    case .executed(let code):
      _ = step(request, account, now)
      return refused(id, request, WireProfiles.translated(code, to: profile), now)
    // The way to the venue doubled the request; of the two replies the caller gets the later one.
    case .dup: _ = step(request, account, now)
    default: break
    }
    var truth = step(request, account, now)
    // Before the history has it: a client is judged by what it was told.
    if case .quotes(let quotes) = truth { truth = .quotes(quotes.map { shown($0, now) }) }
    var outcome = Outcome(reply: truth)
    if let other = falsified(truth, to: request, by: fault, account, now) {
      (outcome.reply, outcome.isSpoiled) = (other, true)
    }
    if case .balances(let balances) = truth { toldBalances[account] = balances }
    switch fault {
    case .sleep(let delay): outcome.delay = delay
    case .hang: outcome.isHeld = true
    case .unreadable: outcome.spoil = .unreadable
    default: break
    }
    var seen: VenueHistory.Outcome = .ok(outcome.reply)
    if case .refused(let error) = outcome.reply { seen = .error(error) }
    if outcome.spoil != nil { seen = .unknown("unreadable reply") }
    history.reply(
      id, to: request, seen, injected: outcome.isSpoiled || outcome.spoil != nil, took: outcome.delay,
      at: now + outcome.delay)
    return outcome
  }

  /// The quote as the book shows it, other orders than the market maker's included.
  private func shown(_ quote: Quote, _ now: Instant) -> Quote {
    guard let book = book(quote.symbol, at: now), let bid = book.bids.first, let ask = book.asks.first else {
      return quote
    }
    var quote = quote.priced(last: quote.last, bid: bid.price, ask: ask.price)
    quote.time = now
    return quote
  }

  private func lost(_ id: Int, _ request: VenueRequest, _ reason: String, _ now: Instant) -> Outcome {
    history.reply(
      id, to: request, .unknown(reason), injected: true, took: Self.lostReplyWait, at: now + Self.lostReplyWait)
    return Outcome(reply: .refused(WireProfiles.lostReply), delay: Self.lostReplyWait, isLost: true)
  }

  private func refused(_ id: Int, _ request: VenueRequest, _ error: VenueError, _ now: Instant) -> Outcome {
    history.reply(id, to: request, .error(error), injected: true, took: .zero, at: now)
    return Outcome(reply: .refused(error))
  }

  private func step(_ request: VenueRequest, _ account: Int, _ now: Instant) -> VenueReply {
    var terms: MatchTerms?
    if case .place(let order) = request, case .place(let named) = aliased(request) {
      terms = faults.terms(named)
      placing = (account, order)
      orderCount += 1
    }
    let (reply, events) = venue.handle(request, account: handles[account], at: now, terms: terms)
    note(events, now)
    placing = nil
    return reply
  }

  func takeBack(_ order: WireOrder, _ account: Int, _ now: Instant) {
    _ = step(.cancel(order.request.symbol, clientOrderId: order.request.clientOrderId), account, now)
  }

  /// What the venue does by itself.
  func venueActs(_ act: VenueAct, on account: Int, at now: Instant) -> VenueEvents {
    venue.act(act, on: handles[account], at: now)
  }

  /// The rules in force, which the venue may have changed.
  func rules(_ symbol: Symbol) -> MarketRules? { venue.rules.first { $0.symbol == symbol } }

  /// Lets the market move: resting orders fill.
  func advance(at now: Instant) { note(venue.advance(to: now), now) }

  /// The order that is being placed, whose first event makes it known.
  private var placing: (account: Int, request: OrderRequest)?

  // MARK: Events

  func note(_ events: VenueEvents, _ now: Instant) {
    eventCount += events.count
    if faults.isArmed { noteWithFaults(events, now) } else { noteAsTheyAre(events, now) }
    if let broken = venue.firstViolation, !hasNotedViolation {
      hasNotedViolation = true
      history.ledger(of: venue, at: now)
      violation = "step \(broken.step): \(broken.violation)"
    }
  }

  private func noteAsTheyAre(_ events: VenueEvents, _ now: Instant) {
    let positions = history.events(events, deliveredTo: nil)
    for (index, event) in events.enumerated() {
      guard let account = handles.firstIndex(of: event.account), let told = told(event, account),
        deliver(account, told), index < positions.count
      else { continue }
      history.markHeard(positions.lowerBound + index, at: now)
    }
  }

  /// A fault decides what becomes of each.
  private func noteWithFaults(_ events: VenueEvents, _ now: Instant) {
    for event in events {
      guard let account = handles.firstIndex(of: event.account) else {
        history.event(event, delivered: false)
        continue
      }
      guard let told = told(event, account) else { continue }
      let fault = event.report != nil ? faults.decide(aliased(event)) : nil
      if fault == .drop {
        history.event(event, delivered: false)
        continue
      }
      if case .sleep(let delay)? = fault {
        let position = history.event(event, delivered: true)
        history.markArrival(position, at: now + delay)
        later(delay) { [weak self] _ in _ = self?.deliver(account, told) }
        continue
      }
      let isHeard = deliver(account, told)
      if fault == .dup { _ = deliver(account, told) }
      let position = history.event(event, delivered: isHeard)
      if isHeard { history.markArrival(position, at: now) }
    }
  }

  private var hasNotedViolation = false
  /// What is wrong with the ledger; nil: it adds up.
  private(set) var violation: String?

  /// Books an event on the order it is about, and says what the user stream tells.
  private func told(_ event: VenueEvent, _ account: Int) -> WireUserEvent? {
    let time = event.time.nanoseconds / 1_000_000
    switch event.event {
    case .balance(let balances): return .balances(balances, time: time)
    case .accepted(let report):
      // What nobody asked for here is another client's of the account, or somebody's by hand.
      var request = OrderRequest(
        clientOrderId: report.clientOrderId, symbol: report.symbol, side: report.side,
        type: report.price == nil ? .market : .limit, quantity: report.quantity, price: report.price)
      if let placing, placing.account == account { request = placing.request }
      let order = WireOrder(id: Self.number(report.orderId), request: request, createdAt: time, updatedAt: time)
      idByClientId[account][report.clientOrderId] = order.id
      orders.append(order, of: account)
      return .order(order, kind: event.type, fill: nil)
    case .trade(let fill, let report):
      let told = WireFill(id: Self.number(fill.tradeId), orderId: Self.number(fill.orderId), fill: fill, time: time)
      fills[account].append(told)
      return change(report, time, event.type, told)
    case .canceled(let report): return change(report, time, event.type, nil)
    case .rejected(let report, let error): return change(report, time, event.type, nil, rejection: error)
    case .stream: return nil
    }
  }

  private func change(
    _ report: OrderReport, _ time: WireOrder.Time, _ kind: String, _ fill: WireFill?, rejection: VenueError? = nil
  ) -> WireUserEvent? {
    let changed = orders.change(Self.number(report.orderId)) { order in
      (order.status, order.updatedAt) = (report.status, time)
      (order.filled, order.filledQuote) = (report.filledQuantity, report.filledQuote)
      if let fill { order.fills.append(fill) }
      if let rejection { order.rejection = rejection }
    }
    return changed.map { .order($0, kind: kind, fill: fill) }
  }

  /// Looks for orders that have ended long ago: see `KeptOrders`.
  func findOldOrders() { orders.findOld() }

  /// Forgets some of the orders that were found, here and at the venue: twice as many as have come since it was called last, so
  /// that it keeps up with any load, and `forgottenAtOnce` at least.
  func forgetOldOrders() {
    let most = max(Self.forgottenAtOnce, 2 * (orders.count - countWhenForgetting))
    countWhenForgetting = orders.count
    let forgotten = orders.forget(atMost: most) { order, account in
      let id = order.request.clientOrderId
      if idByClientId[account][id] == order.id { idByClientId[account][id] = nil }
    }
    if let forgotten { venue.forgetOrders(forgotten.lowerBound - 1..<forgotten.upperBound - 1) }
  }

  private static let forgottenAtOnce = 8
  private var countWhenForgetting = 0

  /// `X12` and `T12` count from 0 and 1; the wire counts from 1.
  private static func number(_ id: String) -> Int { (Int(id.dropFirst()) ?? 0) + (id.hasPrefix("X") ? 1 : 0) }

  // MARK: Names for the faults

  /// Client order ids by order of first appearance, so that a bot with random ones meets the same faults again.
  private func alias(_ id: String) -> String {
    if let known = aliases[id] { return known }
    guard aliases.count < Self.aliasesMax else { return "later" }
    let name = "c\(aliases.count + 1)"
    aliases[id] = name
    return name
  }

  private func aliased(_ request: VenueRequest) -> VenueRequest {
    guard faults.isArmed else { return request }
    switch request {
    case .place(var order):
      order.clientOrderId = alias(order.clientOrderId)
      return .place(order)
    case .cancel(let symbol, let id): return .cancel(symbol, clientOrderId: alias(id))
    case .query(let symbol, let id): return .query(symbol, clientOrderId: alias(id))
    default: return request
    }
  }

  private func aliased(_ event: VenueEvent) -> VenueEvent {
    guard faults.isArmed, var report = event.report else { return event }
    report.clientOrderId = alias(report.clientOrderId)
    var named = event
    switch event.event {
    case .accepted: named.event = .accepted(report)
    case .trade(let fill, _): named.event = .trade(fill, report)
    case .canceled: named.event = .canceled(report)
    case .rejected(_, let error): named.event = .rejected(report, error)
    case .balance, .stream: break
    }
    return named
  }

  // MARK: The end

  /// The last lines of the history.
  func finish(at now: Instant) {
    history.ledger(of: venue, at: now)
    for (index, account) in accounts.enumerated() {
      history.balances(account.name, venue.ledger.balances(handles[index]), at: now)
    }
  }
}
