import Basics
import ChaosRuntime
import FakeExchange
import FieldReconciliation
import Trading

/// What a session's files tell of its venue besides quotes: balances, latencies by call, rules.
enum VenueRecord {
  /// Names that maps give to calls, with ours.
  private static let calls: [(call: VenueCall, names: [String])] = [
    (.placeOrder, ["place_order", "create_order", "create_limit_buy_order", "create_limit_sell_order"]),
    (.cancelOrder, ["cancel_order"]), (.queryOrder, ["query_order", "fetch_order"]),
    (.openOrders, ["open_orders", "fetch_open_orders"]), (.fetchBalance, ["fetch_balance"]),
    (.fetchTickers, ["fetch_tickers"]),
  ]

  static func of(
    _ found: Reconciliation, directory: String?, _ market: [(name: String, bytes: [UInt8])], scale: Double?,
    _ kept: inout [String], _ missing: inout [String]
  ) -> RecordedVenue {
    var venue = RecordedVenue()
    guard let quotes = try? TickReplayer(files: market) else { return venue }
    venue.latenciesMs = latencies(found.session)
    if venue.latenciesMs.isEmpty {
      missing.append("no latencies of calls: the historical venue's stand in, which are the engine's defaults")
    } else {
      let words = calls.compactMap { item in venue.latenciesMs[item.call].map { "\(item.call.rawValue) \($0) ms" } }
      kept.append("the venue's latencies by call: \(words.joined(separator: ", "))")
    }
    let assets = Set(quotes.symbols.map(\.quote))
    if let held = opening(found), case let all = held.filter({ assets.contains($0.key) && $0.value.isPositive }),
      !all.isEmpty
    {
      venue.balances = all.sorted { $0.key < $1.key }.map { asset, amount in
        let scaled = scale.flatMap { Decimal(JSON.double(amount.doubleValue * $0, places: 2).text) }
        return Balance(asset: asset, free: scaled ?? amount)
      }
      let words = venue.balances.map { "\(FieldMoney.text($0.free)) \($0.asset)" }.joined(separator: ", ")
      kept.append(
        scale == nil
          ? "what it had before its first order: \(words)" : "for how many orders it had money before its first one")
    } else {
      missing.append("no balances: 500 USDT stand in")
    }
    venue.rules = rules(directory.map { "\($0)/markets.json" }, quotes)
    if venue.rules.isEmpty {
      missing.append("no market rules (markets.json): ticks are those of the quotes, the rest is the engine's default")
    } else {
      kept.append("rules of \(venue.rules.count) markets: ticks, steps, limits and fees")
    }
    if let polled = polled(found.session, directory), polled > quotes.symbols.count {
      venue.otherPairs = min(RecordedVenue.otherPairsMax, polled - quotes.symbols.count)
      kept.append("polls of \(polled) pairs (those without quotes have a price that stands still)")
    }
    return venue
  }

  /// How many pairs the bot polled: those that it had a state for, or those that its log of steps began with; nil: nobody tells.
  private static func polled(_ session: FieldSession, _ directory: String?) -> Int? {
    let state = directory.flatMap { try? InputFile.bytes("\($0)/engine_state.json", .document) }
    let phases = state.flatMap { try? JSON.parse($0) }?["phases_all_symbols"]?.members ?? []
    // Pairs by their phase, or the phase of each pair.
    let counts = phases.compactMap { $0.value.numberText.flatMap { Int($0) } }
    let sum = counts.count == phases.count ? counts.reduce(0) { $0 + min(max(0, $1), 1_000_000) } : phases.count
    let polled = sum > 0 ? sum : session.count("WARMUP_COMPLETED")
    return polled > 0 ? polled : nil
  }

  /// The middle one of each kind of call.
  private static func latencies(_ session: FieldSession) -> [VenueCall: Int] {
    var all: [VenueCall: Int] = [:]
    for item in calls {
      guard let middle = SignComparison.median(item.names.flatMap { session.calls[$0] ?? [] }), middle >= 0 else {
        continue
      }
      all[item.call] = min(RecordedVenue.latencyMsMax, Int(middle.rounded()))
    }
    return all
  }

  /// The last whole list of balances before the first order of the log, or the first purchase of its own calls; else the first one.
  private static func opening(_ found: Reconciliation) -> [String: Decimal]? {
    let whole = found.session.balances.filter(\.isWhole)
    let session = found.session
    let logged = session.beliefs.compactMap { $0.sent?.time }.min().map { found.clock.venueTime($0) }
    let called = session.truths.filter { $0.isOwnCall && $0.side == .buy }.compactMap { $0.placed?.time }.min()
    // A bot that bought nothing had in the end what it could have bought with.
    guard let start = logged ?? called else { return whole.last?.amounts }
    return (whole.last { $0.mark.time <= start } ?? whole.first)?.amounts
  }

  /// ccxt's markets, of the symbols that have quotes.
  private static func rules(_ path: String?, _ quotes: TickReplayer) -> [Symbol: MarketRules] {
    guard let path, let bytes = Files.read(path), let markets = try? JSON.parse(bytes) else { return [:] }
    var all: [Symbol: MarketRules] = [:]
    for symbol in quotes.symbols {
      guard let market = markets[symbol.description], var rules = quotes.rules(symbol) else { continue }
      func part(_ value: JSON?) -> Decimal? {
        (value?.numberText ?? value?.string).flatMap { FieldNumber.plain(Substring($0)) }.flatMap {
          $0.isNegative ? nil : $0
        }
      }
      if let tick = part(market["precision"]?["price"]), tick.isPositive { rules.tick = tick }
      if let step = part(market["precision"]?["amount"]), step.isPositive { rules.step = step }
      rules.minQuantity = part(market["limits"]?["amount"]?["min"]) ?? rules.minQuantity
      rules.minNotional = part(market["limits"]?["cost"]?["min"]) ?? rules.minNotional
      rules.takerFee = part(market["taker"]) ?? rules.takerFee
      rules.makerFee = part(market["maker"]) ?? rules.makerFee
      all[symbol] = rules
    }
    return all
  }
}
