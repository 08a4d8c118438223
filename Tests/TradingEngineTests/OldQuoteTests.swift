import Basics
import ChaosRuntime
import TestSupport
import Testing
import Trading

@testable import TradingEngine

/// What is decided when the quotes stop coming.
@Suite struct OldQuoteTests {
  private static let d = ScriptedVenue.decimal

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
