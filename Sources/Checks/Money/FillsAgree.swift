import Basics
import Trading

extension Check {
  /// Reads ORDER_UPDATE, ORDER_FILLED and ORDER_FAILED of the engine's log against the trades and order ids of the venue's truth.
  ///
  /// A fee that the venue had not told a second before the line may be the engine's estimate.
  public static let fillsAgree = Check(
    .fillsAgree, "what the log says of an order's fills, by quantity, amount, price and fee, is what the venue did",
    log: .accusations
  ) { record throws(Unjudged) in
    let name = CheckName.fillsAgree
    if record.orders.isEmpty { return .open(name, "no order reached the venue") }
    var wrong: [String] = []
    var judged = 0
    for event in record.events {
      guard event.type == .orderUpdate || event.type == .orderFilled || event.type == .orderFailed,
        let id = event.text(.clientOrderId), !event.isVague
      else { continue }
      guard let order = record.truth.order(id) else {
        // An order that was never sent may fail; nothing of it can be filled.
        if let filled = event.decimal(.filledQty), filled.isPositive {
          wrong.append("\(record.place(event)): \(id) is filled, and the venue never had it")
        }
        continue
      }
      judged += 1
      let differences = try FillWords(event, order, record).differences()
      wrong += differences.map { "\(record.place(event)): \(id) \(event.typeName): \($0)" }
    }
    if judged == 0 {
      return .notApplicable(name, "the log tells of no fill or end of the \(record.orders.count) orders at the venue")
    }
    if wrong.isEmpty { return .pass(name, "\(judged) lines of fills and ends are what the venue did") }
    return .fail(name, "\(wrong.count) figures of fills are not the venue's", wrong)
  }
}

/// One line of the log about the fills of an order.
private struct FillWords {
  private let event: SessionRecord.Event
  private let order: OrderTraffic
  private let record: SessionRecord
  private let place: String

  init(_ event: SessionRecord.Event, _ order: OrderTraffic, _ record: SessionRecord) {
    (self.event, self.order, self.record) = (event, order, record)
    place = record.place(event)
  }

  func differences() throws(Unjudged) -> [String] {
    guard let filled = try event.amount(.filledQty, at: place) else {
      return event.type == .orderFailed ? [] : ["it has no filled_qty"]
    }
    var wrong = quantityDifference(filled)
    if let id = event.text(.orderId), let truth = record.orders.first(where: { $0.clientOrderId == order.id }),
      !truth.orderIds.isEmpty, !truth.orderIds.contains(id)
    {
      wrong.append("order_id is \(id), the venue's is \(truth.orderIds.joined(separator: ", "))")
    }
    if event.type == .orderFilled { wrong += try amountDifferences(filled) }
    return wrong
  }

  /// A total that is told is one that the venue had reached; the end tells all of it.
  private func quantityDifference(_ filled: Decimal) -> [String] {
    let reached = order.trades.filter { $0.time <= event.time }
    let last = reached.last?.total ?? .zero
    if event.type == .orderUpdate {
      return reached.contains { $0.total == filled } ? [] : ["filled_qty is \(filled), the venue had filled \(last)"]
    }
    return filled == last ? [] : ["filled_qty is \(filled), the venue had filled \(last)"]
  }

  private func amountDifferences(_ filled: Decimal) throws(Unjudged) -> [String] {
    var wrong: [String] = []
    let quote = try order.quote(upTo: filled)
    if let told = try event.amount(.filledQuote, at: place), told != quote {
      wrong.append("filled_quote is \(told), the venue's trades make \(quote)")
    }
    if filled.isPositive, let told = try event.amount(.averagePrice, at: place) {
      let average = try quote.over(filled, .halfEven, of: place)
      if told != average { wrong.append("average_price is \(told), the venue's trades make \(average)") }
    }
    return try wrong + feeDifferences(filled)
  }

  private func feeDifferences(_ filled: Decimal) throws(Unjudged) -> [String] {
    let assets = Set(order.trades.compactMap(\.feeAsset))
    guard assets.count == 1, let asset = assets.first, let told = try event.amount(.fee, at: place) else { return [] }
    let known = event.time.minus(record.hearingSlack)
    if let named = event.text(.feeAsset), named != asset { return ["fee_asset is \(named), the venue took \(asset)"] }
    if event.text(.feeAsset) == nil, order.isFeeTold(of: filled, by: known) { return ["it has no fee_asset"] }
    let market = try record.market(order.symbol)
    let truth: AmountRange
    if asset == order.quoteAsset {
      truth = try order.quoteFees(upTo: filled, toldBy: known, in: market)
    } else if order.symbol.hasPrefix("\(asset)/") {
      truth = try order.baseFees(upTo: filled, toldBy: known, in: market)
    } else {
      return []
    }
    if told >= truth.low, told <= truth.high { return [] }
    return ["fee is \(told), the venue took \(truth.low)"]
  }
}
