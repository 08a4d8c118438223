import Basics
import ChaosRuntime
import TestSupport
import Testing
import Trading

@testable import TradingEngine

/// Nothing keeps a position from being sold: no purchase that hangs, no other sale, no rest of its own entry.
@Suite struct ExitTests {
  private static let d = ScriptedVenue.decimal

  /// When each order was sent, in seconds since the start.
  private func sent(_ run: EngineRun, _ side: String) -> [String: Double] {
    var times: [String: Double] = [:]
    for line in run.all("ORDER_SENT") where line["side"]?.string == side {
      guard let symbol = line["symbol"]?.string, let at = line["timestamp"]?.string.flatMap({ Instant(iso8601: $0) })
      else { continue }
      times[symbol] = times[symbol] ?? (at - .simulationEpoch).seconds
    }
    return times
  }

  @Test func `Two purchases that hang delay no sale`() throws {
    let run = try EngineRun(
      for: .seconds(40), symbols: ["AIX", "BLESS", "COAI"],
      price: { symbol, since in
        if symbol.base == "AIX" {
          return since < .seconds(5) ? Decimal(10) : since < .seconds(15) ? Self.d("9.8") : Self.d("10.2")
        }
        return since < .seconds(12) ? Decimal(10) : Self.d("9.8")
      },
      script: {
        $0.request.side == .buy && $0.request.symbol.base != "AIX"
          ? .hang(.seconds(60)) : .fill(parts: 1, gap: .zero)
      })
    #expect(sent(run, "buy").count == 3)
    let sale = try #require(run.all("ORDER_FILLED").first { $0["side"]?.string == "sell" })
    #expect(try #require(sale["latency_ms"]?.double) < 1000)
    #expect(run.all("POSITION_CLOSED").count == 1)
  }

  @Test func `Sales of several symbols do not wait for each other`() throws {
    let run = try EngineRun(
      for: .seconds(60), symbols: ["AIX", "BLESS", "COAI"],
      script: {
        $0.request.side == .sell && $0.request.symbol.base != "COAI"
          ? .hang(.seconds(30)) : .fill(parts: 1, gap: .zero)
      })
    let sale = try #require(
      run.all("ORDER_FILLED").first { $0["side"]?.string == "sell" && $0["symbol"]?.string == "COAI/USDT" })
    #expect(try #require(sale["latency_ms"]?.double) < 1000)
    #expect(run.placed.count { $0.side == .sell } == 3)
  }

  /// Half of the entry fills and the price falls: the rest is canceled, twice where the venue refuses once, and the half is sold.
  @Test(arguments: [0, 1]) func `The rest of an entry makes way for its exit`(_ refusedCancels: Int) throws {
    var habits = ScriptedVenue.Habits()
    habits.refusedCancels = refusedCancels
    let run = try EngineRun(
      for: .seconds(30),
      price: { _, since in since < .seconds(5) ? Decimal(10) : since < .seconds(12) ? Self.d("9.8") : Self.d("9.5") },
      script: { $0.request.side == .buy ? .fillHalf : .fill(parts: 1, gap: .zero) }, habits: habits)
    #expect(run.cancels == Array(repeating: "AIX_USDT-b1", count: 1 + refusedCancels))
    let half = try #require(run.all("ORDER_FAILED").first)
    #expect(half["error_code"]?.string == "PARTIALLY_CANCELED")
    #expect(half["filled_qty"]?.string.flatMap { Decimal($0) }?.isPositive == true)
    #expect(try #require(sent(run, "sell")["AIX/USDT"]) < 17)
    #expect(run.all("POSITION_CLOSED").count == 1)
  }

  /// Ten entries of which nothing is heard are asked for, no question is answered, and the price falls at 12 s.
  @Test func `Questions that hang keep no entry from making way for its exit`() throws {
    var habits = ScriptedVenue.Habits()
    habits.queryDelay = .seconds(9)
    let run = try EngineRun(
      for: .seconds(18), symbols: Array(ScriptedVenue.bases.prefix(10)), settings: [("MAX_CONCURRENT_POSITIONS", "10")],
      price: { _, since in since < .seconds(5) ? Decimal(10) : since < .seconds(12) ? Self.d("9.8") : Self.d("9.5") },
      script: { $0.request.side == .buy ? .fillHalf : .fill(parts: 1, gap: .zero) }, habits: habits)
    let sold = sent(run, "sell")
    #expect(sold.count == 10)
    #expect(sold.values.allSatisfy { $0 < 16 }, "\(sold)")
  }

  @Test func `An entry that cannot be canceled is sold beside`() throws {
    var habits = ScriptedVenue.Habits()
    habits.refusedCancels = 100
    let run = try EngineRun(
      for: .seconds(35),
      price: { _, since in since < .seconds(5) ? Decimal(10) : since < .seconds(12) ? Self.d("9.8") : Self.d("9.5") },
      script: { $0.request.side == .buy ? .fillHalf : .fill(parts: 1, gap: .zero) }, habits: habits)
    let sale = try #require(sent(run, "sell")["AIX/USDT"])
    #expect((22...27).contains(sale))
    #expect(run.all("ORDER_SENT").count == 2, "the entry still stands, so nothing is bought beside it")
  }

  @Test func `A sale that the price has left behind is made again at the new one`() throws {
    let run = try EngineRun(
      for: .seconds(40),
      price: { _, since in
        since < .seconds(5)
          ? Decimal(10) : since < .seconds(12) ? Self.d("9.8") : since < .seconds(15) ? Self.d("9.6") : Self.d("9.3")
      },
      script: {
        $0.request.side == .buy || ($0.request.price ?? .zero) < Self.d("9.4") ? .fill(parts: 1, gap: .zero) : .rest
      })
    let sales = run.placed.filter { $0.side == .sell }
    #expect(sales.count == 2)
    #expect(run.cancels == ["AIX_USDT-s2"])
    #expect(run.all("POSITION_CLOSED").count == 1)
  }

  @Test func `No entry is made on an old quote, and an exit is`() throws {
    let run = try EngineRun(
      for: .seconds(60), symbols: ["AIX", "BLESS"],
      settings: [("MAX_HOLD_S", "30"), ("SYMBOL_COOLDOWN_AFTER_FAILED_ORDER_S", "15")],
      parts: Self.frozenQuotes(from: .seconds(14)),
      price: { symbol, since in
        since < .seconds(symbol.base == "AIX" ? 5 : 11) ? Decimal(10) : Self.d("9.8")
      },
      script: { $0.request.symbol.base == "BLESS" ? .refuse() : .fill(parts: 1, gap: .zero) })
    #expect(run.placed.map { "\($0.side) \($0.symbol.base)" } == ["buy AIX", "buy BLESS", "sell AIX"])
    let blocks = run.all("GUARD_BLOCK").filter { $0["symbol"]?.string == "BLESS/USDT" }
    #expect(blocks.compactMap { $0["guard"]?.string } == ["cooldown", "quote"])
  }

  /// The engine's feed until a moment, then the same quotes for ever.
  private static func frozenQuotes(from moment: Duration) -> EngineParts {
    final class Frozen: MarketFeed {
      let inner: PollingFeed
      let context: EngineContext
      let moment: Duration
      let last = Box<MarketView?>(nil)
      init(_ parts: EngineAssembly, _ moment: Duration) {
        inner = PollingFeed(parts)
        context = parts.context
        self.moment = moment
      }
      func start(on threads: EngineThreads) throws(Stopped) { try inner.start(on: threads) }
      func view() -> MarketView {
        if context.runtime.now - context.startedAt >= moment, let view = last.value { return view }
        last.value = inner.view()
        return inner.view()
      }
    }
    var parts = EngineParts()
    parts.feed = { Frozen($0, moment) }
    return parts
  }
}
