import Basics
import TestSupport
import Testing
import Trading

@testable import FakeExchange

/// What a folder of tick files tells of its venue.
@Suite struct RecordedVenueTests {
  private func folder(_ venue: String?) -> Scratch {
    let scratch = Scratch()
    scratch.write(
      "{\"ts\":1762074800,\"symbol\":\"NEW/USDT\",\"last\":2,\"bid\":1.9,\"ask\":2.1,\"volume\":1,\"spread_bps\":1}\n",
      to: "NEW_USDT.jsonl")
    if let venue { scratch.write(venue, to: RecordedVenue.fileName) }
    return scratch
  }

  @Test func `Balances, latencies and rules come back as they were written, and stand before what is made up`() throws {
    let symbol = try #require(Symbol("NEW/USDT"))
    var venue = RecordedVenue()
    venue.balances = [Balance(asset: "USDT", free: try #require(Decimal("123.71")))]
    venue.latenciesMs = [.placeOrder: 276, .fetchTickers: 96]
    var rules = FieldMarkets.rules(symbol)
    rules.tick = try #require(Decimal("0.000001"))
    venue.rules = [symbol: rules]
    let (told, silent) = (folder(venue.text), folder(nil))
    defer { withExtendedLifetime((told, silent)) {} }
    let read = try TickReplayer(folder: told.path)
    #expect(read.venue == venue && read.rules(symbol) == rules)
    #expect(read.venue.latency.nominal(.placeOrder) == .milliseconds(276))
    #expect(read.venue.latency.nominal(.queryOrder) == ExchangeLatency().nominal(.queryOrder))
    let bare = try TickReplayer(folder: silent.path)
    #expect(bare.venue == RecordedVenue() && bare.rules(symbol)?.tick == Decimal("0.1"))
  }

  @Test func `Pairs that were polled without being recorded have one price from the first tick to the last`() throws {
    var venue = RecordedVenue()
    venue.otherPairs = 3
    let told = folder(venue.text)
    defer { withExtendedLifetime(told) {} }
    let read = try TickReplayer(folder: told.path)
    #expect(read.venue == venue)
    #expect(read.symbols.map(\.description) == ["NEW/USDT", "OTHER1/USDT", "OTHER2/USDT", "OTHER3/USDT"])
    let other = try #require(Symbol("OTHER3/USDT"))
    let quote = try #require(read.quote(other, at: read.start))
    #expect(quote.isUsable && quote.last == .one && read.rules(quote.symbol) != nil)
  }

  @Test(arguments: [
    ("{}", "'schema' is missing"), ("{\"schema\":2}", "schema"),
    ("{\"schema\":1,\"balances\":{\"USDT\":5}}", "balances.USDT"),
    ("{\"schema\":1,\"balances\":{\"USDT\":\"-5\"}}", "an amount in quotes"),
    ("{\"schema\":1,\"latency_ms\":{\"place\":5}}", "no call has this name"),
    ("{\"schema\":1,\"latency_ms\":{\"place_order\":70000}}", "60000"),
    ("{\"schema\":1,\"other_pairs\":-1}", "other_pairs"), ("{\"schema\":1,\"rules\":{\"AIX\":{}}}", "is no symbol"),
    ("{\"schema\":1,\"rules\":{\"A/B\":{\"tick\":\"1\"}}}", "'step' is missing"), ("{", "no JSON"),
  ])
  func `A mistake is named with its place`(text: String, reason: String) {
    let scratch = folder(text)
    let error = #expect(throws: MarketDataError.self) { try TickReplayer(folder: scratch.path) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    #expect(error?.description.hasPrefix("venue.json: ") == true)
  }
}
