import Basics
import ChaosRuntime
public import Trading

/// What a recorded session tells of its venue besides quotes: `venue.json` in a folder of tick files.
///
/// Whatever the file lacks is as it is without a file.
public struct RecordedVenue: Sendable, Equatable {
  /// What it is called in the folder of quotes.
  public static let fileName = "venue.json"

  /// What the account held at the start, one entry per asset; empty: not told.
  public var balances: [Balance] = []
  /// Times of calls from request to reply, in milliseconds; a call that is missing takes its nominal time.
  public var latenciesMs: [VenueCall: Int] = [:]
  /// The venue's rules by symbol.
  public var rules: [Symbol: MarketRules] = [:]
  /// Pairs that were polled besides those that have quotes: how long a poll takes depends on them. Their prices stand still.
  public var otherPairs = 0

  /// Nothing is told.
  public init() {}

  /// Longest call that is taken over.
  public static let latencyMsMax = 60_000
  /// Most pairs that are polled besides those that have quotes.
  public static let otherPairsMax = 1000
  private static let entriesMax = 10_000

  /// Of a folder; nothing is told where it has no such file.
  ///
  /// - Throws: `MarketDataError` for a file that cannot be read, or has a value beyond its range.
  static func read(folder: String) throws(MarketDataError) -> RecordedVenue {
    let path = "\(folder)/\(fileName)"
    guard Files.exists(path) else { return RecordedVenue() }
    do throws(InputError) {
      return try RecordedVenue(InputValue(parsing: InputFile.bytes(path, .document), file: path))
    } catch {
      let place = error.place.isEmpty ? "" : "\(error.place): "
      throw .unreadable(file: fileName, reason: place + error.message)
    }
  }

  private init(_ value: InputValue) throws(InputError) {
    guard try value.required("schema").integer(in: 1...1) == 1 else { return }
    for (asset, amount) in try value["balances"]?.members(max: Self.entriesMax) ?? [] {
      balances.append(Balance(asset: asset, free: try Self.amount(amount)))
    }
    for (name, time) in try value["latency_ms"]?.members(max: VenueCall.allCases.count) ?? [] {
      guard let call = VenueCall(rawValue: name) else {
        throw time.fail("no call has this name; they are \(VenueCall.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      latenciesMs[call] = try time.integer(in: 0...Self.latencyMsMax)
    }
    otherPairs = try value["other_pairs"]?.integer(in: 0...Self.otherPairsMax) ?? 0
    for (name, value) in try value["rules"]?.members(max: Self.entriesMax) ?? [] {
      guard let symbol = Symbol(name) else { throw value.fail("is no symbol such as AIX/USDT") }
      func part(_ key: String) throws(InputError) -> Decimal { try Self.amount(value.required(key)) }
      rules[symbol] = MarketRules(
        symbol: symbol, tick: try part("tick"), step: try part("step"), minQuantity: try part("min_quantity"),
        minNotional: try part("min_notional"), takerFee: try part("taker_fee"), makerFee: try part("maker_fee"))
    }
  }

  private static func amount(_ value: InputValue) throws(InputError) -> Decimal {
    guard let amount = Decimal(try value.text(max: 64)), !amount.isNegative else {
      throw value.expected("an amount in quotes, such as \"0.01\"")
    }
    return amount
  }

  /// The file's text, its members sorted.
  public var text: String {
    func sorted<V>(_ all: [(key: String, value: V)]) -> [(key: String, value: V)] { all.sorted { $0.key < $1.key } }
    let others: [(key: String, value: JSON)] = otherPairs == 0 ? [] : [("other_pairs", .int(otherPairs))]
    return JSON.object(
      [
        ("schema", .int(1)),
        ("balances", .object(sorted(balances.map { ($0.asset, .string("\($0.free)")) }))),
        ("latency_ms", .object(sorted(latenciesMs.map { ($0.key.rawValue, .int($0.value)) }))),
        (
          "rules",
          .object(
            sorted(
              rules.map { symbol, rules in
                (
                  symbol.description,
                  .object([
                    ("tick", .string("\(rules.tick)")), ("step", .string("\(rules.step)")),
                    ("min_quantity", .string("\(rules.minQuantity)")),
                    ("min_notional", .string("\(rules.minNotional)")), ("taker_fee", .string("\(rules.takerFee)")),
                    ("maker_fee", .string("\(rules.makerFee)")),
                  ])
                )
              }))
        ),
      ] + others
    ).pretty()
  }

  /// Nominal times, with those of the record in their place.
  public var latency: ExchangeLatency {
    var latency = ExchangeLatency()
    for (call, milliseconds) in latenciesMs { latency.set(call, to: .milliseconds(milliseconds)) }
    return latency
  }
}
