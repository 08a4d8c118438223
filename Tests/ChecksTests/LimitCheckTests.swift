import Basics
import Checks
import Testing

/// Checks of what the settings allow, from the venue's side.
@Suite struct LimitCheckTests {
  // MARK: entries-within-limits

  @Test func `Entries of the right size within the number of positions pass`() throws {
    var b = RecordBuilder.market(["AIX/USDT", "BOX/USDT", "CAT/USDT"])
    b.bought(1, at: 10)
    b.bought(2, at: 11, symbol: "BOX/USDT")
    b.bought(3, at: 20, side: "sell")
    b.bought(4, at: 30, symbol: "CAT/USDT")
    let verdict = try b.judge("entries-within-limits")
    #expect(verdict.outcome == .pass)
    #expect(verdict.reason == "3 entries, at most 2 positions and open purchases at a time")
  }

  @Test func `An open purchase takes a position's place`() throws {
    var b = RecordBuilder.market(["AIX/USDT", "BOX/USDT", "CAT/USDT"])
    b.bought(1, at: 10)
    b.ask(2, at: 11, symbol: "BOX/USDT")
    b.accept(2, at: 11.2, symbol: "BOX/USDT")
    b.ask(3, at: 12, symbol: "CAT/USDT")
    #expect(
      try b.judge("entries-within-limits").evidence == [
        "c3 at 2025-01-01T00:00:12.000000Z: position 3 of 2 (MAX_CONCURRENT_POSITIONS): AIX/USDT, BOX/USDT, CAT/USDT",
        "c3 at 2025-01-01T00:00:12.000000Z: 60 spent or offered of 40 (MAX_CONCURRENT_POSITIONS × POSITION_SIZE_USDT)",
      ])
    b.cancel(2, at: 11.5, symbol: "BOX/USDT")
    #expect(try b.judge("entries-within-limits").outcome == .pass)
  }

  @Test(arguments: [
    ("10.1", "2", "c1: 10.1 at 2, POSITION_SIZE_USDT 20 pays for 10"), ("9.8", "2", "c1: 9.8 at 2"),
    ("2", "2", "c1: worth 4"),
  ])
  func `An entry that is larger or smaller than its setting is seen`(qty: String, price: String, text: String) throws {
    var b = RecordBuilder.market()
    b.bought(1, at: 10, qty: qty, price: price, quote: "4")
    let verdict = try b.judge("entries-within-limits")
    #expect(verdict.outcome == .fail)
    #expect(verdict.evidence.contains { $0.hasPrefix(text) })
  }

  @Test func `The size of an entry includes the fee`() throws {
    var b = RecordBuilder.market(fee: "0.02")
    b.bought(1, at: 10, qty: "9.8", quote: "19.6")
    #expect(try b.judge("entries-within-limits").outcome == .pass)
    b = RecordBuilder.market(fee: "0.02")
    b.bought(1, at: 10)
    #expect(try b.judge("entries-within-limits").outcome == .fail)
  }

  @Test func `Limits without settings or rules are not judged`() throws {
    var b = RecordBuilder()
    #expect(try b.judge("entries-within-limits").outcome == .inconclusive)
    b.bought(1, at: 10)
    #expect(try b.judge("entries-within-limits").reason == "config.json names no MAX_CONCURRENT_POSITIONS")
    b.config += RecordBuilder.marketSettings
    #expect(try b.judge("entries-within-limits").reason == "the venue's history has no rules for AIX/USDT")
  }

  // MARK: prices-within-slippage

  private func priced(
    _ side: String, _ price: String, bid: String = "2", ask: String = "2.01", last: String = "2.005"
  ) throws -> Verdict {
    var b = RecordBuilder.market()
    b.quote(9, last: last, bid: bid, ask: ask)
    b.bought(1, at: 10, side: side, price: price)
    b.summarize()
    return try b.judge("prices-within-slippage")
  }

  @Test func `A price that meets the other side within its limit passes`() throws {
    #expect(try priced("buy", "2.01").outcome == .pass)
    #expect(try priced("buy", "2.02").outcome == .pass)
    #expect(try priced("sell", "2").outcome == .pass)
    #expect(try priced("sell", "1.99").outcome == .pass)
  }

  @Test func `A price on the wrong side or too far beyond is seen`() throws {
    let known = "; quote of 2025-01-01T00:00:09.000000Z, known since 2025-01-01T00:00:09.100000Z"
    #expect(try priced("buy", "2").evidence == ["c1: bought at 2, below the ask 2.01" + known])
    #expect(try priced("buy", "2.03").evidence == ["c1: bought at 2.03, 2.02 is the most at the ask 2.01" + known])
    #expect(try priced("sell", "2.01").evidence == ["c1: sold at 2.01, above the bid 2" + known])
    #expect(try priced("sell", "1.98").evidence == ["c1: sold at 1.98, 1.99 is the least at the bid 2" + known])
  }

  @Test func `An entry into a wide spread or above the last price is seen`() throws {
    #expect(try priced("buy", "2.02", ask: "2.02", last: "2.02").reason.hasPrefix("1 of 1"))
    #expect(try priced("buy", "2.01", last: "2").evidence.first?.contains("the last price is 2;") == true)
    #expect(try priced("sell", "2", ask: "2.5").outcome == .pass)
  }

  @Test func `A quote that was the newest a moment ago may have been decided on`() throws {
    var b = RecordBuilder.market()
    b.quote(9)
    b.quote(9.5, last: "3", bid: "3", ask: "3")
    b.bought(1, at: 10)
    b.summarize()
    #expect(try b.judge("prices-within-slippage").outcome == .pass)
    b.setting("ROUTER_SLIPPAGE_BPS", "x")
    #expect(try b.judge("prices-within-slippage").outcome == .inconclusive)
  }

  // MARK: pauses-kept

  @Test func `A symbol rests after a failed entry and after a failed exit`() throws {
    var b = RecordBuilder.market()
    b.ask(1, at: 10)
    b.refuse(1, at: 10.2)
    b.bought(2, at: 70.2)
    b.ask(3, at: 80, side: "sell")
    b.accept(3, at: 80.2, side: "sell")
    b.cancel(3, at: 81, side: "sell")
    b.bought(4, at: 86, side: "sell")
    #expect(try b.judge("pauses-kept").reason == "4 orders, 2 failed, each pause was kept")
    b.bought(5, at: 90, side: "sell")
    #expect(try b.judge("pauses-kept").outcome == .pass)
  }

  @Test func `An order that comes too soon after a failure is seen`() throws {
    var b = RecordBuilder.market()
    b.ask(1, at: 10)
    b.refuse(1, at: 10.2)
    b.bought(2, at: 60)
    b.ask(3, at: 80, side: "sell")
    b.refuse(3, at: 80.2)
    b.bought(4, at: 83, side: "sell")
    #expect(
      try b.judge("pauses-kept").evidence == [
        "c2: purchase of AIX/USDT 49.8 s after the one before failed, SYMBOL_COOLDOWN_AFTER_FAILED_ORDER_S is 60 s",
        "c4: sale of AIX/USDT 2.8 s after the one before failed, EXIT_RETRY_S is 5 s",
      ])
  }

  @Test func `A retry waits its turn, and there are no more than allowed`() throws {
    var b = RecordBuilder.market()
    b.ask(1, at: 10)
    b.refuse(1, at: 10.2)
    b.askAgain(1, at: 10.6, id: 101)
    #expect(try b.judge("pauses-kept").outcome == .pass)
    b.tell(10.8, "reply", [("id", .int(101)), ("call", "place_order"), ("outcome", "error")])
    b.askAgain(1, at: 11.2, id: 102)
    #expect(
      try b.judge("pauses-kept").evidence == [
        "c1: sent again 400 ms after a refusal, ROUTER_BACKOFF_MS asks for 800 ms"
      ])
    b.setting("ROUTER_MAX_RETRIES", "1")
    #expect(try b.judge("pauses-kept").evidence.first == "c1: sent 3 times, ROUTER_MAX_RETRIES is 1")
  }

  // MARK: orders-expire

  private func resting() -> RecordBuilder {
    var b = RecordBuilder.market()
    b.ask(1, at: 10)
    b.accept(1, at: 10.2)
    return b
  }

  @Test func `An order is canceled at the end of its time, again and again`() throws {
    var b = resting()
    b.call("cancel_order", 1, id: 50, at: 41)
    b.cancel(1, at: 41.1)
    #expect(try b.judge("orders-expire").reason == "1 orders, the oldest was open for 30.9 s")
    b = resting()
    for (index, at) in stride(from: 41.0, to: 100, by: 4).enumerated() {
      b.call("cancel_order", 1, id: 50 + index, at: at, outcome: "error")
    }
    #expect(try b.judge("orders-expire").outcome == .pass)
  }

  @Test func `An order that nobody cancels is seen, and so is one whose cancel was refused once`() throws {
    var b = resting()
    #expect(
      try b.judge("orders-expire").evidence == [
        "c1: open 90 s, nobody cancels it from 2025-01-01T00:00:40.000000Z on for 60 s"
      ])
    b.call("cancel_order", 1, id: 50, at: 41, outcome: "error")
    #expect(
      try b.judge("orders-expire").evidence == [
        "c1: open 90 s, nobody cancels it from 2025-01-01T00:00:41.200000Z on for 58.8 s"
      ])
    b.set("stall_free", .bool(false))
    #expect(try b.judge("orders-expire").outcome == .notApplicable)
  }

  @Test func `While the venue keeps an answer back nothing can be canceled`() throws {
    var b = resting()
    b.call("cancel_order", 1, id: 50, at: 41, took: 7)
    b.cancel(1, at: 51)
    #expect(try b.judge("orders-expire").outcome == .pass)
  }
}
