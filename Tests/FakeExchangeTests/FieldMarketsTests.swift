import Basics
import Foundation
import Testing
import Trading

@testable import FakeExchange

/// The rules that orders are made by, against what the venue answered in the field session.
@Suite struct FieldMarketsTests {
  static let file: String? = TickReplayerTests.fieldFolder.map { folder in
    String(folder.dropLast("ticks".count)) + "markets.json"
  }

  @Test(.enabled(if: file != nil, "the field data lies beside the repository, not in it"))
  func `Ticks steps minima and fees are the venues`() throws {
    let file = try #require(Self.file)
    let bytes = try #require(FileManager.default.contents(atPath: file))
    let json = try JSON.parse(Array(bytes))
    let markets = try #require(json.members)
    #expect(markets.count == FieldMarkets.symbols.count)
    for (name, market) in markets {
      let symbol = try #require(Symbol(String(name)))
      let rules = FieldMarkets.rules(symbol)
      func told(_ group: String, _ key: String, _ bound: String? = nil) -> Double? {
        let value = market[group]?[key]
        guard let bound else { return value?.double }
        return value?[bound]?.double
      }
      let pairs: [(what: String, ours: Trading.Decimal, venues: Double?)] = [
        ("tick", rules.tick, told("precision", "price")), ("step", rules.step, told("precision", "amount")),
        ("minimum", rules.minQuantity, told("limits", "amount", "min")),
        ("smallest order", rules.minNotional, told("limits", "cost", "min")),
        ("taker fee", rules.takerFee, market["taker"]?.double), ("maker fee", rules.makerFee, market["maker"]?.double),
      ]
      for pair in pairs { #expect(Double("\(pair.ours)") == pair.venues, "\(pair.what) of \(name)") }
    }
  }
}
