import Basics
import Checks
import Trading

/// Figures that the field reports give and a session record has.
enum FieldSigns {
  /// Orders of one side that the venue filled completely.
  static func venueFilled(_ record: SessionRecord, side: String = "buy") -> Int {
    record.orders.count { $0.end == .filled && $0.side == side }
  }

  /// Positions in the state file at the end.
  static func positionsAtEnd(_ record: SessionRecord) -> Int { record.state?[.positions]?.members?.count ?? 0 }

  /// Positions that were opened while the fault or condition was there.
  static func positionsOpened(_ record: SessionRecord) -> Int {
    guard let chaos = record.run.phases.first(where: { $0.name == "chaos" }) else { return 0 }
    return record.events(.positionOpened).count { $0.time >= chaos.start && $0.time < chaos.end }
  }

  /// Of all symbols the most purchases that the venue took without a sale between them, and the mean time between two.
  static func mostOrdersOfASignal(_ record: SessionRecord) -> (count: Int, spacingMs: Int) {
    var runs: [(symbol: String, times: [Instant])] = []
    var most: [Instant] = []
    for order in record.orders where order.isAccepted {
      let at = runs.firstIndex { $0.symbol == order.symbol } ?? runs.count
      if at == runs.count { runs.append((order.symbol, [])) }
      if order.side == "buy" { runs[at].times.append(order.firstRequest) } else { runs[at].times = [] }
      if runs[at].times.count > most.count { most = runs[at].times }
    }
    guard most.count > 1 else { return (most.count, 0) }
    return (most.count, Int((most[most.count - 1] - most[0]).milliseconds / Double(most.count - 1)))
  }

  /// Releases of the budget of a failed order, by whoever made them.
  static func failureReleases(_ record: SessionRecord) -> Int {
    record.events(.budgetReleased).count {
      let reason = $0.text(.reason)
      return reason == "order_router_release" || reason == "order_failed"
    }
  }

  /// The sum of an amount over the events of one type, in whole units of the quote asset.
  static func sum(_ record: SessionRecord, _ type: EventName, _ key: FieldName) -> Int {
    let sum = record.events(type).reduce(Decimal.zero) { $0 + ($1.decimal(key) ?? .zero) }
    return Int(sum.doubleValue.rounded())
  }

  /// What the venue took for all purchases, in whole units of the quote asset.
  static func paid(_ record: SessionRecord) -> Int {
    let sum = record.orders.reduce(Decimal.zero) { $0 + ($1.side == "buy" ? $1.filledQuote : .zero) }
    return Int(sum.doubleValue.rounded())
  }

  /// Orders that the engine called failed and the venue filled.
  static func failedAndFilled(_ record: SessionRecord) -> Int {
    record.orders.count { $0.end == .filled && record.engineOrders[$0.clientOrderId]?.failedAt != nil }
  }

  /// What the state file calls reserved at the end, in whole units of the quote asset.
  static func reservedAtEnd(_ record: SessionRecord) -> Int {
    Int((record.state?[.budget]?[.reserved]?.string.flatMap { Decimal($0) } ?? .zero).doubleValue.rounded())
  }

  /// Of all symbols the most that was paid for purchases, in whole units of the quote asset.
  static func mostSpentOnASymbol(_ record: SessionRecord) -> Int {
    var sums: [String: Decimal] = [:]
    for order in record.orders where order.side == "buy" { sums[order.symbol, default: .zero] += order.filledQuote }
    return Int((sums.values.max() ?? .zero).doubleValue.rounded())
  }

  /// What the venue took for purchases of which the engine booked nothing, in whole units of the quote asset.
  static func unbooked(_ record: SessionRecord) -> Int {
    var sum = Decimal.zero
    for order in record.orders where order.side == "buy" {
      if record.engineOrders[order.clientOrderId]?.booked ?? .zero == .zero { sum += order.filledQuote }
    }
    return Int(sum.doubleValue.rounded())
  }
}
