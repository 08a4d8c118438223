import Trading

/// Why a venue cannot open.
public enum VenueSetupError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Two client accounts have one name.
  case duplicateAccount(String)
  /// The market source names a symbol twice.
  case duplicateSymbol(Symbol)
  /// The market source names a symbol without rules.
  case noRules(Symbol)
  /// An opening balance is below zero, above 1e12, or has a locked part.
  case badBalance(account: String, asset: String)
  /// The fee token's price is below 0.001.
  case badFeeToken(String)

  /// What is wrong, with the names and the range.
  public var description: String {
    switch self {
    case .duplicateAccount(let name): "account \(name) is given twice"
    case .duplicateSymbol(let symbol): "symbol \(symbol) is given twice"
    case .noRules(let symbol): "symbol \(symbol) has no market rules"
    case .badBalance(let account, let asset):
      "account \(account): the opening balance of \(asset) must lie in 0...1e12 with nothing locked"
    case .badFeeToken(let asset): "fee token \(asset) needs a price of at least 0.001"
    }
  }
}
