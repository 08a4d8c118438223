/// In what asset the venue takes its fees.
public enum FeeMode: Sendable, Equatable {
  /// In the quote asset, on top of what a buyer pays and out of what a seller receives.
  case quote
  /// Out of what is received: base asset for a buyer, quote asset for a seller.
  case received
  /// In a token of the venue at a fixed price in quote asset; in quote asset when the account holds too little of it.
  case token(asset: String, price: Decimal)

  /// The mode in one word, as the venue's history has it.
  public var name: String {
    switch self {
    case .quote: "quote"
    case .received: "received"
    case .token: "token"
    }
  }
}
