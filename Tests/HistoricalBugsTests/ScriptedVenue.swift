import Basics
import ChaosRuntime
import Synchronization
import Trading

/// A venue that does what a test tells it: each order and each balance call has its script.
final class ScriptedVenue: ExchangeClient {
  enum Script: Sendable {
    /// Filled at its price in equal trades, `gap` apart.
    case fill(parts: Int, gap: Duration)
    /// Accepted, then canceled by the venue without a fill.
    case cancel
    case refuse
  }

  struct State {
    /// Each request to place an order, with its time since the start.
    var placed: [(id: String, at: Duration)] = []
    /// Each balance call's start since the start of the run.
    var balanceCalls: [Duration] = []
  }

  /// How long a call takes.
  static let latency = Duration.milliseconds(250)
  static let insufficient = VenueError(
    code: 30004, text: "Insufficient position", httpStatus: 400, kind: .insufficientBalance)
  static let unavailable = VenueError(code: 503, text: "Service not available", httpStatus: 503, kind: .network)
  static let unknown = VenueError(code: -2011, text: "Unknown order sent", httpStatus: 400, kind: .unknownOrder)

  private let eventQueue: Channel<UserEvent>
  var userEvents: any EventSource<UserEvent> { eventQueue }
  let state = Mutex(State())
  private let runtime: Runtime
  private let symbols: [Symbol]
  private let script: @Sendable (Duration) -> Script
  /// How long the n-th balance call takes and whether it succeeds.
  private let balance: @Sendable (Int) -> (takes: Duration, succeeds: Bool)

  init(
    _ runtime: Runtime, symbols: [Symbol], script: @escaping @Sendable (Duration) -> Script,
    balance: @escaping @Sendable (Int) -> (takes: Duration, succeeds: Bool)
  ) {
    self.runtime = runtime
    self.symbols = symbols
    self.script = script
    self.balance = balance
    eventQueue = Channel(runtime, "user events", capacity: 1024)
  }

  static func decimal(_ text: String) -> Decimal {
    guard let value = Decimal(text) else { preconditionFailure("no decimal: \(text)") }
    return value
  }

  private var elapsed: Duration { runtime.now - .simulationEpoch }

  func placeOrder(_ request: OrderRequest, deadline: Instant) throws(Stopped) -> Result<OrderAck, CallFailure> {
    let at = elapsed
    state.withLock { $0.placed.append((request.clientOrderId, at)) }
    try runtime.sleep(Self.latency)
    switch script(at) {
    case .refuse: return .failure(.venue(Self.insufficient))
    case .cancel:
      try eventQueue.send(.canceled(report(request, .canceled, .zero)), after: .milliseconds(20))
    case .fill(let parts, let gap): try fill(request, parts, gap)
    }
    let id = request.clientOrderId
    return .success(OrderAck(orderId: "X-\(id)", clientOrderId: id, acceptedAt: runtime.now))
  }

  func cancelOrder(
    symbol: Symbol, clientOrderId: String, deadline: Instant
  ) throws(Stopped) -> Result<OrderReport, CallFailure> { .failure(.venue(Self.unknown)) }

  func queryOrder(
    symbol: Symbol, clientOrderId: String, deadline: Instant
  ) throws(Stopped) -> Result<OrderReport, CallFailure> { .failure(.venue(Self.unknown)) }

  func openOrders(deadline: Instant) throws(Stopped) -> Result<[OrderReport], CallFailure> { .success([]) }

  func balances(deadline: Instant) throws(Stopped) -> Result<[Balance], CallFailure> {
    let at = elapsed
    let number = state.withLock { state in
      state.balanceCalls.append(at)
      return state.balanceCalls.count
    }
    let (takes, succeeds) = balance(number)
    try runtime.sleep(takes)
    guard succeeds else { return .failure(.venue(Self.unavailable)) }
    return .success([Balance(asset: "USDT", free: Decimal(10_000))])
  }

  /// 10 for five seconds, then 9.75 for good.
  func quotes(_ symbols: [Symbol], deadline: Instant) throws(Stopped) -> Result<[Quote], CallFailure> {
    try runtime.sleep(.milliseconds(90))
    let last = Self.decimal(elapsed < .seconds(5) ? "10" : "9.75")
    let tick = Self.decimal("0.001")
    return .success(
      symbols.map {
        Quote(
          time: runtime.now, symbol: $0, last: last, bid: last - tick, ask: last + tick, volume: Decimal(1_000_000))
      })
  }

  func marketRules(deadline: Instant) throws(Stopped) -> Result<[MarketRules], CallFailure> {
    .success(
      symbols.map {
        MarketRules(
          symbol: $0, tick: Self.decimal("0.001"), step: Self.decimal("0.01"), minQuantity: Self.decimal("0.01"),
          minNotional: .one, takerFee: Self.decimal("0.0005"), makerFee: .zero)
      })
  }

  private func fill(_ request: OrderRequest, _ parts: Int, _ gap: Duration) throws(Stopped) {
    guard let quantity = request.quantity else { return }
    let share = (try? quantity.divided(by: Decimal(parts), rounding: .down)) ?? quantity
    var filled = Decimal.zero
    for part in 1...parts {
      let last = part == parts ? quantity - filled : share
      filled += last
      let update = report(request, part == parts ? .filled : .partiallyFilled, filled)
      let price = request.price ?? .zero
      let trade = Fill(
        tradeId: "T\(part)-\(request.clientOrderId)", orderId: update.orderId, clientOrderId: request.clientOrderId,
        symbol: request.symbol, side: request.side, price: price, quantity: last, quote: worth(last, price), fee: nil,
        isMaker: false, time: runtime.now)
      try eventQueue.send(.trade(trade, update), after: .milliseconds(20) + gap * part)
    }
  }

  private func worth(_ quantity: Decimal, _ price: Decimal) -> Decimal {
    (try? quantity.multiplied(by: price, rounding: .down)) ?? .zero
  }

  private func report(_ request: OrderRequest, _ status: OrderStatus, _ filled: Decimal) -> OrderReport {
    let price = request.price ?? .zero
    return OrderReport(
      orderId: "X-\(request.clientOrderId)", clientOrderId: request.clientOrderId, symbol: request.symbol,
      side: request.side, status: status, price: price, quantity: request.quantity ?? .zero, filledQuantity: filled,
      filledQuote: worth(filled, price), averagePrice: filled.isZero ? nil : price, fee: nil, updatedAt: runtime.now)
  }
}
