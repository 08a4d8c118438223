import Basics
import Testing
import Trading

@testable import FakeExchange

@Suite("Market generator")
struct MarketGeneratorTests {
  static let symbols = FieldMarkets.symbols

  @Test(arguments: [1, 2, 77] as [UInt64])
  func `Quotes are a pure function of seed, symbol and step`(seed: UInt64) {
    let one = MarketGenerator(seed: seed, symbols: Self.symbols)
    let reversed = MarketGenerator(seed: seed, symbols: Self.symbols.reversed())
    let alone = MarketGenerator(seed: seed, symbols: [Self.symbols[3]])
    let other = MarketGenerator(seed: seed + 1, symbols: Self.symbols)
    for step in [0, 1, 2, 40, 41, 119, 5000] {
      for symbol in Self.symbols { #expect(one.quote(symbol, step: step) == reversed.quote(symbol, step: step)) }
      #expect(one.quote(Self.symbols[3], step: step) == alone.quote(Self.symbols[3], step: step))
    }
    #expect(one.quote(Self.symbols[3], step: 7) != other.quote(Self.symbols[3], step: 7))
  }

  @Test
  func `A quote stands until the moment that its source names`() throws {
    let ticks = ["101", "103", "103.5", "109"].map { TickReplayerTests.line($0, "2", "2.\($0.count)") }.joined()
    let sources: [any MarketSource] = [
      MarketGenerator(seed: 5, symbols: [Bench.symbol]), try TickReplayerTests.replay(ticks),
      try TickReplayerTests.replay(ticks, fill: .linear),
    ]
    for source in sources {
      var time = source.start + .milliseconds(-1500)
      for _ in 0..<60 {
        let (quote, until) = source.standing(Bench.symbol, at: time)
        #expect(quote == source.quote(Bench.symbol, at: time) && until > time)
        // Unlimited time goes on until long after the recording's end.
        let last = min(until, time + .seconds(20)) + .nanoseconds(-1)
        #expect(quote == source.quote(Bench.symbol, at: last))
        time = time + .milliseconds(273)
      }
    }
  }

  @Test
  func `Spreads lie within 50 bps, prices on the tick, bid below last or equal, last below ask or equal`() throws {
    let market = MarketGenerator(seed: 3, symbols: Self.symbols)
    var (wide, gaps) = (0, 0)
    for symbol in Self.symbols {
      let tick = try #require(market.rules(symbol)).tick
      for step in 0..<400 {
        let quote = try #require(market.quote(symbol, step: step))
        #expect(quote.bid < quote.ask && quote.bid <= quote.last && quote.last <= quote.ask)
        #expect(quote.spreadBps <= Decimal(50), "\(symbol) \(step)")
        #expect(quote.bid.isMultiple(of: tick) && quote.ask.isMultiple(of: tick) && quote.last.isMultiple(of: tick))
        if quote.spreadBps > Decimal(20) { wide += 1 }
        if quote.time < market.start + market.pollInterval * step { gaps += 1 }
      }
    }
    #expect(wide > 50 && gaps > 50)
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func `Without drops no price falls through the entry trigger`(seed: UInt64) throws {
    let market = MarketGenerator(seed: seed, symbols: Self.symbols)
    for symbol in Self.symbols { #expect(try Self.triggers(market, symbol, steps: 400).isEmpty) }
  }

  @Test(arguments: 1...20)
  func `A drop falls through 0.985 of the 300 s peak at its time and later reaches an exit`(seed: Int) throws {
    let symbol = Bench.symbol
    let drop = Scenario.Drop(symbol: symbol, at: .seconds(30), depth: d("0.02"))
    let market = MarketGenerator(seed: UInt64(seed), symbols: [symbol], drops: [drop])
    #expect(try Self.triggers(market, symbol, steps: 60).first == 12)
    let entry = try #require(market.quote(symbol, step: 12)).ask
    let exits = try (13...24).map { step in
      let bid = try #require(market.quote(symbol, step: step)).bid
      return try bid.divided(by: entry, rounding: .down)
    }
    #expect(exits.contains { $0 >= d("1.005") || $0 <= d("0.990") })
    let after = try #require(market.quote(symbol, step: 13))
    #expect(after.ask <= Venue.product(entry, d("1.001"), .down), "an order still meets its price one poll later")
  }

  @Test
  func `Both kinds of exit happen over seeds`() throws {
    let symbol = Bench.symbol
    let drop = Scenario.Drop(symbol: symbol, at: .seconds(30), depth: d("0.02"))
    let ups = try (1...40).filter { seed in
      let market = MarketGenerator(seed: UInt64(seed), symbols: [symbol], drops: [drop])
      return try #require(market.quote(symbol, step: 22)).bid > #require(market.quote(symbol, step: 12)).ask
    }
    #expect((15...35).contains(ups.count))
  }

  @Test
  func `The shipped sample is what the generator prints`() throws {
    let folder = Repository.root + "/scripts/sample-market"
    let files = MarketGenerator.sample()
    #expect(files.count == 8)
    let shipped = try TickFiles.read(folder: folder)
    #expect(shipped.map(\.name) == files.map(\.name))
    for (one, other) in zip(shipped, files) { #expect(one.bytes == other.bytes, "\(one.name)") }
  }

  @Test
  func `The shipped sample replays, ends after 300 s and drops four symbols through the trigger, spaced in time`()
    throws
  {
    let replay = try TickReplayer(folder: Repository.root + "/scripts/sample-market")
    #expect(replay.symbols.count == 8)
    #expect(replay.end.map { $0 - replay.start } == .seconds(300))
    let first = try replay.symbols.compactMap { try Self.triggers(replay, $0, steps: 120).first }.sorted()
    #expect(first == [12, 32, 56, 80])
  }

  /// Steps of 2.5 s at which the last price is below 0.985 of its peak in the 300 s before.
  static func triggers(_ market: some MarketSource, _ symbol: Symbol, steps: Int) throws -> [Int] {
    var prices: [Decimal] = []
    var found: [Int] = []
    for step in 0...steps {
      let time = market.start + .milliseconds(2500 * step)
      let price = try #require(market.quote(symbol, at: time)).last
      let peak = prices.suffix(120).max() ?? price
      if price <= Venue.product(peak, d("0.985"), .down) { found.append(step) }
      prices.append(price)
    }
    return found
  }
}

/// Where the sources stand.
enum Repository {
  static let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
}
