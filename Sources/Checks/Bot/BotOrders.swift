import Basics
import Trading

extension BotCheck {
  /// Refusals of the published filters: Binance's -1013 and -1111, MEXC's codes of size and price.
  private static let filterCodes: Set = ["-1013", "-1111", "30002", "30003", "30010", "400"]
  private static let balanceCodes: Set = ["-2010", "30005"]

  /// Reads refusals of orders that no fault made.
  static let botOrdersValid = BotCheck(
    "bot-orders-valid", "no order breaks a filter that exchangeInfo publishes"
  ) { record in
    if record.orders.isEmpty { return open("no order reached the venue") }
    let wrong = record.orders.filter { !$0.isInjected && $0.code.map(filterCodes.contains) ?? false }
    if wrong.isEmpty { return pass("\(record.orders.count) orders, all within the filters") }
    return fail(
      "\(wrong.count) of \(record.orders.count) orders break a published filter",
      wrong.map { "\(words($0)): \($0.code ?? "") \($0.text ?? "")" })
  }

  /// Reads refused sales.
  static let botSellsWhatItHas = BotCheck(
    "bot-sells-what-it-has", "the bot does not try to sell more than the account has"
  ) { record in
    let sales = record.orders.filter { $0.side == "sell" }
    if sales.isEmpty { return skip("nothing was sold") }
    let wrong = sales.filter {
      !$0.isInjected && $0.code.map(balanceCodes.contains) ?? false && !($0.text ?? "").contains("Duplicate")
        && !($0.text ?? "").contains("match")
    }
    if wrong.isEmpty { return pass("\(sales.count) sales, all of what was there") }
    return fail("\(wrong.count) of \(sales.count) sales were of more than the account had", wrong.map(words))
  }

  /// Reads fills, and the limit that the user gave.
  static let botKeepsExposure = BotCheck(
    "bot-keeps-exposure", "what is bought and not sold again stays within the limit that the user gives"
  ) { record in
    guard let limit = record.exposureMax else { return skip("no limit was given; --max-exposure N gives one") }
    var held: [String: Decimal] = [:]
    var worst = Decimal.zero
    for order in record.orders where order.filledQuote.isPositive {
      let change = order.side == "buy" ? order.filledQuote : .zero - order.filledQuote
      held[order.symbol, default: .zero] += change
      // Gains of one symbol are no room for another.
      held[order.symbol] = max(.zero, held[order.symbol] ?? .zero)
      worst = max(worst, held.values.reduce(.zero) { $0 + $1 })
    }
    return worst <= limit
      ? pass("at most \(worst) of \(limit)") : fail("\(worst) was tied up at once, \(limit) is the limit")
  }

  /// Reads the ledger of the venue's truth.
  static let botVenueBooks = BotCheck(
    "bot-venue-books", "the venue's own books add up, so that its truth can be trusted"
  ) { record in
    record.violation.map { fail($0) } ?? pass("every asset has the total it began with")
  }
}
