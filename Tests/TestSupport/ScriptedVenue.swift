public import Basics
public import ChaosRuntime
import Synchronization
public import Trading

/// A venue that does what a test tells it: prices are a function of time, and each order and each balance call has its
/// script.
public final class ScriptedVenue: ExchangeClient {
  /// What happens to an order.
  public enum Script: Sendable {
    /// Filled at its price in so many equal trades, `gap` apart.
    case fill(parts: Int, gap: Duration)
    /// Accepted and never filled.
    case rest
    /// Accepted, then canceled by the venue without a fill.
    case cancel
    /// Not accepted, for lack of money unless another error is given.
    case refuse(VenueError = ScriptedVenue.insufficient)
    /// The call has no answer; the order is there (and filled) or is not.
    case unknown(isPlaced: Bool)
    /// The call ignores its deadline for so long, then the order fills.
    case hang(Duration)
    /// Filled, but no event tells.
    case fillSilently
    /// Half of it fills at once, the rest never.
    case fillHalf
    /// Filled, and neither event nor query tells a fee.
    case fillWithoutFee
  }

  /// One request to place an order.
  public struct Attempt: Sendable {
    /// What the venue was asked for.
    public let request: OrderRequest
    /// Counts the requests with this client order id, from 1.
    public let number: Int
    /// When the request came, since the start of the run.
    public let at: Duration
  }

  /// What a venue does alike for all orders.
  public struct Habits: Sendable {
    /// The markets that it has rules for.
    public var symbols = ScriptedVenue.bases.map(ScriptedVenue.symbol)
    /// How long it takes to accept or refuse an order.
    public var orderDelay = Duration.milliseconds(260)
    /// How long it takes to tell quotes.
    public var quoteDelay = Duration.milliseconds(80)
    /// How long a query or a cancel takes; nil: it keeps no orders, and says at once that it knows none.
    public var lookupDelay: Duration? = .milliseconds(100)
    /// How long a query takes; nil: as long as a cancel.
    public var queryDelay: Duration?
    /// Whether an event tells that an order was accepted, 10 ms before the events of what becomes of it.
    public var tellsAcceptance = true
    /// Whether reports tell the fee.
    public var tellsFees = true
    /// Whether the connection of the user stream ends a second after the first order was asked for.
    public var losesStream = false
    /// How long it takes to tell the open orders.
    public var listDelay = Duration.zero
    /// Orders of somebody else's that are open on the account.
    public var foreign: [OrderReport] = []
    /// The fee that it names when it is asked for an order's trades; nil: it names none.
    public var tradeFee: @Sendable (OrderReport) -> Fee? = { _ in nil }
    /// Whether its documents say that fees of purchases are taken in what is bought.
    public var documentsFeesFromReceived = false
    /// The USDT that it tells, whatever was traded.
    public var free = Decimal(1000)
    /// What it tells of every base asset.
    public var base = Decimal.zero
    /// What it makes of the quotes that were asked for.
    public var quoted: @Sendable ([Quote]) -> [Quote] = { $0 }
    /// Until then, since the start of the run, queries are answered with "unknown order".
    public var unknownUntil = Duration.zero
    /// Of each order so many cancels are answered with "unknown order".
    public var refusedCancels = 0
    /// Name and capacity of the queue of user events.
    public var events = (name: "user-events", capacity: 4096)

    /// The habits as above, to change one by one.
    public init() {}
  }

  /// What the venue was asked for, and what it knows.
  public struct State: Sendable {
    /// Each request to place an order, in the order they came.
    public fileprivate(set) var placed: [Attempt] = []
    /// How many queries of an order came.
    public fileprivate(set) var queries = 0
    /// When each balance call came, since the start of the run.
    public fileprivate(set) var balanceCalls: [Duration] = []
    /// How often the open orders, the venue's time, a new connection, more time for its key, and the rules were asked for.
    public fileprivate(set) var calls = (openOrders: 0, clock: 0, opened: 0, renewed: 0, rules: 0)
    /// The client order id of each cancel, in the order they came.
    public fileprivate(set) var cancels: [String] = []
    fileprivate var orders: [OrderReport] = []
  }

  /// The base assets that have a market, unless the habits say otherwise.
  public static let bases = ["AIX", "BLESS", "COAI"] + (0..<11).map { "S\($0)" }

  private let eventQueue: Channel<UserEvent>
  private let current = Mutex(State())
  private let runtime: Runtime
  private let habits: Habits
  private let price: @Sendable (Symbol, Duration) -> Decimal
  private let script: @Sendable (Attempt) -> Script
  private let balance: @Sendable (Int) -> (takes: Duration, succeeds: Bool)

  /// A venue whose prices are a function of symbol and time since the start of the run; `balance` says how long the n-th
  /// balance call takes, counted from 1, and whether it succeeds.
  public init(
    _ runtime: Runtime, habits: Habits = Habits(),
    price: @escaping @Sendable (Symbol, Duration) -> Decimal = ScriptedVenue.drop,
    script: @escaping @Sendable (Attempt) -> Script = { _ in .fill(parts: 1, gap: .zero) },
    balance: @escaping @Sendable (Int) -> (takes: Duration, succeeds: Bool) = { _ in (.milliseconds(250), true) }
  ) {
    self.runtime = runtime
    self.habits = habits
    self.price = price
    self.script = script
    self.balance = balance
    eventQueue = Channel(runtime, habits.events.name, capacity: habits.events.capacity)
  }

  /// What happened so far.
  public var state: State { current.withLock { $0 } }

  private var elapsed: Duration { runtime.now - .simulationEpoch }

  // MARK: Values

  /// The number that a text of a test names.
  public static func decimal(_ text: String) -> Decimal {
    guard let value = Decimal(text) else { preconditionFailure("no decimal: \(text)") }
    return value
  }

  /// The market of a base asset against USDT.
  public static func symbol(_ base: String) -> Symbol {
    guard let symbol = Symbol(base: base, quote: "USDT") else { preconditionFailure("no symbol: \(base)") }
    return symbol
  }

  /// 10 for ten seconds, then 9.8, from 40 s on 10 again.
  public static func drop(_ symbol: Symbol, _ since: Duration) -> Decimal {
    since < .seconds(10) || since >= .seconds(40) ? decimal("10") : decimal("9.8")
  }

  /// The rules that every market has.
  public static func rules(_ symbol: Symbol) -> MarketRules {
    MarketRules(
      symbol: symbol, tick: decimal("0.001"), step: decimal("0.01"), minQuantity: decimal("0.01"),
      minNotional: decimal("1"), takerFee: decimal("0.0005"), makerFee: .zero)
  }

  /// A refusal for good.
  public static let insufficient = VenueError(
    code: 30004, text: "Insufficient position", httpStatus: 400, kind: .insufficientBalance)
  /// A refusal that may be tried again.
  public static let busy = VenueError(code: 429, text: "Too many requests", httpStatus: 429, kind: .rateLimited)
  /// The answer to an order against the market's rules.
  public static let badPrice = VenueError(
    code: 30010, text: "no valid trade price", httpStatus: 400, kind: .invalidOrder)
  /// The answer to a request whose time is wrong.
  public static let wrongTime = VenueError(
    code: -1021, text: "Timestamp for this request is outside of the recvWindow.", httpStatus: 400, kind: .clock)
  /// The answer to a query or a cancel of an order that it does not know.
  public static let unknownOrder = VenueError(
    code: -2013, text: "Order does not exist.", httpStatus: 400, kind: .unknownOrder)
  /// The answer to a balance call that does not succeed.
  public static let unavailable = VenueError(
    code: 503, text: "Service not available", httpStatus: 503, kind: .network)

  // MARK: Calls

  /// Does with the order what the script says, after the delay of orders.
  public func placeOrder(_ request: OrderRequest, deadline: Instant) throws(Stopped) -> Result<OrderAck, CallFailure> {
    let at = elapsed
    let attempt = current.withLock { state in
      let earlier = state.placed.count { $0.request.clientOrderId == request.clientOrderId }
      let attempt = Attempt(request: request, number: earlier + 1, at: at)
      state.placed.append(attempt)
      return attempt
    }
    if habits.losesStream, current.withLock({ $0.placed.count == 1 }) {
      try eventQueue.send(.stream(.lost("closed")), after: .seconds(1))
    }
    try runtime.sleep(habits.orderDelay)
    switch script(attempt) {
    case .refuse(let error): return .failure(.venue(error))
    case .unknown(let isPlaced):
      if isPlaced { try fill(request, parts: 1, gap: .zero, tells: false) }
      return .failure(.unknownOutcome("deadline"))
    case .hang(let duration):
      try runtime.sleep(duration)
      try fill(request, parts: 1, gap: .zero)
    case .fill(let parts, let gap): try fill(request, parts: parts, gap: gap)
    case .fillSilently: try fill(request, parts: 1, gap: .zero, tells: false)
    case .fillWithoutFee: try fill(request, parts: 1, gap: .zero, tells: false, fee: false)
    case .rest: keep(report(request, .new, filled: .zero, fee: nil))
    case .fillHalf: try fillHalf(request)
    case .cancel: try cancel(request)
    }
    return .success(
      OrderAck(orderId: "X-\(request.clientOrderId)", clientOrderId: request.clientOrderId, acceptedAt: runtime.now))
  }

  /// Cancels an order that is open.
  public func cancelOrder(
    symbol: Symbol, clientOrderId: String, deadline: Instant
  ) throws(Stopped) -> Result<OrderReport, CallFailure> {
    if let delay = habits.lookupDelay { try runtime.sleep(delay) }
    let canceled: OrderReport? = current.withLock { state in
      state.cancels.append(clientOrderId)
      guard let index = state.orders.firstIndex(where: { $0.clientOrderId == clientOrderId }),
        !state.orders[index].status.isTerminal,
        state.cancels.count(where: { $0 == clientOrderId }) > habits.refusedCancels
      else { return nil }
      state.orders[index].status = state.orders[index].filledQuantity.isZero ? .canceled : .partiallyCanceled
      return state.orders[index]
    }
    if var stranger = habits.foreign.first(where: { $0.clientOrderId == clientOrderId }) {
      stranger.status = .canceled
      return .success(stranger)
    }
    guard let canceled else { return .failure(.venue(Self.unknownOrder)) }
    return .success(canceled)
  }

  /// Tells an order as it will be once all its events are out.
  public func queryOrder(
    symbol: Symbol, clientOrderId: String, deadline: Instant
  ) throws(Stopped) -> Result<OrderReport, CallFailure> {
    if let delay = habits.queryDelay ?? habits.lookupDelay { try runtime.sleep(delay) }
    let found = current.withLock { state in
      state.queries += 1
      return elapsed < habits.unknownUntil ? nil : state.orders.first { $0.clientOrderId == clientOrderId }
    }
    guard let found else { return .failure(.venue(Self.unknownOrder)) }
    return .success(found)
  }

  /// Tells at once what an order has filled, as one trade with the fee that the habits say.
  public func trades(
    symbol: Symbol, orderId: String, clientOrderId: String, deadline: Instant
  ) throws(Stopped) -> Result<[Fill], CallFailure> {
    let found = current.withLock { state in state.orders.first { $0.orderId == orderId } }
    guard let found else { return .failure(.venue(Self.unknownOrder)) }
    guard found.filledQuantity.isPositive else { return .success([]) }
    let fill = Fill(
      tradeId: "T-\(clientOrderId)", orderId: orderId, clientOrderId: clientOrderId, symbol: symbol, side: found.side,
      price: found.averagePrice ?? .zero, quantity: found.filledQuantity, quote: found.filledQuote,
      fee: habits.tradeFee(found), isMaker: false, time: found.updatedAt)
    return .success([fill])
  }

  /// Tells what rests as the call comes.
  public func openOrders(deadline: Instant) throws(Stopped) -> Result<[OrderReport], CallFailure> {
    let open = current.withLock { state in
      state.calls.openOrders += 1
      return state.orders.filter { !$0.status.isTerminal }
        + habits.foreign.filter { !state.cancels.contains($0.clientOrderId) }
    }
    try runtime.sleep(habits.listDelay)
    return .success(open)
  }

  /// Counts, and says that the clock is a second behind.
  public func synchronizeClock(deadline: Instant) throws(Stopped) -> Result<Duration, CallFailure> {
    current.withLock { $0.calls.clock += 1 }
    return .success(.seconds(1))
  }

  /// Counts.
  public func openStream(deadline: Instant) throws(Stopped) -> Result<Instant, CallFailure> {
    current.withLock { $0.calls.opened += 1 }
    return .success(.distantFuture)
  }

  /// Counts.
  public func renewStream(deadline: Instant) throws(Stopped) -> Result<Instant, CallFailure> {
    current.withLock { $0.calls.renewed += 1 }
    return .success(.distantFuture)
  }

  /// Tells the free USDT, or fails, as the script of balance calls says.
  public func balances(deadline: Instant) throws(Stopped) -> Result<[Balance], CallFailure> {
    let at = elapsed
    let number = current.withLock { state in
      state.balanceCalls.append(at)
      return state.balanceCalls.count
    }
    let (takes, succeeds) = balance(number)
    try runtime.sleep(takes)
    guard succeeds else { return .failure(.venue(Self.unavailable)) }
    let bases = habits.base.isPositive ? habits.symbols.map { Balance(asset: $0.base, free: habits.base) } : []
    return .success(bases + [Balance(asset: "USDT", free: habits.free)])
  }

  /// Tells the price of the moment, with bid and ask a tick beside it.
  public func quotes(_ symbols: [Symbol], deadline: Instant) throws(Stopped) -> Result<[Quote], CallFailure> {
    try runtime.sleep(habits.quoteDelay)
    let now = runtime.now
    let quotes = symbols.map { symbol in
      let last = price(symbol, now - .simulationEpoch)
      let tick = Self.decimal("0.001")
      return Quote(
        time: now, symbol: symbol, last: last, bid: last - tick, ask: last + tick, volume: Decimal(1_000_000))
    }
    return .success(habits.quoted(quotes))
  }

  /// Tells the rules of all markets at once.
  public func marketRules(deadline: Instant) throws(Stopped) -> Result<[MarketRules], CallFailure> {
    current.withLock { $0.calls.rules += 1 }
    return .success(
      habits.symbols.map { symbol in
        var rules = Self.rules(symbol)
        rules.takesFeeFromReceived = habits.documentsFeesFromReceived
        return rules
      })
  }

  /// What becomes of the orders, in the order of time.
  public var userEvents: any EventSource<UserEvent> { eventQueue }

  // MARK: Orders

  private func keep(_ report: OrderReport) {
    if habits.lookupDelay != nil { current.withLock { $0.orders.append(report) } }
  }

  /// Tells that an order was accepted, if that is the habit; returns when its other events begin.
  private func accept(_ request: OrderRequest) throws(Stopped) -> Duration {
    let delay = Duration.milliseconds(20)
    guard habits.tellsAcceptance else { return delay }
    try eventQueue.send(.accepted(report(request, .new, filled: .zero, fee: nil)), after: delay)
    return delay + .milliseconds(10)
  }

  private func fillHalf(_ request: OrderRequest) throws(Stopped) {
    let half = (request.quantity ?? .zero).floored(toStep: Self.decimal("0.02"))
    let filled = Decimal(coefficient: half.coefficient / 2)
    let update = report(request, .partiallyFilled, filled: filled, fee: nil)
    keep(update)
    let fill = Fill(
      tradeId: "T1-\(request.clientOrderId)", orderId: update.orderId, clientOrderId: request.clientOrderId,
      symbol: request.symbol, side: request.side, price: request.price ?? .zero, quantity: filled,
      quote: update.filledQuote, fee: nil, isMaker: false, time: runtime.now)
    try eventQueue.send(.trade(fill, update), after: try accept(request))
  }

  private func cancel(_ request: OrderRequest) throws(Stopped) {
    let canceled = report(request, .canceled, filled: .zero, fee: nil)
    keep(canceled)
    let start = try accept(request)
    try eventQueue.send(.canceled(canceled), after: start)
  }

  private func fill(
    _ request: OrderRequest, parts: Int, gap: Duration, tells: Bool = true, fee hasFee: Bool = true
  ) throws(Stopped) {
    guard let quantity = request.quantity, let price = request.price else { return }
    var steps: [(Fill, OrderReport)] = []
    for part in 1...parts {
      let share = (try? quantity.divided(by: Decimal(parts), rounding: .down)) ?? .zero
      let filled = part == parts ? quantity : (try? share.multiplied(by: Decimal(part), rounding: .down)) ?? .zero
      let quote = (try? filled.multiplied(by: price, rounding: .down)) ?? .zero
      let amount = (try? quote.multiplied(by: Self.decimal("0.0005"), rounding: .up)) ?? .zero
      let before = steps.last?.1
      let update = report(
        request, part == parts ? .filled : .partiallyFilled, filled: filled,
        fee: hasFee && habits.tellsFees ? Fee(asset: "USDT", amount: amount) : nil)
      steps.append(
        (
          Fill(
            tradeId: "T\(part)-\(request.clientOrderId)", orderId: update.orderId, clientOrderId: request.clientOrderId,
            symbol: request.symbol, side: request.side, price: price,
            quantity: filled - (before?.filledQuantity ?? .zero), quote: quote - (before?.filledQuote ?? .zero),
            fee: nil, isMaker: false, time: runtime.now), update
        ))
    }
    if let last = steps.last { keep(last.1) }
    guard tells else { return }
    let start = try accept(request)
    for (index, step) in steps.enumerated() {
      try eventQueue.send(.trade(step.0, step.1), after: start + gap * (index + 1))
    }
  }

  private func report(_ request: OrderRequest, _ status: OrderStatus, filled: Decimal, fee: Fee?) -> OrderReport {
    let price = request.price ?? .zero
    return OrderReport(
      orderId: "X-\(request.clientOrderId)", clientOrderId: request.clientOrderId, symbol: request.symbol,
      side: request.side, status: status, price: request.price, quantity: request.quantity ?? .zero,
      filledQuantity: filled, filledQuote: (try? filled.multiplied(by: price, rounding: .down)) ?? .zero,
      fee: fee, updatedAt: runtime.now)
  }
}
