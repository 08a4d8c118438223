import Basics
import FakeExchange
import Testing
import Trading

@testable import ExchangeServer

@Suite struct WireMarketTests {
  private let symbol = Symbol("BTC/USDT") ?? ServerSettings.standardSymbols[0]
  private let start = Instant(nanoseconds: 1_767_225_600_000_000_000)

  @Test func `The market is a function of seed, symbol and time, whenever the server began`() {
    let first = WireMarket(seed: 7, symbols: [symbol], start: start)
    let later = WireMarket(seed: 7, symbols: [symbol], start: start + .seconds(5000))
    let other = WireMarket(seed: 8, symbols: [symbol], start: start)
    let times = (0..<200).map { start + .milliseconds(6000 * 1000 + 137 * $0) }
    #expect(times.allSatisfy { first.quote(symbol, at: $0) == later.quote(symbol, at: $0) })
    #expect(!times.allSatisfy { first.quote(symbol, at: $0) == other.quote(symbol, at: $0) })
    for time in times {
      guard let quote = first.quote(symbol, at: time) else { continue }
      #expect(quote.bid < quote.ask && quote.bid.isPositive)
    }
  }

  @Test(arguments: ["1s", "1m", "5m", "1h", "1M"])
  func `Candles agree with the trades`(name: String) throws {
    let market = WireMarket(seed: 1, symbols: [symbol], start: start)
    let now = start + .milliseconds(90_500)
    let interval = try #require(CandleInterval(name))
    let bounds = interval.bounds(start.nanoseconds / 1_000_000_000 - 1)
    let from = max(bounds.from, bounds.to - 600)
    let bar = try #require(market.bar(symbol, from: from, to: bounds.to, by: now))
    let trades = (from..<bounds.to).compactMap { market.trade(symbol, second: $0) }
    #expect(bar.count == trades.count && bar.open == trades.first?.price && bar.close == trades.last?.price)
    #expect(bar.high == trades.map(\.price).max() && bar.low == trades.map(\.price).min())
    #expect(bar.base == trades.reduce(.zero) { $0 + $1.quantity })
    #expect(bar.takerBase == trades.filter { !$0.isBuyerMaker }.reduce(.zero) { $0 + $1.quantity })
    let candles = market.candles(symbol, interval, from: nil, to: nil, limit: 3, at: now)
    #expect(zip(candles, candles.dropFirst()).allSatisfy { $0.to == $1.from })
  }

  @Test func `Trades have contiguous ids, and the last is not in the future`() {
    let market = WireMarket(seed: 1, symbols: [symbol], start: start)
    let trades = market.trades(symbol, after: start, through: start + .seconds(30))
    #expect(
      trades.count >= 29 && zip(trades, trades.dropFirst()).allSatisfy { $0.id + 1 == $1.id && $0.time < $1.time })
    for offset in 0..<50 {
      let now = start + .milliseconds(100 * offset)
      let last = market.lastTradeId(symbol, at: now)
      #expect(market.trade(symbol, id: last).map { $0.time <= now } == true)
      #expect(market.trade(symbol, id: last + 1).map { $0.time > now } == true)
    }
  }

  @Test func `A move by hand comes evenly, changes nothing before it, and a reset takes it back`() throws {
    let market = WireMarket(seed: 1, symbols: [symbol], start: start)
    let (early, late) = (start + .seconds(1), start + .seconds(20))
    let (before, after) = (try #require(market.quote(symbol, at: early)), try #require(market.quote(symbol, at: late)))
    #expect(market.move(symbol, millionths: -100_000, over: .seconds(10), at: start + .seconds(5)))
    #expect(market.quote(symbol, at: early) == before)
    let moved = try #require(market.quote(symbol, at: late))
    let share = moved.bid.doubleValue / after.bid.doubleValue
    #expect(abs(share - 0.9) < 0.001)
    #expect(!market.move(symbol, millionths: -1_000_000, over: .zero, at: start))
    market.reset()
    #expect(market.quote(symbol, at: late) == after)
  }

  @Test func `The changes of the depth stream rebuild the book of REST exactly`() throws {
    let desk = try Desk()
    let exchange = desk.server.core.exchange
    let snapshot = try #require(exchange.book(symbol, at: desk.now))
    _ = exchange.takeChanges(symbol, isFast: true, at: desk.now)
    var bids = Dictionary(uniqueKeysWithValues: snapshot.bids.map { ($0.price, $0.quantity) })
    var asks = Dictionary(uniqueKeysWithValues: snapshot.asks.map { ($0.price, $0.quantity) })
    var last = snapshot.updateId
    for round in 0..<60 {
      desk.pass(.milliseconds(700))
      if round % 7 == 3 {
        _ = desk.signed(
          "POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=90000")
      }
      // Somebody asks between two events.
      if round % 3 == 0 { _ = desk.get("/api/v3/depth", "symbol=BTCUSDT") }
      guard let changes = exchange.takeChanges(symbol, isFast: true, at: desk.now) else { continue }
      #expect(changes.firstId == last + 1 && changes.lastId >= changes.firstId)
      last = changes.lastId
      for level in changes.bids { bids[level.price] = level.quantity.isZero ? nil : level.quantity }
      for level in changes.asks { asks[level.price] = level.quantity.isZero ? nil : level.quantity }
      let book = try #require(exchange.book(symbol, at: desk.now))
      #expect(book.updateId == last)
      #expect(bids == Dictionary(uniqueKeysWithValues: book.bids.map { ($0.price, $0.quantity) }))
      #expect(asks == Dictionary(uniqueKeysWithValues: book.asks.map { ($0.price, $0.quantity) }))
    }
    #expect(last > snapshot.updateId + 10)
  }
}
