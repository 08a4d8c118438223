import Basics
import ChaosRuntime
import Synchronization
import Trading

/// A venue that does what a test tells it: prices are a function of time, and each order has its script.
final class ScriptedVenue: ExchangeClient {
  /// What happens to an order.
  enum Script: Sendable {
    /// Filled at its price in so many equal trades, `gap` apart.
    case fill(parts: Int, gap: Duration)
    /// Accepted and never filled.
    case rest
    case refuse(VenueError)
    /// The call has no answer; the order is there (and filled) or is not.
    case unknown(isPlaced: Bool)
    /// The call ignores its deadline for so long, then the order fills.
    case hang(Duration)
    /// Filled, but no event tells.
    case fillSilently
    /// Filled, and neither event nor query tells a fee.
    case fillWithoutFee
  }

  struct State {
    var orders: [OrderReport] = []
    var placed: [OrderRequest] = []
    var queries = 0
    var balanceCalls = 0
    var quoteDelay = Duration.milliseconds(80)
    var balanceDelay = Duration.milliseconds(250)
    var free = ScriptedVenue.decimal("1000")
  }

  /// The base assets that have a market.
  static let bases = ["AIX", "BLESS", "COAI"] + (0..<11).map { "S\($0)" }

  private let eventQueue: Channel<UserEvent>
  var userEvents: any EventSource<UserEvent> { eventQueue }
  let state = Mutex(State())
  private let runtime: Runtime
  private let price: @Sendable (Symbol, Duration) -> Decimal
  private let script: @Sendable (OrderRequest, Int) -> Script

  init(
    _ runtime: Runtime, price: @escaping @Sendable (Symbol, Duration) -> Decimal = ScriptedVenue.drop,
    script: @escaping @Sendable (OrderRequest, Int) -> Script = { _, _ in .fill(parts: 1, gap: .zero) }
  ) {
    self.runtime = runtime
    self.price = price
    self.script = script
    eventQueue = Channel(runtime, "user-events", capacity: 4096)
  }

  static func decimal(_ text: String) -> Decimal {
    guard let value = Decimal(text) else { preconditionFailure("no decimal: \(text)") }
    return value
  }

  static func symbol(_ base: String) -> Symbol {
    guard let symbol = Symbol(base: base, quote: "USDT") else { preconditionFailure("no symbol: \(base)") }
    return symbol
  }

  /// 10 for ten seconds, then 9.8, from 40 s on 10 again.
  static func drop(_ symbol: Symbol, _ since: Duration) -> Decimal {
    since < .seconds(10) || since >= .seconds(40) ? decimal("10") : decimal("9.8")
  }

  func placeOrder(_ request: OrderRequest, deadline: Instant) throws(Stopped) -> Result<OrderAck, CallFailure> {
    let attempt = state.withLock { state in
      state.placed.append(request)
      return state.placed.count { $0.clientOrderId == request.clientOrderId }
    }
    try runtime.sleep(.milliseconds(260))
    switch script(request, attempt) {
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
    case .rest: open(request)
    }
    return .success(
      OrderAck(orderId: "X-\(request.clientOrderId)", clientOrderId: request.clientOrderId, acceptedAt: runtime.now))
  }

  func cancelOrder(
    symbol: Symbol, clientOrderId: String, deadline: Instant
  ) throws(Stopped) -> Result<OrderReport, CallFailure> {
    try runtime.sleep(.milliseconds(100))
    let canceled: OrderReport? = state.withLock { state in
      guard let index = state.orders.firstIndex(where: { $0.clientOrderId == clientOrderId }),
        !state.orders[index].status.isTerminal
      else { return nil }
      state.orders[index].status = state.orders[index].filledQuantity.isZero ? .canceled : .partiallyCanceled
      return state.orders[index]
    }
    guard let canceled else { return .failure(.venue(Self.unknownOrder)) }
    return .success(canceled)
  }

  func queryOrder(
    symbol: Symbol, clientOrderId: String, deadline: Instant
  ) throws(Stopped) -> Result<OrderReport, CallFailure> {
    try runtime.sleep(.milliseconds(100))
    let found = state.withLock { state in
      state.queries += 1
      return state.orders.first { $0.clientOrderId == clientOrderId }
    }
    guard let found else { return .failure(.venue(Self.unknownOrder)) }
    return .success(found)
  }

  func openOrders(deadline: Instant) throws(Stopped) -> Result<[OrderReport], CallFailure> {
    .success(state.withLock { $0.orders.filter { !$0.status.isTerminal } })
  }

  func balances(deadline: Instant) throws(Stopped) -> Result<[Balance], CallFailure> {
    let delay = state.withLock { state in
      state.balanceCalls += 1
      return state.balanceDelay
    }
    try runtime.sleep(delay)
    return .success([Balance(asset: "USDT", free: state.withLock { $0.free })])
  }

  func quotes(_ symbols: [Symbol], deadline: Instant) throws(Stopped) -> Result<[Quote], CallFailure> {
    try runtime.sleep(state.withLock { $0.quoteDelay })
    let now = runtime.now
    return .success(
      symbols.map { symbol in
        let last = price(symbol, now - .simulationEpoch)
        let tick = Self.decimal("0.001")
        return Quote(
          time: now, symbol: symbol, last: last, bid: last - tick, ask: last + tick, volume: Decimal(1_000_000))
      })
  }

  func marketRules(deadline: Instant) throws(Stopped) -> Result<[MarketRules], CallFailure> {
    .success(Self.bases.map { Self.rules(Self.symbol($0)) })
  }

  static func rules(_ symbol: Symbol) -> MarketRules {
    MarketRules(
      symbol: symbol, tick: decimal("0.001"), step: decimal("0.01"), minQuantity: decimal("0.01"),
      minNotional: decimal("1"), takerFee: decimal("0.0005"), makerFee: .zero)
  }

  static let unknownOrder = VenueError(code: -2013, text: "Order does not exist.", httpStatus: 400, kind: .unknownOrder)
  static let insufficient = VenueError(
    code: 30004, text: "Insufficient position", httpStatus: 400, kind: .insufficientBalance)
  static let busy = VenueError(code: 429, text: "Too many requests", httpStatus: 429, kind: .rateLimited)

  // MARK: Orders

  private func open(_ request: OrderRequest) {
    state.withLock {
      $0.orders.append(report(request, .new, filled: .zero, fee: nil))
    }
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
        fee: hasFee ? Fee(asset: "USDT", amount: amount) : nil)
      steps.append(
        (
          Fill(
            tradeId: "T\(part)-\(request.clientOrderId)", orderId: update.orderId, clientOrderId: request.clientOrderId,
            symbol: request.symbol, side: request.side, price: price,
            quantity: filled - (before?.filledQuantity ?? .zero), quote: quote - (before?.filledQuote ?? .zero),
            fee: nil, isMaker: false, time: runtime.now), update
        ))
    }
    state.withLock { state in
      if let last = steps.last { state.orders.append(last.1) }
    }
    guard tells else { return }
    try eventQueue.send(.accepted(report(request, .new, filled: .zero, fee: nil)), after: .milliseconds(20))
    for (index, step) in steps.enumerated() {
      try eventQueue.send(.trade(step.0, step.1), after: .milliseconds(30) + gap * (index + 1))
    }
  }

  private func report(_ request: OrderRequest, _ status: OrderStatus, filled: Decimal, fee: Fee?) -> OrderReport {
    let price = request.price ?? .zero
    return OrderReport(
      orderId: "X-\(request.clientOrderId)", clientOrderId: request.clientOrderId, symbol: request.symbol,
      side: request.side, status: status, price: request.price, quantity: request.quantity ?? .zero,
      filledQuantity: filled, filledQuote: (try? filled.multiplied(by: price, rounding: .down)) ?? .zero,
      averagePrice: filled.isZero ? nil : price, fee: fee, updatedAt: runtime.now)
  }
}
