import ChaosRuntime
import Checks
import Trading

/// Figures that the field reports give and a session record has.
enum FieldSigns {
  /// Orders of one side that the venue filled completely.
  static func venueFilled(_ record: SessionRecord, side: String = "buy") -> Int {
    record.orders.count { $0.end == .filled && $0.side == side }
  }

  /// Positions in the state file at the end.
  static func positionsAtEnd(_ record: SessionRecord) -> Int { record.state?["positions"]?.members?.count ?? 0 }

  /// What the venue took for purchases of which the engine booked nothing, in whole units of the quote asset.
  static func unbooked(_ record: SessionRecord) -> Int {
    var sum = Decimal.zero
    for order in record.orders where order.side == "buy" {
      if record.engineOrders[order.clientOrderId]?.booked ?? .zero == .zero { sum += order.filledQuote }
    }
    return Int(sum.doubleValue.rounded())
  }
}
