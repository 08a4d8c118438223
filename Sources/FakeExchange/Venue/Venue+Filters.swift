import Trading

/// What the venue refuses before it looks at the book.
extension Venue {
  /// What is wrong with the client order id, which `earlier` has already.
  func identityProblem(_ clientOrderId: String, usedBy earlier: Int?) -> VenueError? {
    let length = clientOrderId.utf8.count
    guard length > 0, length <= profile.clientOrderIdMax else { return profile.clientIdTooLong }
    if let earlier, !profile.reusesClientIds || !orders[earlier].status.isTerminal {
      return profile.duplicateClientId
    }
    guard orders.count < profile.ordersMax else { return profile.tooManyOrders }
    return nil
  }

  /// What is wrong with quantity, price or amount: sums behind these checks cannot overflow.
  func shapeProblem(_ request: OrderRequest, _ market: Int) -> VenueError? {
    if request.type == .market {
      guard (request.quantity == nil) != (request.quoteOrderQty == nil) else { return profile.malformed }
      if let amount = request.quoteOrderQty {
        guard amount.isPositive else { return profile.malformed }
        guard amount <= profile.quantityMax else { return profile.aboveMaximum }
        return amount < markets[market].rules.minNotional ? belowMinimum(market) : nil
      }
    } else if request.quoteOrderQty != nil {
      return profile.malformed
    }
    guard let quantity = request.quantity, quantity.isPositive else { return profile.malformed }
    guard quantity <= profile.quantityMax else { return profile.aboveMaximum }
    guard quantity.isMultiple(of: markets[market].rules.step) else { return profile.quantityStep }
    guard quantity >= markets[market].rules.minQuantity else { return profile.belowQuantity ?? belowMinimum(market) }
    let price: Decimal
    if request.type == .market {
      price = markets[market].last?.quote?.last ?? .zero
    } else {
      guard let limit = request.price, limit.isPositive else { return profile.malformed }
      guard limit <= profile.priceMax else { return profile.aboveMaximum }
      guard limit.isMultiple(of: markets[market].rules.tick) else { return profile.priceTick }
      if let allowed = profile.pricesAllowed, let last = markets[market].last?.quote?.last, last.isPositive,
        limit < Venue.product(last, allowed.lowerBound, .down) || limit > Venue.product(last, allowed.upperBound, .up)
      {
        return profile.priceTooFar
      }
      price = limit
    }
    if price.isPositive, Venue.product(price, quantity, .down) < markets[market].rules.minNotional {
      return belowMinimum(market)
    }
    return nil
  }

  private func belowMinimum(_ market: Int) -> VenueError {
    let rules = markets[market].rules
    var error = profile.belowMinimum
    if profile.saysMinimum { error.text += "\(rules.minNotional)\(rules.symbol.quote)" }
    return error
  }
}
