import Basics
import Trading

/// The fields of one line, as texts.
struct LineFields {
  var kind: FieldMap.Kind
  var place: FieldPlace
  /// The text of the event; empty: the source has none.
  var event = ""
  /// A line has a dozen fields at most: looking through them is faster than a table of hashes.
  private var values: [(field: FieldMap.Field, text: String)] = []

  init(_ kind: FieldMap.Kind, _ place: FieldPlace) {
    self.kind = kind
    self.place = place
  }

  /// Nil: the line has no such field, or it is null or empty.
  subscript(_ field: FieldMap.Field) -> String? {
    get {
      for value in values where value.field == field { return value.text }
      return nil
    }
    set {
      values.removeAll { $0.field == field }
      if let newValue, !newValue.isEmpty { values.append((field, newValue)) }
    }
  }

  /// `BASE/QUOTE`, however the line writes it; empty: not there.
  var symbol: String { self[.symbol].map(FieldNames.symbol) ?? "" }

  /// Assets that may stand behind the amounts of the line: those of its pair, where a cell of a table has one at all. The
  /// asset "4" cannot be told from a digit otherwise.
  func assets(_ format: FieldMap.Format, symbol: String) -> [String] {
    guard format == .csv else { return [] }
    let cells: [FieldMap.Field] = [.filled, .cost, .fee, .amount]
    let isSuffixed = cells.contains { self[$0]?.last?.isLetter == true }
    return isSuffixed ? FieldNames.assets(symbol) : []
  }

  /// Nil: not there, or no word for a side.
  var side: Side? { self[.side].flatMap(FieldNames.side) }
}

/// Words that venues and bots write differently.
enum FieldNames {
  private static let quotes = [
    "USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USDD", "DAI", "EURI", "EUR", "USD", "GBP", "TRY", "BRL", "JPY", "BTC",
    "ETH",
    "BNB",
  ]

  /// `AIX/USDT` for `AIX_USDT`, `AIX-USDT`, `aixusdt` and `AIX/USDT:USDT`.
  static func symbol(_ text: String) -> String {
    let upper = text.uppercased().prefix { $0 != ":" }
    for mark in ["/", "_", "-"] as [Character] {
      if let at = upper.lastIndex(of: mark) { return "\(upper[..<at])/\(upper[upper.index(after: at)...])" }
    }
    for quote in quotes where upper.hasSuffix(quote) && upper.utf8.count > quote.utf8.count {
      return "\(upper.dropLast(quote.count))/\(quote)"
    }
    return String(upper)
  }

  /// The assets of a pair.
  static func assets(_ symbol: String) -> [String] { symbol.split(separator: "/").map(String.init) }

  /// Buy or sell by its first letter.
  static func side(_ text: String) -> Side? {
    switch text.lowercased().first {
    case "b", "k": .buy
    case "s", "v": .sell
    default: nil
    }
  }

  /// A venue's word for how an order stands; nil: none that is known.
  static func status(_ text: String) -> OrderState? {
    switch text.lowercased().filter({ $0 != "_" && $0 != " " && $0 != "-" }) {
    case "closed", "filled", "fullyfilled", "done", "success": .filled
    case "canceled", "cancelled", "expired", "expiredinmatch", "partiallycanceled", "partiallycancelled",
      "partialcanceled":
      .canceled
    case "rejected", "failed": .failed
    case "open", "new", "partiallyfilled", "partialfill", "pending", "pendingnew", "untriggered": .open
    default: nil
    }
  }

  /// Whether a refusal says that the venue has an order of that name already.
  static func isDuplicate(_ words: String) -> Bool {
    let lower = words.lowercased()
    return lower.contains("already exist") || lower.contains("duplicate") || lower.hasPrefix("30042")
  }

  /// Whether the same request would be refused again: limits and troubles of the venue's own pass.
  static func isForGood(_ code: String) -> Bool {
    let passing = ["429", "418", "-1003", "-1001", "-1007", "-1008", "510", ""]
    return !passing.contains(code) && !(code.count == 3 && code.first == "5")
  }
}
