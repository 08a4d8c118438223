import Basics

/// How fast the engine noticed a fault, and how fast it was well again.
public enum Recovery {
  /// How long after a fill its booking may be logged before the positions count as wrong.
  static let bookingGrace = Duration.seconds(2)

  /// A fault's first firing to the first engine record of one of the names; nil: never, or it did not fire.
  public static func detectionTime(_ record: SessionRecord, of fault: String, detectedBy names: [String]) -> Duration? {
    guard let first = firstFiring(record, of: fault) else { return nil }
    let seen = record.events.first { $0.time >= first && names.contains($0.typeName) }
    return seen.map { $0.time - first }
  }

  /// First firing to the moment from which `positions-agree` and `intents-settled` hold to the end; zero when they
  /// held all along, nil when nothing fired or they do not hold at the end.
  public static func recoveryTime(_ record: SessionRecord) -> Duration? {
    guard let first = firstFiring(record), Check.positionsAgree.judge(record).outcome.isClean else { return nil }
    var well = first
    for intent in Check.endedIntents(record) where intent.isLate {
      guard let settled = intent.life.settledAt, settled <= record.end else { return nil }
      well = max(well, settled)
    }
    for order in record.orders {
      guard let engine = record.engineOrders[order.clientOrderId] else { continue }
      for fill in order.fills {
        guard let booked = engine.bookings.first(where: { $0.quantity >= fill.total }) else { continue }
        if booked.time - fill.time > bookingGrace { well = max(well, booked.time) }
      }
    }
    return well - first
  }

  private static func firstFiring(_ record: SessionRecord) -> Instant? { record.run.firings.map(\.time).min() }

  /// When that fault first fired; nil: it did not.
  ///
  /// A share of the venue's limits does nothing until the venue asks for a pause.
  static func firstFiring(_ record: SessionRecord, of fault: String) -> Instant? {
    let firings = record.run.firings.filter { $0.fault == fault }
    guard let first = firings.map(\.time).min() else { return nil }
    guard firings.allSatisfy({ $0.site == limitsSite }) else { return first }
    return record.truth.pauses.map(\.lowerBound).first { $0 >= first }
  }

  private static let limitsSite = "exchange.limits"
}
