import Basics
import Trading

/// The fields of one line, as texts.
struct LineFields {
  var kind: FieldMap.Kind
  var place: FieldPlace
  /// The text of the event; empty: the source has none.
  var event = ""
  private var values: [FieldMap.Field: String] = [:]

  init(_ kind: FieldMap.Kind, _ place: FieldPlace) {
    self.kind = kind
    self.place = place
  }

  /// Nil: the line has no such field, or it is null or empty.
  subscript(_ field: FieldMap.Field) -> String? {
    get { values[field] }
    set { values[field] = newValue.flatMap { $0.isEmpty ? nil : $0 } }
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
}
