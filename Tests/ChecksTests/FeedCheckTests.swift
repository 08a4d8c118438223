import Basics
import ChaosRuntime
import Checks
import Testing

/// The two checks of quotes: what orders were decided on, and whether the feed keeps asking.
@Suite struct FeedCheckTests {
  // MARK: market-data-fresh

  @Test func `A purchase is decided on a fresh quote`() throws {
    var b = RecordBuilder()
    b.poll()
    b.filledOrder(1, at: 50)
    #expect(try b.judge("market-data-fresh").reason == "the venue did not count the polls")
    b.summarize()
    let verdict = try b.judge("market-data-fresh")
    #expect(verdict.outcome == .pass)
    #expect(verdict.reason == "1 purchases, the oldest quote was 2.5 s old")
    // What the settings allow counts, whatever the engine says.
    b.set("limits", .object([("quotes_ms", .int(2400))]))
    #expect(try b.judge("market-data-fresh").outcome == .pass)
    b.config = []
    #expect(
      try b.judge("market-data-fresh").evidence == [
        "c1: decided at 2025-01-01T00:00:50.000000Z on the quote of 2025-01-01T00:00:47.500000Z, 2.5 s old"
      ])
    b.set("limits", .object([]))
    #expect(try b.judge("market-data-fresh").outcome == .inconclusive)
  }

  /// Case 10: whatever the feed is, nothing was decided on it.
  @Test func `An outage in which nothing is decided is no fault`() throws {
    var b = RecordBuilder()
    b.poll(until: 20)
    b.filledOrder(1, at: 19)
    for at in stride(from: 20, to: 80, by: 2.5) { b.poll(at: at, outcome: "error") }
    b.poll(from: 80)
    b.filledOrder(2, at: 90, symbol: "AIX/USDT")
    b.summarize()
    #expect(try b.judge("market-data-fresh").outcome == .pass)
    b.filledOrder(3, at: 70)
    #expect(
      try b.judge("market-data-fresh").evidence == [
        "c3: decided at 2025-01-01T00:01:10.000000Z on the quote of 2025-01-01T00:00:17.500000Z, 52.5 s old"
      ])
  }

  @Test func `A symbol that stands still while others move is seen`() throws {
    var b = RecordBuilder()
    b.poll(["BOX/USDT"], from: 0.1)
    for at in stride(from: 0, to: 90, by: 2.5) { b.poll(at: at, quoted: 0) }
    b.summarize()
    b.filledOrder(1, at: 50, symbol: "BOX/USDT")
    #expect(try b.judge("market-data-fresh").outcome == .pass)
    b.filledOrder(2, at: 50)
    #expect(try b.judge("market-data-fresh").evidence.count == 1)
    b.filledOrder(3, at: 51, symbol: "CAT/USDT")
    #expect(
      try b.judge("market-data-fresh").evidence.last
        == "c3: decided at 2025-01-01T00:00:51.000000Z, the venue had given no quote of CAT/USDT")
  }

  @Test func `A quote that has not arrived is not decided on`() throws {
    var b = RecordBuilder()
    b.poll(at: 1)
    b.poll(at: 30, took: 9)
    b.summarize()
    b.filledOrder(1, at: 38)
    #expect(try b.judge("market-data-fresh").outcome == .fail)
    b.events.removeAll()
    b.venue.removeAll()
    b.poll(at: 1)
    b.poll(at: 30, took: 7)
    b.summarize()
    b.filledOrder(1, at: 38)
    #expect(try b.judge("market-data-fresh").outcome == .pass)
  }

  @Test func `A sale may be decided on an old quote, and without purchases there is nothing to judge`() throws {
    #expect(try RecordBuilder().judge("market-data-fresh").outcome == .notApplicable)
    var b = RecordBuilder()
    b.poll(until: 20)
    b.filledOrder(1, at: 19)
    b.send(2, at: 90, side: "sell")
    b.accept(2, at: 90.2, side: "sell")
    b.trade(2, at: 90.5, side: "sell")
    b.summarize()
    #expect(try b.judge("market-data-fresh").outcome == .pass)
  }

  // MARK: feed-alive

  @Test func `A feed that stops is dead`() throws {
    var b = RecordBuilder()
    b.log(1, "HEARTBEAT")
    b.poll()
    b.summarize()
    #expect(try b.judge("feed-alive").reason == "40 polls, the longest pause 2.5 s")
    b.venue.removeAll()
    b.poll(until: 50)
    b.summarize()
    let verdict = try b.judge("feed-alive")
    #expect(verdict.outcome == .fail)
    #expect(verdict.evidence == ["AIX/USDT: 52.3 s without a poll until 2025-01-01T00:01:40.000000Z"])
    b.venue.removeAll()
    b.summarize()
    #expect(try b.judge("feed-alive").outcome == .fail, "it never lived")
  }

  /// MD-1: each symbol waits for the calls of the others.
  @Test func `A round of many calls is a pause for each symbol`() throws {
    func rounds(_ batches: Int) throws -> Verdict {
      var b = RecordBuilder()
      b.log(1, "HEARTBEAT")
      for at in stride(from: 0.0, to: 95, by: 3) { b.poll(["S\(Int(at) / 3 % batches)/USDT"], at: at, took: 3) }
      b.summarize()
      return try b.judge("feed-alive")
    }
    #expect(try rounds(1).outcome == .pass)
    #expect(try rounds(3).outcome == .pass)
    #expect(try rounds(4).outcome == .fail)
  }

  @Test func `A venue that fails or is slow is no fault of the feed`() throws {
    var b = RecordBuilder()
    b.poll(until: 20)
    for at in stride(from: 20, to: 80, by: 2.5) { b.poll(at: at, outcome: "error") }
    b.poll(from: 80)
    b.summarize()
    b.log(20.2, "MD_POLL_FAILED", level: "WARNING")
    #expect(try b.judge("feed-alive").outcome == .pass)
    b.venue.removeAll()
    for at in stride(from: 0.0, to: 90, by: 30) { b.poll(at: at, took: 29) }
    b.config = [("EXCHANGE_TIMEOUT_S", "30"), ("MD_POLL_MS", "2500")]
    b.summarize()
    #expect(try b.judge("feed-alive").outcome == .fail, "the last poll ends at 89 s")
    b.poll(at: 89.5, took: 10)
    b.venue.removeAll { $0.at == 102 }
    b.summarize()
    #expect(try b.judge("feed-alive").outcome == .pass)
  }

  @Test func `Polls that fail are tried again`() throws {
    var b = RecordBuilder()
    b.poll(until: 20)
    b.poll(at: 20, outcome: "error")
    b.poll(from: 40)
    b.summarize()
    b.log(20.2, "MD_POLL_FAILED", level: "WARNING")
    #expect(
      try b.judge("feed-alive").evidence == ["AIX/USDT: 20 s without a poll until 2025-01-01T00:00:40.000000Z"])
  }

  @Test func `Polls that fail are reported`() throws {
    var b = RecordBuilder()
    b.poll(until: 20)
    for at in stride(from: 20, to: 40, by: 2.5) { b.poll(at: at, outcome: "unknown") }
    b.poll(from: 40)
    b.summarize()
    b.log(1, "HEARTBEAT")
    #expect(
      try b.judge("feed-alive").evidence == [
        "polls failed from 2025-01-01T00:00:20.200000Z to 2025-01-01T00:00:37.700000Z, and no line says so"
      ])
    b.log(31, "STALE_SNAPSHOTS_WARNING", level: "WARNING")
    #expect(try b.judge("feed-alive").outcome == .pass)
  }

  @Test func `A poll that hangs is given up unless a second one hangs too`() throws {
    var b = RecordBuilder()
    b.poll(until: 20)
    b.poll(at: 20, took: 200)
    b.summarize()
    #expect(try b.judge("feed-alive").outcome == .fail)
    b.poll(at: 28, took: 200)
    b.venue.removeAll { $0.at == 102 }
    b.summarize()
    #expect(try b.judge("feed-alive").outcome == .pass, "the venue is not there to be asked")
  }
}
