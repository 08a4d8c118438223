import Basics
import Trading

extension Check {
  /// How near a number in a client id must be to the time of its first request to be a clock.
  private static let clockNearness = Duration.seconds(60)

  /// Reads the requests of the venue's truth.
  ///
  /// Source: HISTORY.md DUP-1, keys that ended in the decision's milliseconds.
  public static let idempotentKeys = Check(
    .idempotentKeys, "no client id contains the time: a key that never repeats cannot stop a second order"
  ) { record in
    let name = CheckName.idempotentKeys
    if record.orders.isEmpty { return .open(name, "no order reached the venue") }
    let wrong = record.orders.compactMap { order -> String? in
      guard let number = clock(in: order.clientOrderId, at: order.firstRequest) else { return nil }
      return "\(order.clientOrderId): \(number) is the time of its request, \(order.firstRequest.iso8601())"
    }
    if wrong.isEmpty { return .pass(name, "\(record.orders.count) client ids, none contains the time") }
    return .fail(name, "\(wrong.count) client ids contain the time", wrong)
  }

  /// The digits in `id` that are a time near `time`, in seconds, milliseconds, microseconds or nanoseconds.
  private static func clock(in id: String, at time: Instant) -> Substring? {
    let units: [Int: Int64] = [10: 1_000_000_000, 13: 1_000_000, 16: 1000, 19: 1]
    return id.split { !("0"..."9").contains($0) }.first { digits in
      guard let unit = units[digits.count], let value = Int64(digits) else { return false }
      let (nanoseconds, overflow) = value.multipliedReportingOverflow(by: unit)
      let apart = Instant(nanoseconds: nanoseconds) - time
      return !overflow && apart <= clockNearness && apart >= .zero - clockNearness
    }
  }
}
