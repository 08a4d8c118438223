import Trading

/// In what the venue took a fee, seen from the order's market.
enum FeePlace: Sendable {
  case quote, base
  /// Neither: a token of the venue.
  case other

  init(_ asset: String, of symbol: Symbol) {
    self = asset == symbol.quote ? .quote : asset == symbol.base ? .base : .other
  }
}

/// In what the venue took the fees that it told last.
struct FeePlaces: Sendable {
  private var ofPurchases: FeePlace?
  private var ofSales: FeePlace?

  mutating func learn(_ asset: String?, of intent: OrderIntent) {
    guard let asset else { return }
    let place = FeePlace(asset, of: intent.symbol)
    switch intent.side {
    case .buy: ofPurchases = place
    case .sell: ofSales = place
    }
  }

  /// Where the fee of an order is to be expected: where the last one was taken, else where the venue's documents say.
  func place(of intent: OrderIntent, _ rules: MarketRules?) -> FeePlace {
    switch intent.side {
    case .buy: ofPurchases ?? (rules?.takesFeeFromReceived ?? false ? .base : .quote)
    case .sell: ofSales ?? .quote
    }
  }
}

extension OrderProgress {
  /// Fees are what the report says of the whole order, else what the trade says of itself. False: neither says it.
  mutating func takeFee(
    of report: OrderReport, _ fill: Fill?, since before: OrderProgress, _ intent: OrderIntent
  ) -> Bool {
    if let fee = report.fee {
      (feeAsset, isFeeEstimated) = (fee.asset, false)
      feeQuote = fee.asset == intent.symbol.quote ? fee.amount : .zero
      feeBase = fee.asset == intent.symbol.base ? fee.amount : .zero
      return true
    }
    guard let fill, let fee = fill.fee, fill.quantity == filledQuantity - before.filledQuantity else { return false }
    feeAsset = fee.asset
    if fee.asset == intent.symbol.quote { feeQuote += fee.amount }
    if fee.asset == intent.symbol.base { feeBase += fee.amount }
    return true
  }

  /// A fill without a fee is still a fill: it is taken to cost what the market's rules say, in what this order, or one before
  /// it, paid in.
  mutating func estimateFee(since before: OrderProgress, _ intent: OrderIntent, rate: Decimal, in place: FeePlace) {
    isFeeEstimated = true
    switch feeAsset.map({ FeePlace($0, of: intent.symbol) }) ?? place {
    case .base:
      let quantity = filledQuantity - before.filledQuantity
      feeBase += (try? quantity.multiplied(by: rate, rounding: .up)) ?? .zero
    case .quote:
      let quote = filledQuote - before.filledQuote
      feeQuote += (try? quote.multiplied(by: rate, rounding: .up)) ?? .zero
    case .other: break
    }
  }
}
