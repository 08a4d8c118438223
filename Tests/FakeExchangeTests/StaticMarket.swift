import Basics
import Trading

@testable import FakeExchange

/// A market whose quotes are written down: each holds until the next one.
struct StaticMarket: MarketSource {
  var symbols: [Symbol]
  var quotes: [Quote]
  var marketRules: [MarketRules]
  var start: Instant { .simulationEpoch }
  var end: Instant? { nil }

  func quote(_ symbol: Symbol, at time: Instant) -> Quote? {
    quotes.last { $0.symbol == symbol && $0.time <= time }
  }

  func rules(_ symbol: Symbol) -> MarketRules? { marketRules.first { $0.symbol == symbol } }
}

/// A small venue with two clients and one market, and short ways to ask it.
final class Bench {
  static let symbol = Symbol("AIX/USDT") ?? FieldMarkets.symbols[0]
  var venue: Venue
  let alice: Venue.Account
  let bob: Venue.Account
  var log: [VenueEvent] = []
  private var orderCount = 0

  /// The market shows (second, bid, ask); each level holds `notional` of quote asset per level number.
  init(
    _ quotes: [(second: Int, bid: String, ask: String)] = [(0, "1.99", "2")], notional: Int = 100, levels: Int = 2,
    taker: String = "0.001", maker: String = "0", feeMode: FeeMode? = nil, extra: [Balance] = [],
    profile: VenueProfile = .mexc
  ) throws {
    let symbol = Bench.symbol
    let rules = MarketRules(
      symbol: symbol, tick: d("0.01"), step: d("0.01"), minQuantity: d("0.1"), minNotional: d("1"),
      takerFee: d(taker), makerFee: d(maker))
    let market = StaticMarket(
      symbols: [symbol],
      quotes: quotes.map {
        Quote(
          time: .simulationEpoch + .seconds($0.second), symbol: symbol, last: d($0.ask), bid: d($0.bid), ask: d($0.ask),
          volume: d("1000"))
      }, marketRules: [rules])
    var profile = profile
    if let feeMode { profile.feeMode = feeMode }
    let balances = [Balance(asset: "USDT", free: d("1000")), Balance(asset: "AIX", free: d("500"))] + extra
    venue = try Venue(
      profile: profile, source: market, accounts: [("alice", balances), ("bob", balances)],
      depth: MarketDepth(levels: levels, notional: Decimal(notional), spacingBps: 50, refill: .seconds(3600)))
    guard let alice = venue.account("alice"), let bob = venue.account("bob") else {
      throw VenueSetupError.duplicateAccount("alice")
    }
    self.alice = alice
    self.bob = bob
  }

  func ask(_ request: VenueRequest, _ account: Venue.Account? = nil, at second: Int = 0) -> VenueReply {
    let (reply, events) = venue.handle(request, account: account ?? alice, at: .simulationEpoch + .seconds(second))
    log += events
    return reply
  }

  /// Places an order and returns its client id and the reply.
  func place(
    _ side: Side, _ quantity: String? = nil, at price: String? = nil, type: OrderType = .limit,
    tif: TimeInForce = .gtc, quote: String? = nil, by account: Venue.Account? = nil, second: Int = 0,
    id: String? = nil
  ) -> (id: String, reply: VenueReply) {
    orderCount += 1
    let id = id ?? "c\(orderCount)"
    let request = OrderRequest(
      clientOrderId: id, symbol: Bench.symbol, side: side, type: type, timeInForce: tif, quantity: quantity.map(d),
      price: price.map(d), quoteOrderQty: quote.map(d))
    return (id, ask(.place(request), account, at: second))
  }

  func report(_ id: String, _ account: Venue.Account? = nil) -> OrderReport? {
    guard case .report(let report) = ask(.query(Bench.symbol, clientOrderId: id), account) else { return nil }
    return report
  }

  /// `free/locked` of an asset.
  func balance(_ asset: String, _ account: Venue.Account? = nil) -> String {
    let balance = venue.ledger.balances(account ?? alice).first { $0.asset == asset }
    return "\(balance?.free ?? .zero)/\(balance?.locked ?? .zero)"
  }

  /// Fills as `quantity@price`, in order.
  func fills(_ id: String) -> [String] {
    log.compactMap {
      if case .trade(let fill, _) = $0.event, fill.clientOrderId == id { "\(fill.quantity)@\(fill.price)" } else { nil }
    }
  }

  /// Types of the order's events with its status after each.
  func story(_ id: String) -> [String] {
    log.compactMap { event in
      guard let report = event.report, report.clientOrderId == id else { return nil }
      return "\(event.type) \(report.status.rawValue)"
    }
  }
}

extension VenueReply {
  /// The code of a refusal; nil for other replies.
  var code: Int? { if case .refused(let error) = self { error.code } else { nil } }
  var isAck: Bool { if case .ack = self { true } else { false } }
}

/// A decimal that a test writes down.
func d(_ text: String) -> Decimal {
  guard let value = Decimal(text) else { preconditionFailure("no decimal: \(text)") }
  return value
}
