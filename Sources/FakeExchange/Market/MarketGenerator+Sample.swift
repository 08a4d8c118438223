import Basics
import Trading

extension MarketGenerator {
  /// The market data that ships in `scripts/sample-market`: eight symbols, 300 s, four drops through the 0.985 trigger.
  ///
  /// Each element is a file name and its bytes; a test compares them with the files.
  public static func sample() -> [(name: String, bytes: [UInt8])] {
    let symbols = FieldMarkets.symbols.filter {
      ["ADA", "AIX", "BTC", "DOGE", "ETH", "RECALL", "SOL", "ZEN"].contains($0.base)
    }
    let times: [String: (seconds: Int, bps: Int128)] = [
      "AIX": (30, 220), "ZEN": (80, 200), "RECALL": (140, 250), "SOL": (200, 190),
    ]
    let drops = symbols.compactMap { symbol in
      times[symbol.base].map {
        Scenario.Drop(
          symbol: symbol, at: .seconds($0.seconds),
          depth: Decimal(coefficient: Decimal.one.coefficient / 10_000 * $0.bps))
      }
    }
    let market = MarketGenerator(seed: 1, symbols: symbols, drops: drops)
    return symbols.map { (name: "\($0.fileName).jsonl", bytes: market.lines($0, duration: .seconds(300))) }
  }

  /// The quotes of a symbol as tick lines, one a step, for `duration` from the start.
  public func lines(_ symbol: Symbol, duration: Duration) -> [UInt8] {
    var lines = ByteWriter()
    for step in 0...Int(duration.nanoseconds / pollInterval.nanoseconds) {
      guard let quote = quote(symbol, step: step) else { break }
      let time = start + Duration(nanoseconds: Int64(step) * pollInterval.nanoseconds)
      TickLine.append(quote, at: time, into: &lines)
    }
    return lines.bytes()
  }
}
