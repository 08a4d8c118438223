import Basics
import Trading

/// Rules and typical prices of the symbols of the recorded field session (MEXC spot, 2025-11-02), and made-up but fixed ones
/// for all others.
public enum FieldMarkets {
  struct Entry: Sendable {
    let rules: MarketRules
    let price: Decimal
  }

  /// The fourteen symbols of the field session, by name.
  public static let symbols: [Symbol] = table.keys.sorted()

  /// The venue's rules for a symbol.
  public static func rules(_ symbol: Symbol) -> MarketRules { entry(symbol).rules }

  /// About what one unit of the base asset costs, quote asset.
  package static func typicalPrice(_ symbol: Symbol) -> Decimal { entry(symbol).price }

  static func entry(_ symbol: Symbol) -> Entry {
    if let known = table[symbol] { return known }
    let hash = Mixing.mix(Mixing.hash(symbol.description))
    if symbol.base.hasPrefix(dyadic) {
      // 2^-7: a tick and a step that binary floating point holds exactly.
      let unit = Decimal(coefficient: Decimal.one.coefficient / 128)
      let rules = MarketRules(
        symbol: symbol, tick: unit, step: unit, minQuantity: .zero, minNotional: .one, takerFee: fee, makerFee: .zero)
      return Entry(rules: rules, price: Decimal(Int(50 + hash % 150)))
    }
    let price = Decimal(coefficient: Decimal.one.coefficient / 100 * Int128(50 + hash % 5_000))
    return Entry(rules: rules(symbol, ticks: 5, steps: 2, minQuantity: .zero, taker: fee), price: price)
  }

  /// Symbols whose base begins so have ticks and steps of a power of two.
  private static let dyadic = "DYADIC"

  /// 0.0005 in the field's market data.
  private static let fee = power(4) + power(4) + power(4) + power(4) + power(4)

  private static let table: [Symbol: Entry] = {
    let rows: [(name: String, price: String, ticks: Int, steps: Int, minQuantity: String)] = [
      ("4/USDT", "0.0913", 5, 2, "0"), ("ADA/USDT", "0.6146", 4, 2, "0.1"), ("AIX/USDT", "2.0968", 6, 2, "0"),
      ("BAT/USDT", "0.1904", 4, 2, "0.001"), ("BNB/USDT", "1092.5", 2, 4, "0.001"),
      ("BTC/USDT", "110925.8", 2, 8, "0.000001"), ("DOGE/USDT", "0.18758", 5, 2, "1"),
      ("ETH/USDT", "3896.9", 2, 5, "0.0001"), ("FF/USDT", "0.1235", 5, 2, "0"), ("LINK/USDT", "17.51", 2, 2, "0.01"),
      ("RECALL/USDT", "0.297", 4, 2, "0"), ("SOL/USDT", "187.22", 2, 3, "0.01"), ("XRP/USDT", "2.53", 4, 2, "0.1"),
      ("ZEN/USDT", "19.885", 3, 2, "0.001"),
    ]
    var table: [Symbol: Entry] = [:]
    for row in rows {
      guard let symbol = Symbol(row.name), let price = Decimal(row.price), let least = Decimal(row.minQuantity) else {
        preconditionFailure("the table of field markets is broken at \(row.name)")
      }
      let taker = row.name == "XRP/USDT" ? Decimal.zero : fee
      table[symbol] = Entry(
        rules: rules(symbol, ticks: row.ticks, steps: row.steps, minQuantity: least, taker: taker), price: price)
    }
    return table
  }()

  private static func rules(
    _ symbol: Symbol, ticks: Int, steps: Int, minQuantity: Decimal, taker: Decimal
  ) -> MarketRules {
    MarketRules(
      symbol: symbol, tick: power(ticks), step: power(steps), minQuantity: minQuantity, minNotional: .one,
      takerFee: taker, makerFee: .zero)
  }

  /// 10^-digits.
  static func power(_ digits: Int) -> Decimal {
    var coefficient = Decimal.one.coefficient
    for _ in 0..<digits { coefficient /= 10 }
    return Decimal(coefficient: coefficient)
  }
}
