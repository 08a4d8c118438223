import Basics
import FakeExchange
import Trading

/// The scenarios of sessions that belong to no bug.
enum PaperScenarios {
  /// Of so many falls one takes three symbols at once, as markets do: more signals in one moment than there is room for.
  private static let crowdEvery = 4

  /// The paper session: fourteen symbols of the field, a drop every few seconds, spread over symbols and time by the seed.
  static func paper(seed: UInt64, duration: Duration) -> Scenario {
    var draws = SplitMix(seed: Mixing.mix(seed, 0xD409))
    let symbols = FieldMarkets.symbols
    var drops: [Scenario.Drop] = []
    let total = Int(duration.seconds)
    var at = min(12, total / 6)
    var index = Int(draws.next() % UInt64(symbols.count))
    var falls = 0
    while at < total - total / 6, drops.count < 200 {
      falls += 1
      for _ in 0..<(falls % crowdEvery == 0 ? 3 : 1) {
        let bps = 190 + Int(draws.next() % 80)
        drops.append(
          Scenario.Drop(
            symbol: symbols[index % symbols.count], at: .seconds(at),
            depth: Decimal(bps).dividedExactly(by: 10_000)))
        index += 1 + Int(draws.next() % 3)
      }
      at += 12 + Int(draws.next() % 12)
    }
    return Scenario(
      name: "paper", symbols: symbols, seed: seed, duration: duration,
      startingBalances: [Balance(asset: "USDT", free: Decimal(500), locked: .zero)], drops: drops)
  }

  /// What benchmarks measure: its settings allow at least 500 orders, which the defaults cannot.
  static func reference(seed: UInt64, duration: Duration) -> Scenario {
    var scenario = paper(seed: seed, duration: duration)
    scenario.name = "reference"
    scenario.startingBalances = [Balance(asset: "USDT", free: Decimal(100_000), locked: .zero)]
    let settings: [(SettingName, String)] = [
      (.maxConcurrentPositions, "14"), (.dropTriggerValue, "0.9998"), (.tp, "1.0002"), (.sl, "0.9998"),
      (.maxHoldS, "4"), (.dropTriggerLookbackS, "30"), (.mdPollMs, "1200"),
    ]
    scenario.settings = settings.map { ($0.0.rawValue, $0.1) }
    scenario.pollInterval = .milliseconds(1200)
    return scenario
  }

  /// Recorded data: its symbols, its length, balances where it tells any, and no drops of ours.
  static func replay(_ market: TickReplayer, seed: UInt64, directory: String) -> Scenario {
    let length = market.end.map { $0 - market.start } ?? .seconds(300)
    let held = market.venue.balances
    return Scenario(
      name: "market", symbols: market.symbols, seed: seed, duration: length,
      startingBalances: held.isEmpty ? [Balance(asset: "USDT", free: Decimal(500), locked: .zero)] : held,
      market: .replay(directory: directory))
  }
}

extension Decimal {
  /// Of whole numbers, for depths in basis points.
  fileprivate func dividedExactly(by divisor: Int) -> Decimal {
    Decimal(coefficient: coefficient / Int128(divisor))
  }
}
