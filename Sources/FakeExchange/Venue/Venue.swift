import Basics
import Trading

/// A spot exchange as a state machine without clock, threads or locks: (request, time) → (reply, events).
///
/// Its liquidity comes from a market maker whose levels follow a `MarketSource`: before every step the books are brought to
/// the quotes of that time, and resting orders that the market has crossed fill. Nothing happens between steps. The ledger
/// is proven after each step.
public struct Venue: Sendable {
  /// An account of the venue.
  public struct Account: Hashable, Sendable {
    let index: Int
  }

  /// The account behind the levels that follow the market source.
  public static let marketMaker = Account(index: 0)
  /// Where the fees go.
  public static let fees = Account(index: 1)

  /// One symbol.
  struct Market: Sendable {
    let facts: MarketFacts
    var rules: MarketRules
    let base: Int
    let quote: Int
    var book = OrderBook()
    /// What its levels stand around; nil: no quote yet, or no longer.
    var last: ShownQuote?
    var refreshedAt: Instant?
    /// It takes no orders until then.
    var closedUntil: Instant?
    /// The market maker offers nothing until then.
    var emptyUntil: Instant?
    /// What the source showed when it was asked last; good before `shownUntil`.
    var shown = ShownQuote(nil)
    var shownUntil = Instant(nanoseconds: .min)
    /// Before then its levels are what `refresh` would make of them.
    var settledUntil = Instant(nanoseconds: .min)
    /// Resting orders of clients.
    var restingCount = 0

    var symbol: Symbol { facts.symbol }
  }

  /// Codes, texts, limits and fees of the venue that is played.
  public let profile: VenueProfile
  /// What the market maker offers around each quote.
  public let depth: MarketDepth
  let source: any MarketSource
  let clientAccounts: [String: Account]
  /// Who holds what, after the last step.
  public internal(set) var ledger: VenueLedger
  /// Steps done so far.
  public private(set) var stepCount = 0
  /// What the first broken step broke.
  public private(set) var firstViolation: (step: Int, violation: VenueLedger.Violation)?
  var markets: [Market]
  private let marketIndex: [Symbol: Int]
  /// The market that was asked for last.
  private var lastMarket = 0
  var orders = Pages<VenueOrder>()
  var clientIds = ClientIdIndex()
  /// Open orders that rest in a book, oldest first.
  var resting = OpenList()
  /// How many of them each account has on each market, account by account.
  var openCounts: [Int]
  /// Open orders that a fault keeps out of the book, oldest first.
  var held: [Int] = []
  /// Orders of which a fault makes something else than of others.
  var holds: [Int: HeldOrder] = [:]
  var tradeCount = 0
  /// Trades of client orders, each with the way to the one before it of the same order.
  var tape = Pages<KeptTrade>()
  /// Of each page of the tape, the trades whose orders are forgotten.
  var forgottenTrades: [Int] = []
  /// What the last act moved on the account it acted on.
  package var transfers: [(asset: String, amount: Decimal)] = []
  /// What the last act ordered on the account without its client.
  var strangers: [OrderRequest] = []
  var now: Instant
  var events = VenueEvents()
  var touched: TouchedBalances

  /// Makes a venue with named client accounts.
  ///
  /// The market maker gets a finite holding of every asset; client balances lie in 0...1e12, locked amounts are zero.
  ///
  /// - Throws: `VenueSetupError` for an account or a symbol given twice, a balance beyond that range, a symbol without
  ///   rules, or a fee token that costs less than 0.001.
  public init(
    profile: VenueProfile = .mexc, source: any MarketSource, accounts: [(name: String, balances: [Balance])],
    depth: MarketDepth = MarketDepth()
  ) throws(VenueSetupError) {
    var assets: Set<String> = []
    for symbol in source.symbols {
      assets.insert(symbol.base)
      assets.insert(symbol.quote)
    }
    let makerAssets = assets.sorted()
    var byName: [String: Account] = [:]
    for (offset, account) in accounts.enumerated() {
      guard byName.updateValue(Account(index: offset + 2), forKey: account.name) == nil else {
        throw .duplicateAccount(account.name)
      }
      for balance in account.balances {
        guard !balance.free.isNegative, balance.free <= Venue.balanceMax, balance.locked.isZero else {
          throw .badBalance(account: account.name, asset: balance.asset)
        }
        assets.insert(balance.asset)
      }
    }
    if case .token(let asset, let price) = profile.feeMode {
      guard price >= Decimal(coefficient: Decimal.one.coefficient / 1000) else { throw .badFeeToken(asset) }
      assets.insert(asset)
    }
    let maker = makerAssets.map { Balance(asset: $0, free: Venue.makerHolding) }
    ledger = VenueLedger(
      accounts: [(name: "market", balances: maker), (name: "fees", balances: [])] + accounts, assets: assets)
    var markets: [Market] = []
    var marketIndex: [Symbol: Int] = [:]
    for symbol in source.symbols {
      guard var rules = source.rules(symbol), let base = ledger.index(of: symbol.base),
        let quote = ledger.index(of: symbol.quote)
      else { throw .noRules(symbol) }
      guard marketIndex.updateValue(markets.count, forKey: symbol) == nil else { throw .duplicateSymbol(symbol) }
      rules.takesFeeFromReceived = profile.documentsFeesFromReceived
      markets.append(
        Market(facts: MarketFacts(symbol, ledger.names), rules: rules, base: base, quote: quote))
    }
    self.profile = profile
    self.depth = depth
    self.source = source
    self.markets = markets
    self.marketIndex = marketIndex
    clientAccounts = byName
    touched = TouchedBalances(accounts: accounts.count + 2, assets: assets.count)
    openCounts = Array(repeating: 0, count: markets.count * (accounts.count + 2))
    now = source.start
  }

  /// Largest opening balance of a client.
  static let balanceMax = Decimal(1_000_000_000_000)
  /// What the market maker owns of each asset at the start.
  static let makerHolding = Decimal(1_000_000_000_000_000)

  /// The account of that name.
  public func account(_ name: String) -> Account? { clientAccounts[name] }

  /// The market rules in the order of the source's symbols.
  public var rules: [MarketRules] { markets.map(\.rules) }

  /// Does one step: the market moves to `time`, then the request takes effect.
  ///
  /// Times before the last step count as the last step's. `terms` are for a new order; faults set them. Nil: it trades at once and in full.
  public mutating func handle(
    _ request: VenueRequest, account: Account, at time: Instant, terms: MatchTerms? = nil
  ) -> (reply: VenueReply, events: VenueEvents) {
    moveMarkets(to: time)
    let reply = reply(to: request, account.index, terms)
    return (reply, finishStep())
  }

  /// Does one step without a request: resting orders that the market has crossed by `time` fill.
  public mutating func advance(to time: Instant) -> VenueEvents {
    moveMarkets(to: time)
    return finishStep()
  }

  private mutating func reply(to request: VenueRequest, _ account: Int, _ terms: MatchTerms?) -> VenueReply {
    switch request {
    case .place(let order): return place(order, account, terms)
    case .cancel(let symbol, let id): return cancel(symbol, id, account)
    case .query(let symbol, let id):
      guard let order = find(symbol, id, account) else { return .refused(profile.orderNotFound) }
      return .report(report(order))
    case .openOrders:
      return .reports(resting.filter { orders[$0].account == account }.map(report))
    case .balances: return .balances(ledger.balances(Account(index: account)))
    case .quotes(let symbols): return .quotes(quotes(symbols))
    case .marketRules: return .rules(rules)
    case .cancelReplace(let symbol, let id, let order): return replace(symbol, id, by: order, account, terms)
    case .serverTime: return .time(now)
    case .openStream, .renewStream: return .stream(until: now + profile.streamKeyLife)
    case .trades(let symbol, let orderId, _): return trades(symbol, orderId, account)
    }
  }

  /// An order as a reply tells it.
  func report(_ id: Int) -> OrderReport { report(id, withFee: profile.repliesCarryFee) }

  func report(_ id: Int, withFee: Bool) -> OrderReport {
    orders[id].facts.report(
      orders[id].status, orders[id].filled, fee: withFee ? orders[id].filled.fee(ledger.assets) : nil,
      at: orders[id].updatedAt)
  }

  /// Proves the ledger, appends the balance events and hands the step's events over.
  mutating func finishStep() -> VenueEvents {
    stepCount += 1
    if firstViolation == nil, let violation = ledger.stepViolation() { firstViolation = (stepCount, violation) }
    if !touched.isEmpty { appendBalanceEvents() }
    return events
  }

  private mutating func appendBalanceEvents() {
    for index in 0..<touched.accountCount {
      let account = touched.account(index)
      var (count, first, second) = (0, 0, 0)
      var more: [Balance]?
      for word in 0..<touched.words {
        var columns = touched.take(account, word: word)
        while columns != 0 {
          let asset = word << 6 + columns.trailingZeroBitCount
          columns &= columns - 1
          switch count {
          case 0: first = asset
          case 1: second = asset
          default: more = (more ?? []) + [ledger.balance(account, asset)]
          }
          count += 1
        }
      }
      if count == 1 {
        events.append(ledger.names, .balance(account, at: now, of: ledger, first))
      } else {
        events.append(
          ledger.names, .balances(account, at: now, of: ledger, first, second),
          beside: more.map { VenueEvent.Beside(balances: $0) })
      }
    }
    touched.forgetAccounts()
  }

  /// The position of a symbol's market; nil: there is none.
  mutating func market(of symbol: Symbol) -> Int? {
    // Comparing is cheaper than hashing: most requests are about the market of the one before, and polls go through all.
    for near in lastMarket...lastMarket + 1 where near < markets.count && markets[near].symbol == symbol {
      lastMarket = near
      return near
    }
    guard let market = marketIndex[symbol] else { return nil }
    lastMarket = market
    return market
  }

  /// The order of that client id on that symbol.
  func find(_ symbol: Symbol, _ clientOrderId: String, _ account: Int) -> Int? {
    guard let order = place(of: clientOrderId, account).order, markets[orders[order].market].symbol == symbol else {
      return nil
    }
    return order
  }

  /// Where an account's client order id stands, or would.
  func place(of clientOrderId: String, _ account: Int) -> ClientIdIndex.Place {
    clientIds.place(of: clientOrderId, account: account) { id in
      orders[id].account == account && orders[id].clientOrderId == clientOrderId
    }
  }
}
