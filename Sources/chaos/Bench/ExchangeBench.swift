import Basics
import FakeExchange
import Trading

/// `chaos bench exchange`: the venue with all it keeps (money, ids, events, history) beside a matcher that only matches.
enum ExchangeBench {
  static let options = [
    Option("orders", "N", "exchange: orders and cancels of a round (default 50000)"),
    Option("differential", "N", "exchange: compare N requests with a slow, obvious matcher"),
  ]

  /// What one round does, made beforehand so that only the matching is measured.
  private struct Flow {
    /// Orders that make the book, before the clock starts.
    var opening: [OrderRequest] = []
    /// What the plain matcher is told.
    var steps: [Step] = []
    /// What the venue is told.
    var requests: [(request: VenueRequest, isBuy: Bool)] = []
    var tradeCount = 0

    mutating func place(_ order: OrderRequest) {
      steps.append(.place(order))
      requests.append((.place(order), order.side == .buy))
    }

    mutating func cancel(_ id: String, isBuy: Bool, on symbol: Symbol) {
      steps.append(.cancel(id))
      requests.append((.cancel(symbol, clientOrderId: id), isBuy))
    }
  }

  private enum Step {
    case place(OrderRequest)
    case cancel(String)
  }

  static func run(rounds: Int, orders: Int) throws(UsageError) -> [BenchLine] {
    let market = StillMarket(symbol: FieldMarkets.symbols[0])
    let (few, many) = (flow(resting: 100, orders, market), flow(resting: 10_000, orders, market))
    var times: [(few: Pair, many: Pair)] = []
    for _ in 0..<rounds { times.append(try round(few, many, market)) }
    func median(_ value: ((few: Pair, many: Pair)) -> Double) -> Double { Bench.median(times.map(value).sorted()) }
    func each(_ name: String, _ value: @escaping ((few: Pair, many: Pair)) -> Double) -> BenchLine {
      BenchLine(name: name, value: median(value) / Double(orders), unit: "ns an order", places: 0)
    }
    return [
      each("venue, 100 orders rest") { $0.few.venue },
      each("venue, 10,000 orders rest") { $0.many.venue },
      each("plain matcher, 100 orders rest") { $0.few.plain },
      each("plain matcher, 10,000 orders rest") { $0.many.plain },
      BenchLine(name: "venue", value: 1e3 * Double(orders) / median { $0.few.venue }, unit: "M orders/s"),
      BenchLine(
        name: "venue : plain matcher, orders/s", value: median { $0.few.plain / $0.few.venue }, unit: "x",
        isHeadline: true, limit: .least(0.3)),
      BenchLine(
        name: "venue : plain matcher, 10,000 rest", value: median { $0.many.plain / $0.many.venue }, unit: "x"),
      BenchLine(
        name: "10,000 resting orders : 100", value: median { $0.many.venue / $0.few.venue }, unit: "x",
        isHeadline: true, limit: .most(1.3)),
    ]
  }

  /// Nanoseconds of the processor that both took for the same orders.
  private struct Pair {
    var venue = 0.0
    var plain = 0.0
  }

  /// Orders of a slice: tens of milliseconds, so that what the run before has left in the caches hardly counts.
  private static let slice = 25_000

  /// One round: slices of all four runs by turns, so that a slow moment of the machine is slow for all of them.
  private static func round(
    _ few: Flow, _ many: Flow, _ market: StillMarket
  ) throws(UsageError) -> (few: Pair, many: Pair) {
    var (first, second) = (try Run(few, market), try Run(many, market))
    var from = 0
    while from < few.steps.count {
      let part = from..<min(from + slice, few.steps.count)
      first.go(part)
      second.go(part)
      from = part.upperBound
    }
    try first.check()
    try second.check()
    return (first.times, second.times)
  }

  // MARK: The work

  /// Keeps about `resting` orders open: one is placed where one is gone, up to 500 ticks from the middle; every fifth order
  /// takes what the best two or so offer.
  private static func flow(resting: Int, _ count: Int, _ market: StillMarket) -> Flow {
    var (flow, matcher) = (Flow(), PlainMatcher())
    var random = SplitMix(seed: UInt64(resting))
    func draw(_ below: Int) -> Int { Int(random.next() % UInt64(below)) }
    var ids: [(id: String, isBuy: Bool)] = []
    var number = 0
    func order(isBuy: Bool, ticks: Int, tif: TimeInForce) -> OrderRequest {
      number += 1
      return OrderRequest(
        clientOrderId: "o\(number)", symbol: market.symbol, side: isBuy ? .buy : .sell, type: .limit, timeInForce: tif,
        quantity: Decimal(1 + draw(9)), price: Decimal(1000 + ticks))
    }
    func passive() -> OrderRequest {
      let isBuy = draw(2) == 0
      return order(isBuy: isBuy, ticks: isBuy ? -1 - draw(500) : 1 + draw(500), tif: .gtc)
    }
    while flow.opening.count < resting {
      let request = passive()
      flow.opening.append(request)
      _ = matcher.place(request)
      ids.append((request.clientOrderId, request.side == .buy))
    }
    while flow.steps.count < count {
      if draw(5) == 0 {
        let isBuy = draw(2) == 0
        let request = order(isBuy: isBuy, ticks: isBuy ? 600 : -600, tif: .ioc)
        flow.tradeCount += matcher.place(request).trades.count
        flow.place(request)
      } else if matcher.open.count >= resting {
        let at = draw(ids.count)
        let (id, isBuy) = ids[at]
        ids.swapAt(at, ids.count - 1)
        ids.removeLast()
        if matcher.cancel(id) != nil {
          flow.cancel(id, isBuy: isBuy, on: market.symbol)
        }
      } else {
        let request = passive()
        _ = matcher.place(request)
        ids.append((request.clientOrderId, request.side == .buy))
        flow.place(request)
      }
    }
    return flow
  }

  /// Both with the same orders.
  private struct Run {
    private let flow: Flow
    private var full: FullVenue
    private var matcher = PlainMatcher()
    private var trades: [PlainMatcher.Trade] = []
    private(set) var times = Pair()

    init(_ flow: Flow, _ market: StillMarket) throws(UsageError) {
      self.flow = flow
      full = try FullVenue(market)
      for request in flow.opening {
        full.step(.place(request), isBuy: request.side == .buy, 0)
        _ = matcher.place(request)
      }
      full.trades = 0
    }

    mutating func go(_ part: Range<Int>) {
      // What other programs take meanwhile is not counted.
      let start = WallClock.threadProcessor
      venue(part)
      let middle = WallClock.threadProcessor
      plain(part)
      times.venue += (middle - start) * 1e9
      times.plain += (WallClock.threadProcessor - middle) * 1e9
    }

    private mutating func venue(_ part: Range<Int>) {
      for n in part { full.step(flow.requests[n].request, isBuy: flow.requests[n].isBuy, n) }
    }

    private mutating func plain(_ part: Range<Int>) {
      for n in part {
        switch flow.steps[n] {
        case .place(let request): trades += matcher.place(request).trades
        case .cancel(let id): _ = matcher.cancel(id)
        }
      }
    }

    /// That both did the same.
    func check() throws(UsageError) {
      guard full.trades == 2 * flow.tradeCount, trades.count == flow.tradeCount, full.venue.firstViolation == nil else {
        throw UsageError(
          text: "bench exchange: the venue made \(full.trades / 2) trades, the plain matcher \(flow.tradeCount)")
      }
    }
  }
}

/// A venue with its history, as a session has them.
private struct FullVenue {
  private(set) var venue: Venue
  private var history = VenueHistory(entriesMax: .max)
  /// Sides of trades.
  var trades = 0
  private let market: StillMarket
  /// A tenth of a second at 20,000 orders a second, which is what the wire carries.
  private static let stepsOfATick = 2000
  private let buyer: Venue.Account
  private let seller: Venue.Account

  init(_ market: StillMarket) throws(UsageError) {
    var profile = VenueProfile.mexc
    (profile.openOrdersMax, profile.ordersMax) = (Int.max, Int.max)
    let rich = [market.symbol.quote, market.symbol.base].map { Balance(asset: $0, free: Decimal(1_000_000_000_000)) }
    do throws(VenueSetupError) {
      venue = try Venue(
        profile: profile, source: market, accounts: [("buyer", rich), ("seller", rich)], depth: MarketDepth(levels: 0))
    } catch { throw UsageError(text: error.description) }
    guard let buyer = venue.account("buyer"), let seller = venue.account("seller") else {
      throw UsageError(text: "bench exchange: the venue has lost an account")
    }
    (self.market, self.buyer, self.seller) = (market, buyer, seller)
  }

  mutating func step(_ request: VenueRequest, isBuy: Bool, _ n: Int) {
    let account = isBuy ? buyer : seller
    // As a served exchange does that goes on for days: its history is handed over ten times a second.
    if n % Self.stepsOfATick == 0 { _ = history.take() }
    let time = market.start + .microseconds(Int64(n))
    let id = history.request(request, at: time)
    let (reply, events) = venue.handle(request, account: account, at: time)
    trades += events.tradeSideCount
    history.events(events, deliveredTo: account)
    if case .refused(let error) = reply {
      history.reply(id, to: request, .error(error), injected: false, took: .zero, at: time)
    } else {
      history.reply(id, to: request, .ok(reply), injected: false, took: .zero, at: time)
    }
  }
}

/// One market with one quote for ever.
private struct StillMarket: MarketSource {
  let symbol: Symbol
  var symbols: [Symbol] { [symbol] }
  var start: Instant { .simulationEpoch }
  var end: Instant? { nil }

  func quote(_ asked: Symbol, at time: Instant) -> Quote? {
    guard asked == symbol else { return nil }
    return Quote(
      time: start, symbol: symbol, last: Decimal(1000), bid: Decimal(999), ask: Decimal(1001), volume: .one)
  }

  func standing(_ asked: Symbol, at time: Instant) -> (quote: Quote?, until: Instant) {
    (quote(asked, at: time), .distantFuture)
  }

  func rules(_ asked: Symbol) -> MarketRules? {
    MarketRules(
      symbol: symbol, tick: .one, step: .one, minQuantity: .one, minNotional: .one,
      takerFee: Decimal(coefficient: Decimal.one.coefficient / 1000), makerFee: .zero)
  }
}
