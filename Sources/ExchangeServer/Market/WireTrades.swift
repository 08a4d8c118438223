import Basics
import Trading

/// A trade of the public tape.
struct PublicTrade: Sendable, Equatable {
  /// Counts the seconds since the market opened: ids are contiguous, and the id says the time.
  var id: Int
  var price: Decimal
  var quantity: Decimal
  var quote: Decimal
  var time: Instant
  /// Whether the buyer's order was resting: the seller hit the bid.
  var isBuyerMaker: Bool
}

/// One trade in every second, at a tenth that the seed draws.
extension WireMarket {
  /// The second of the trade with id 0: 2025-01-01.
  private static let opening = Instant.simulationEpoch.nanoseconds / 1_000_000_000
  private static let slotsPerSecond = 1000 / slotMilliseconds

  /// The trade of a second since 1970; nil for an unknown symbol.
  func trade(_ symbol: Symbol, second: Int64) -> PublicTrade? {
    guard let key = key(symbol), let rules = rules(symbol) else { return nil }
    let draw = Self.draw(key, 11, second)
    let slot = second * Self.slotsPerSecond + Int64(draw % UInt64(Self.slotsPerSecond))
    guard let (bid, ask) = top(symbol, slot: slot) else { return nil }
    let isBuyerMaker = draw >> 8 & 1 == 0
    let price = isBuyerMaker ? bid : ask
    // From 10 to 2009 of the quote asset.
    let notional = Decimal(10 + Int(draw >> 16 % 2000))
    let raw = (try? notional.divided(by: price, rounding: .down)) ?? rules.step
    let quantity = max(rules.step, raw.floored(toStep: rules.step))
    return PublicTrade(
      id: Int(second - Self.opening), price: price, quantity: quantity,
      quote: (try? price.multiplied(by: quantity, rounding: .down)) ?? .zero,
      time: Instant(nanoseconds: slot * Self.slotMilliseconds * 1_000_000), isBuyerMaker: isBuyerMaker)
  }

  /// The trade with an id.
  func trade(_ symbol: Symbol, id: Int) -> PublicTrade? { trade(symbol, second: Int64(id) + Self.opening) }

  /// The last trade that has happened by a time.
  func lastTrade(_ symbol: Symbol, at time: Instant) -> PublicTrade? {
    let second = time.nanoseconds / 1_000_000_000
    guard let trade = trade(symbol, second: second) else { return nil }
    return trade.time <= time ? trade : self.trade(symbol, second: second - 1)
  }

  /// The id of the last trade that has happened by a time; ids before it have happened too.
  func lastTradeId(_ symbol: Symbol, at time: Instant) -> Int { lastTrade(symbol, at: time)?.id ?? 0 }

  /// Trades after one time and up to another, oldest first, at most a minute of them.
  func trades(_ symbol: Symbol, after from: Instant, through to: Instant) -> [PublicTrade] {
    var second = max(from.nanoseconds / 1_000_000_000, to.nanoseconds / 1_000_000_000 - 60)
    var found: [PublicTrade] = []
    while second <= to.nanoseconds / 1_000_000_000 {
      if let trade = trade(symbol, second: second), trade.time > from, trade.time <= to { found.append(trade) }
      second += 1
    }
    return found
  }

  /// The first id that can be asked for at a time.
  func firstTradeId(at time: Instant) -> Int {
    max(1, Int((time.nanoseconds - Self.history.nanoseconds) / 1_000_000_000 - Self.opening))
  }

  /// The id of the first trade at or after a time.
  func tradeId(_ symbol: Symbol, from time: Instant) -> Int {
    let second = time.nanoseconds / 1_000_000_000
    guard let trade = trade(symbol, second: second) else { return 0 }
    return trade.time >= time ? trade.id : trade.id + 1
  }
}
