public import Basics
public import FakeExchange
public import Trading

/// What a client of control may set up for a session of its own: a generated market with falls at given times, what the
/// first account has, and how deep the books are. The form is JSON, so that any test suite can write it.
///
/// | member | is |
/// |---|---|
/// | `seed` | of the market |
/// | `symbols` | such as `["AIX/USDT"]`, 1 to 200 |
/// | `balances` | of the first account, such as `{"USDT": "500"}` |
/// | `drops` | falls: `symbol`, `at_ms` from the reset, `depth` (a share, `"0.02"`), `lasts_ms`, `course` (`rises`, `falls`) |
/// | `poll_ms` | time between two quotes, 100 to 60,000 |
/// | `wide_spreads`, `gaps` | whether the market has them |
/// | `depth` | `levels`, `notional`, `spacing_bps`, `refill_ms` of the market maker's book |
/// | `fee` | `quote`, `received`, or `{"asset": "MX", "price": "2"}` |
public struct WireStage: Sendable {
  /// Market data is a pure function of it.
  public var seed: UInt64
  /// The markets that exist.
  public var symbols: [Symbol]
  /// Scheduled falls, from the reset on.
  public var drops: [Scenario.Drop]
  /// Time between two quotes.
  public var pollInterval: Duration
  /// What the generated market has besides.
  public var shape: MarketGenerator.Shape
  /// What the first account has at the start.
  public var balances: [Balance]
  /// What the market maker offers.
  public var depth: MarketDepth
  /// In what fees are taken; nil: as the venue does.
  public var feeMode: FeeMode?

  /// Why a stage cannot be read: the member, and what it should be.
  public struct Problem: Error, Equatable {
    /// For people.
    public var text: String
  }

  /// A stage as given.
  public init(
    seed: UInt64, symbols: [Symbol], drops: [Scenario.Drop], pollInterval: Duration, shape: MarketGenerator.Shape,
    balances: [Balance], depth: MarketDepth, feeMode: FeeMode?
  ) {
    self.seed = seed
    self.symbols = symbols
    self.drops = drops
    self.pollInterval = pollInterval
    self.shape = shape
    self.balances = balances
    self.depth = depth
    self.feeMode = feeMode
  }

  static let symbolsMax = 200
  static let dropsMax = 10_000

  /// Reads what `json` writes; members that are not there have the value of a paper session.
  ///
  /// - Throws: `Problem` for the first member that is wrong.
  public init(_ json: JSON) throws(Problem) {
    seed = try Self.seed(json["seed"])
    symbols = try Self.symbols(json["symbols"])
    drops = []
    for drop in try Self.list(json["drops"], "drops", max: Self.dropsMax) { drops.append(try Self.drop(drop, symbols)) }
    pollInterval = try Self.milliseconds(json["poll_ms"], "poll_ms", 100...60_000) ?? .milliseconds(2500)
    shape = .init(hasWideSpreads: json["wide_spreads"]?.bool ?? true, hasGaps: json["gaps"]?.bool ?? true)
    balances = try Self.balances(json["balances"])
    depth = try Self.depth(json["depth"])
    feeMode = try Self.fee(json["fee"])
  }

  /// The form of control's call `reset`, without the seed of the faults.
  public var json: JSON {
    var members: [(key: String, value: JSON)] = [
      ("seed", .number("\(seed)")), ("symbols", .array(symbols.map { .string($0.description) })),
      ("balances", .object(balances.map { ($0.asset, .string($0.free.description)) })),
      ("drops", .array(drops.map(Self.json))), ("poll_ms", .int(Int(pollInterval.milliseconds))),
      ("wide_spreads", .bool(shape.hasWideSpreads)), ("gaps", .bool(shape.hasGaps)),
      (
        "depth",
        .object([
          ("levels", .int(depth.levels)), ("notional", .string(depth.notional.description)),
          ("spacing_bps", .int(depth.spacingBps)), ("refill_ms", .int(Int(depth.refill.milliseconds))),
        ])
      ),
    ]
    switch feeMode {
    case nil: break
    case .token(let asset, let price)?:
      members.append(("fee", .object([("asset", .string(asset)), ("price", .string(price.description))])))
    case let mode?: members.append(("fee", .string(mode.name)))
    }
    return .object(members)
  }

  private static func json(_ drop: Scenario.Drop) -> JSON {
    var members: [(key: String, value: JSON)] = [
      ("symbol", .string(drop.symbol.description)), ("at_ms", .int(Int(drop.at.milliseconds))),
      ("depth", .string(drop.depth.description)),
    ]
    if let lasts = drop.lasts { members.append(("lasts_ms", .int(Int(lasts.milliseconds)))) }
    if let course = drop.course { members.append(("course", .string(course == .rises ? "rises" : "falls"))) }
    return .object(members)
  }
}

/// Reading the members.
extension WireStage {
  private static func seed(_ json: JSON?) throws(Problem) -> UInt64 {
    guard let json else { return 1 }
    guard let seed = json.numberText.flatMap({ UInt64($0) }) else {
      throw Problem(text: "seed expects a whole number from 0 to \(UInt64.max)")
    }
    return seed
  }

  private static func list(_ json: JSON?, _ name: String, max: Int) throws(Problem) -> [JSON] {
    guard let json else { return [] }
    guard let list = json.array, list.count <= max else {
      throw Problem(text: "\(name) expects a list of at most \(max)")
    }
    return list
  }

  private static func symbols(_ json: JSON?) throws(Problem) -> [Symbol] {
    var found: [Symbol] = []
    for item in try list(json, "symbols", max: symbolsMax) {
      guard let symbol = item.string.flatMap({ Symbol($0) }), !found.contains(symbol) else {
        throw Problem(text: "symbols expects different names such as BTC/USDT")
      }
      found.append(symbol)
    }
    guard !found.isEmpty else { throw Problem(text: "symbols expects 1 to \(symbolsMax) names such as BTC/USDT") }
    return found
  }

  private static func drop(_ json: JSON, _ symbols: [Symbol]) throws(Problem) -> Scenario.Drop {
    guard let symbol = json["symbol"]?.string.flatMap({ Symbol($0) }), symbols.contains(symbol) else {
      throw Problem(text: "a drop's symbol expects one of the stage's symbols")
    }
    guard let at = try milliseconds(json["at_ms"], "a drop's at_ms", 0...86_400_000) else {
      throw Problem(text: "a drop has at_ms, milliseconds from the reset")
    }
    guard let depth = json["depth"]?.string.flatMap({ Decimal($0) }), !depth.isNegative, depth < .one else {
      throw Problem(text: "a drop's depth expects a share from 0 to below 1, such as \"0.02\"")
    }
    let course: Scenario.Course?
    switch json["course"] {
    case nil: course = nil
    case .string("rises")?: course = .rises
    case .string("falls")?: course = .falls
    default: throw Problem(text: "a drop's course expects rises or falls")
    }
    let lasts = try milliseconds(json["lasts_ms"], "a drop's lasts_ms", 0...86_400_000)
    return Scenario.Drop(symbol: symbol, at: at, depth: depth, lasts: lasts, course: course)
  }

  private static func milliseconds(
    _ json: JSON?, _ name: String, _ range: ClosedRange<Int>
  ) throws(Problem) -> Duration? {
    guard let json else { return nil }
    guard let value = json.int, range.contains(value) else {
      throw Problem(text: "\(name) expects milliseconds from \(range.lowerBound) to \(range.upperBound)")
    }
    return .milliseconds(value)
  }

  private static func amount(_ json: JSON?, _ name: String) throws(Problem) -> Decimal {
    guard let amount = json?.string.flatMap({ Decimal($0) }), !amount.isNegative else {
      throw Problem(text: "\(name) expects an amount in quotes, such as \"500\"")
    }
    return amount
  }

  private static func balances(_ json: JSON?) throws(Problem) -> [Balance] {
    guard let json else { return [Balance(asset: "USDT", free: Decimal(500))] }
    guard let members = json.members, members.count <= 100 else {
      throw Problem(text: "balances expects an object of at most 100 amounts, such as {\"USDT\": \"500\"}")
    }
    var balances: [Balance] = []
    for (asset, value) in members {
      guard !asset.isEmpty, asset.utf8.count <= 15, !balances.contains(where: { $0.asset == asset }) else {
        throw Problem(text: "balances expects different assets of 1 to 15 letters")
      }
      balances.append(Balance(asset: asset, free: try amount(value, "balances")))
    }
    return balances
  }

  private static func depth(_ json: JSON?) throws(Problem) -> MarketDepth {
    var depth = MarketDepth()
    guard let json else { return depth }
    func whole(_ name: String, _ range: ClosedRange<Int>, _ standard: Int) throws(Problem) -> Int {
      guard let value = json[name] else { return standard }
      guard let number = value.int, range.contains(number) else {
        throw Problem(text: "depth.\(name) expects a number from \(range.lowerBound) to \(range.upperBound)")
      }
      return number
    }
    depth.levels = try whole("levels", 1...100, depth.levels)
    depth.spacingBps = try whole("spacing_bps", 0...1000, depth.spacingBps)
    depth.refill = .milliseconds(try whole("refill_ms", 1...3_600_000, Int(depth.refill.milliseconds)))
    if json["notional"] != nil { depth.notional = try amount(json["notional"], "depth.notional") }
    return depth
  }

  private static func fee(_ json: JSON?) throws(Problem) -> FeeMode? {
    switch json {
    case nil: return nil
    case .string("quote")?: return .quote
    case .string("received")?: return .received
    case let json?:
      let price = try amount(json["price"], "fee.price")
      guard let asset = json["asset"]?.string, (1...15).contains(asset.utf8.count), price.isPositive else {
        throw Problem(text: "fee expects quote, received, or an asset and its price")
      }
      return .token(asset: asset, price: price)
    }
  }
}
