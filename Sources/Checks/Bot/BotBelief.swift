public import Basics
public import Trading

/// What a bot says that it has, as the JSON of `--belief`; members that it leaves out are not judged.
///
/// ```json
/// {"positions": {"BTCUSDT": "0.001"}, "open_orders": ["my-order-7"], "balances": {"USDT": "930.1"}}
/// ```
public struct BotBelief: Sendable, Equatable {
  /// Why a text is no belief: what is wrong, and where.
  public struct Problem: Error, Sendable, Equatable {
    /// For people.
    public var text: String
  }

  /// An amount of an asset, whole or in its parts.
  public struct Amount: Sendable, Equatable {
    /// Free and locked together; nil: only parts are named.
    public var total: Decimal?
    /// Available; nil: not named.
    public var free: Decimal?
    /// Held by orders; nil: not named.
    public var locked: Decimal?
  }

  /// Base asset by symbol, as the bot writes the symbol: bought and not sold again, less fees paid in it. A symbol that is not
  /// named stands for nothing. Nil: the belief says nothing of positions.
  public var positions: [(symbol: String, quantity: Decimal)]?
  /// Client order ids, or the venue's; who is not named is not open. Nil: the belief says nothing of orders.
  public var openOrders: [String]?
  /// By asset; what is not named is not judged. Nil: the belief says nothing of balances.
  public var balances: [(asset: String, amount: Amount)]?

  /// Reads a belief.
  ///
  /// - Throws: `Problem` with line and column, or with the member that is not as it should be.
  public init(_ bytes: [UInt8]) throws(Problem) {
    let json: JSON
    do throws(JSONError) { json = try JSON.parse(bytes) } catch { throw Problem(text: "it is no JSON: \(error)") }
    try self.init(json)
  }

  /// Reads a belief out of a document.
  ///
  /// - Throws: `Problem` with the member that is not as it should be.
  public init(_ json: JSON) throws(Problem) {
    guard let members = json.members else { throw Problem(text: "it is no object but \(Self.kind(json))") }
    (positions, openOrders, balances) = (nil, nil, nil)
    if let wanted = json["positions"] {
      positions = try Self.members(wanted, "positions").map { member throws(Problem) in
        (symbol: Self.plain(member.key), quantity: try Self.decimal(member.value, "positions.\(member.key)"))
      }
    }
    if let wanted = json["open_orders"] { openOrders = try Self.orders(wanted) }
    if let wanted = json["balances"] {
      balances = try Self.members(wanted, "balances").map { member throws(Problem) in
        (asset: member.key, amount: try Self.amount(member.value, "balances.\(member.key)"))
      }
    }
    guard positions == nil, openOrders == nil, balances == nil else { return }
    let near = members.prefix(20).lazy.compactMap { member in
      Suggestion.closest(to: member.key, in: Self.names).map { "; did you mean '\($0)' by '\(member.key)'?" }
    }.first
    throw Problem(text: "it has none of \(Self.names.joined(separator: ", "))\(near ?? "")")
  }

  /// Members that are read; others are the bot's own affair.
  static let names = ["positions", "open_orders", "balances"]
  /// Entries of one member; more are a mistake.
  private static let entriesMax = 1_000

  /// `BTC/USDT`, `BTC-USDT` and `btcusdt` are one.
  static func plain(_ symbol: String) -> String {
    symbol.uppercased().filter { $0 != "/" && $0 != "-" && $0 != "_" }
  }

  /// Equal in everything that is named, in its order.
  public static func == (a: BotBelief, b: BotBelief) -> Bool {
    a.openOrders == b.openOrders
      && a.positions.map { $0.map { $0.symbol } } == b.positions.map { $0.map { $0.symbol } }
      && a.positions.map { $0.map { $0.quantity } } == b.positions.map { $0.map { $0.quantity } }
      && a.balances.map { $0.map { $0.asset } } == b.balances.map { $0.map { $0.asset } }
      && a.balances.map { $0.map { $0.amount } } == b.balances.map { $0.map { $0.amount } }
  }

  // MARK: Reading

  private static func members(_ json: JSON, _ place: String) throws(Problem) -> [(key: String, value: JSON)] {
    guard let members = json.members else {
      throw Problem(text: "\(place) expects an object of names and amounts, not \(kind(json))")
    }
    guard members.count <= entriesMax else { throw Problem(text: "\(place) has more than \(entriesMax) entries") }
    return members
  }

  private static func orders(_ json: JSON) throws(Problem) -> [String] {
    guard let list = json.array, list.count <= entriesMax else {
      throw Problem(text: "open_orders expects a list of at most \(entriesMax) order ids, not \(kind(json))")
    }
    var ids: [String] = []
    for (index, entry) in list.enumerated() {
      let named = ["client_order_id", "clientOrderId", "order_id", "orderId", "id"].lazy.compactMap { entry[$0] }.first
      guard let id = (named ?? entry).string ?? (named ?? entry).numberText, !id.isEmpty else {
        throw Problem(
          text: "open_orders[\(index)] expects an order id, or an object with client_order_id or order_id, not "
            + kind(entry))
      }
      ids.append(id)
    }
    return ids
  }

  private static func amount(_ json: JSON, _ place: String) throws(Problem) -> Amount {
    guard json.members != nil else { return Amount(total: try decimal(json, place)) }
    func part(_ name: String) throws(Problem) -> Decimal? {
      guard let value = json[name] else { return nil }
      return try decimal(value, "\(place).\(name)")
    }
    let amount = Amount(total: try part("total"), free: try part("free"), locked: try part("locked"))
    guard amount != Amount() else {
      throw Problem(text: "\(place) expects an amount, or an object with free, locked or total")
    }
    return amount
  }

  /// A number or a text of digits. Binary fractions have more digits than money: they are rounded to eight places.
  private static func decimal(_ json: JSON, _ place: String) throws(Problem) -> Decimal {
    if let text = json.string ?? json.numberText {
      if let value = Decimal(text) { return value }
      if let double = Double(text), let rounded = JSON.double(double, places: 8).numberText.flatMap({ Decimal($0) }) {
        return rounded
      }
    }
    throw Problem(text: "\(place) expects a number or a text of digits, not \(kind(json))")
  }

  private static func kind(_ json: JSON) -> String {
    let text = json.text
    return text.utf8.count <= 40 ? text : "\(text.prefix(40))..."
  }
}
