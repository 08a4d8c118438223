import Basics
import Trading

@testable import FakeExchange

/// Random operations of two clients on a generated market of two symbols.
struct RandomWalk {
  var venue: Venue
  var history = VenueHistory()
  var time = Instant.simulationEpoch
  private(set) var tradeCount = 0
  private(set) var refusalCount = 0
  private var state: UInt64
  private var ids: [String] = []
  private let symbols: [Symbol]
  private let accounts: [Venue.Account]

  init(seed: UInt64, feeMode: FeeMode) throws {
    symbols = [Bench.symbol, FieldMarkets.symbols[5]]
    let market = MarketGenerator(seed: seed, symbols: symbols, pollInterval: .milliseconds(500))
    var profile = VenueProfile.mexc
    profile.feeMode = feeMode
    let balances = [
      Balance(asset: "USDT", free: d("5000")), Balance(asset: "AIX", free: d("500")),
      Balance(asset: "MX", free: d("0.3")),
    ]
    venue = try Venue(
      profile: profile, source: market, accounts: [("a", balances), ("b", balances)],
      depth: MarketDepth(levels: 3, notional: d("60")))
    accounts = ["a", "b"].compactMap { [venue] in venue.account($0) }
    state = seed
  }

  mutating func step() {
    time = time + .milliseconds(Int64(draw(400)))
    let request = request()
    let id = history.request(request, at: time)
    let (reply, events) = venue.handle(request, account: accounts[draw(2)], at: time)
    for event in events {
      if event.type == "TRADE" { tradeCount += 1 }
      history.event(event, delivered: true)
    }
    if case .refused(let error) = reply {
      refusalCount += 1
      history.reply(id, to: request, .error(error), injected: false, took: .zero, at: time)
    } else {
      history.reply(id, to: request, .ok(reply), injected: false, took: .zero, at: time)
    }
  }

  private mutating func request() -> VenueRequest {
    let symbol = symbols[draw(2)]
    if draw(4) == 0, !ids.isEmpty { return .cancel(symbol, clientOrderId: ids[draw(ids.count)]) }
    if draw(20) == 0 { return .balances }
    guard let quote = venue.source.quote(symbol, at: time), let rules = venue.source.rules(symbol) else {
      return .balances
    }
    let side: Side = draw(2) == 0 ? .buy : .sell
    let id = "w\(ids.count)"
    ids.append(id)
    let type: OrderType = [.limit, .limit, .limit, .market, .limitMaker][draw(5)]
    let notional = Decimal(draw(300))
    let quantity = Venue.quotient(notional, quote.ask).floored(toStep: rules.step)
    if type == .market, draw(2) == 0 {
      return .place(
        OrderRequest(clientOrderId: id, symbol: symbol, side: side, type: .market, quoteOrderQty: notional))
    }
    let offset = Decimal(coefficient: Int128(draw(81) - 40) * 100_000_000)
    let price = Venue.product(quote.ask, .one + offset, .down).floored(toStep: rules.tick)
    let tif: TimeInForce = [.gtc, .ioc, .fok][draw(3)]
    return .place(
      OrderRequest(
        clientOrderId: id, symbol: symbol, side: side, type: type, timeInForce: tif, quantity: quantity,
        price: type == .market ? nil : price))
  }

  private mutating func draw(_ bound: Int) -> Int {
    state &+= 1
    return Int(Mixing.mix(state &* 0x9E37_79B9) % UInt64(bound))
  }
}
