import Basics
import Trading

/// Reads a request's parameters as Binance does, with its refusals.
struct BinanceParameters {
  let request: WireRequest
  let exchange: WireExchange

  init(_ request: WireRequest, _ exchange: WireExchange) { (self.request, self.exchange) = (request, exchange) }

  func symbol() throws(BinanceError) -> Symbol {
    guard let name = request["symbol"] else { throw .mandatory("symbol") }
    return try symbol(name)
  }

  func symbol(_ name: String) throws(BinanceError) -> Symbol {
    guard name.utf8.allSatisfy({ Self.isSymbolLetter($0) }), (1...20).contains(name.utf8.count) else {
      throw .illegal("symbol", range: "^[A-Z0-9-_.]{1,20}$")
    }
    guard let symbol = exchange.symbol(name) else { throw .symbol }
    return symbol
  }

  private static func isSymbolLetter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x2D, 0x5F, 0x2E: true
    default: false
    }
  }

  /// `symbol`, or the list of `symbols`; nil when neither is sent.
  func symbols() throws(BinanceError) -> [Symbol]? {
    if let list = request["symbols"] {
      guard request["symbol"] == nil else { throw .combination }
      guard case .array(let names)? = try? JSON.parse(list), !names.isEmpty else {
        throw .illegal("symbols", range: "^\\[\"[A-Z0-9-_.]{1,20}\"(,\"[A-Z0-9-_.]{1,20}\"){0,}\\]$")
      }
      var found: [Symbol] = []
      for name in names { found.append(try symbol(name.string ?? "")) }
      guard Set(found).count == found.count else {
        throw BinanceError(-1151, "Symbol is present multiple times in the list.")
      }
      return found
    }
    return request["symbol"] == nil ? nil : [try symbol()]
  }

  func int(_ name: String) throws(BinanceError) -> Int? {
    guard let text = request[name] else { return nil }
    guard let value = Int(text), value >= 0 else { throw .illegal(name, range: "^[0-9]{1,20}$") }
    return value
  }

  /// `startTime` and `endTime`, at most a day apart where both are sent.
  func period() throws(BinanceError) -> (start: Int?, end: Int?) {
    let (start, end) = (try int("startTime"), try int("endTime"))
    if let start, let end, end - start > 86_400_000 {
      throw BinanceError(-1127, "More than 24 hours between startTime and endTime.")
    }
    return (start, end)
  }

  func limit(_ standard: Int, max: Int) throws(BinanceError) -> Int {
    guard let limit = try int("limit") else { return standard }
    guard limit > 0 else { throw .illegal("limit", range: "^[0-9]{1,20}$") }
    return min(limit, max)
  }

  /// Digits behind the point without the zeros at the end; nil: the text is no plain amount.
  private static func decimalPlaces(_ text: String) -> Int? {
    let count = text.utf8.count
    guard (1...40).contains(count) else { return nil }
    var (point, last, index): (Int?, Int, Int) = (nil, 0, 0)
    for byte in text.utf8 {
      switch byte {
      case 0x2E where point == nil: point = index
      case 0x30: break
      case 0x31...0x39: last = index
      default: return nil
      }
      index += 1
    }
    return point.map { max(0, last - $0) } ?? 0
  }

  /// An amount; more digits than the asset has are refused.
  func decimal(_ name: String) throws(BinanceError) -> Decimal? {
    guard let text = request[name] else { return nil }
    guard let places = Self.decimalPlaces(text), let value = Decimal(text) else {
      throw .illegal(name, range: "^([0-9]{1,20})(\\.[0-9]{1,20})?$")
    }
    if places > 8 { throw BinanceError(-1111, "Parameter '\(name)' has too much precision.") }
    return value
  }

  func side() throws(BinanceError) -> Side {
    switch request["side"] {
    case "BUY": return .buy
    case "SELL": return .sell
    case nil: throw .mandatory("side")
    default: throw .side
    }
  }

  /// The order that is asked for, with a client id that is made up where none is sent.
  func order(id: () -> String) throws(BinanceError) -> OrderRequest {
    let symbol = try symbol()
    let side = try side()
    guard let word = request["type"] else { throw .mandatory("type") }
    let type: OrderType
    switch word {
    case "LIMIT": type = .limit
    case "MARKET": type = .market
    case "LIMIT_MAKER": type = .limitMaker
    case "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT":
      throw BinanceError(-2010, "Stop loss orders are not supported for this symbol.")
    default: throw .orderType
    }
    for name in ["stopPrice", "trailingDelta", "pegPriceType", "pegOffsetValue", "pegOffsetType"]
    where request[name] != nil { throw .notRequired(name) }
    if request["icebergQty"] != nil {
      if type == .market { throw .notRequired("icebergQty") }
      throw BinanceError(-2010, "Iceberg orders are not supported for this symbol.")
    }
    let quantity = try decimal("quantity")
    let quote = try decimal("quoteOrderQty")
    let price = try decimal("price")
    var timeInForce = TimeInForce.gtc
    if let word = request["timeInForce"] {
      guard type == .limit else { throw .notRequired("timeInForce") }
      switch word {
      case "GTC": timeInForce = .gtc
      case "IOC": timeInForce = .ioc
      case "FOK": timeInForce = .fok
      default: throw .timeInForce
      }
    } else if type == .limit {
      throw .mandatory("timeInForce")
    }
    if type == .market {
      if quantity == nil, quote == nil { throw .mandatory("quantity") }
      if quantity != nil, quote != nil { throw .combination }
      if price != nil { throw .notRequired("price") }
    } else {
      if quantity == nil { throw .mandatory("quantity") }
      if price == nil { throw .mandatory("price") }
      if quote != nil { throw .notRequired("quoteOrderQty") }
    }
    if let zero = [("quantity", quantity), ("quoteOrderQty", quote), ("price", price)].first(where: {
      $0.1?.isZero == true
    }) {
      throw BinanceError(-1013, "Invalid \(zero.0).")
    }
    return OrderRequest(
      clientOrderId: try clientOrderId("newClientOrderId") ?? id(), symbol: symbol, side: side, type: type,
      timeInForce: timeInForce, quantity: quantity, price: price, quoteOrderQty: quote)
  }

  func clientOrderId(_ name: String) throws(BinanceError) -> String? {
    guard let id = request[name] else { return nil }
    let isLegal = id.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2E, 0x3A, 0x2F, 0x5F, 0x2D: true
      default: false
      }
    }
    guard isLegal, id.utf8.count <= 36 else { throw .illegal(name, range: "^[\\.A-Z\\:/a-z0-9_-]{1,36}$") }
    return id
  }
}
