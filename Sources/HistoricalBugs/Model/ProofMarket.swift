import Basics
import Trading

/// Builds proof scenarios: markets in which every order is filled unless a fault says otherwise.
///
/// Each symbol drops once; drops lie on a grid of slots, and the seed decides which symbol drops in which slot, when in it,
/// and how deep.
struct ProofMarket {
  /// When drops happen, in order; the next symbol takes the next time.
  struct Wave {
    var from: Duration
    /// Time between two slots.
    var every: Duration
    var count: Int
    /// Drops that share a slot.
    var perSlot = 1
    /// Time after which a price is back where it was; nil: it goes on as the generator likes.
    var lasts: Duration?
  }

  /// The symbols of the field session, then made-up ones.
  static let bases = [
    "4", "ADA", "AIX", "BAT", "BNB", "BTC", "DOGE", "ETH", "FF", "LINK", "RECALL", "SOL", "XRP", "ZEN", "ALPACA",
    "BADGER", "COBRA", "DINGO", "EGRET", "FINCH", "GECKO", "HERON", "IBIS", "JACKAL", "KOALA", "LLAMA", "MARTEN",
    "NEWT",
  ]

  var name: String
  var duration: Duration
  var waves: [Wave]
  /// Further symbols, which never drop.
  var quiet = 0
  /// Balance of the quote asset at the start, in USDT.
  var balance = 10_000
  /// Time between two quotes.
  var pollInterval = Duration.milliseconds(2500)
  var settings: [(name: SettingName, value: String)]
  /// Base assets of the symbols, in the order they are taken.
  var bases = Self.bases

  /// The scenario of a seed.
  func scenario(_ seed: UInt64) -> Scenario {
    let key = Mixing.mix(seed, Mixing.hash(name))
    let count = waves.reduce(0) { $0 + $1.count }
    precondition(count <= bases.count, "each drop needs a symbol of its own")
    let symbols = bases.prefix(count).compactMap { Symbol(base: $0, quote: "USDT") }
    let order = Self.shuffled(symbols, key)
    var drops: [Scenario.Drop] = []
    for wave in waves {
      for index in 0..<wave.count {
        let draw = Mixing.mix(key, 2, UInt64(drops.count))
        let inSlot = Duration(nanoseconds: Int64(Mixing.index(draw, below: Int(wave.every.nanoseconds))))
        drops.append(
          Scenario.Drop(
            symbol: order[drops.count], at: wave.from + wave.every * (index / wave.perSlot) + inSlot,
            depth: Self.depth(Mixing.mix(key, 3, UInt64(drops.count))), lasts: wave.lasts))
      }
    }
    let others = (0..<quiet).compactMap { Symbol(base: "QUIET\($0)", quote: "USDT") }
    return Scenario(
      name: name, symbols: symbols + others, seed: seed, duration: duration,
      startingBalances: [Balance(asset: "USDT", free: Decimal(balance))], drops: drops,
      settings: settings.map { ($0.name.rawValue, $0.value) },
      pollInterval: pollInterval)
  }

  /// 2.2 to 2.8 %: well beyond the entry trigger of 1.5 %.
  private static func depth(_ draw: UInt64) -> Decimal {
    Decimal(coefficient: Decimal.one.coefficient / 10_000 * Int128(220 + Mixing.index(draw, below: 61)))
  }

  private static func shuffled(_ symbols: [Symbol], _ key: UInt64) -> [Symbol] {
    var result = symbols
    for index in result.indices.reversed() {
      result.swapAt(index, Mixing.index(Mixing.mix(key, 1, UInt64(index)), below: index + 1))
    }
    return result
  }
}
