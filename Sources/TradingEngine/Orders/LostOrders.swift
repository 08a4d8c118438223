import Basics
import Synchronization
import Trading

/// Orders that were given up without an end by the venue's word. They are asked for now and then: should one turn up after all,
/// it is canceled and its fills are booked.
final class LostOrders: Sendable {
  /// From one question about an order to the next.
  private static let interval = Duration.seconds(10)
  /// How long an order is asked for that the venue never named: its placing may have been on the way.
  private static let suspicion = Duration.seconds(60)
  private static let ordersMax = 64

  private struct Lost {
    let intent: OrderIntent
    /// Nil: until it is found.
    let until: Instant?
    var next: Instant
  }

  private let orders = Mutex<[Lost]>([])

  /// Begins to ask for an order.
  ///
  /// - Parameter wasTaken: whether the venue has named it; such a one is asked for until it is found.
  func watch(_ intent: OrderIntent, wasTaken: Bool, at now: Instant) {
    let until = wasTaken ? nil : now + Self.suspicion
    orders.withLock { list in
      if list.count == Self.ordersMax { list.remove(at: list.firstIndex { $0.until != nil } ?? 0) }
      list.append(Lost(intent: intent, until: until, next: now + Self.interval))
    }
  }

  /// The venue has named an order that may be one of them: it is asked for at once.
  func hurry(_ clientOrderId: String, at now: Instant) {
    orders.withLock { list in
      for index in list.indices where list[index].intent.clientOrderId == clientOrderId { list[index].next = now }
    }
  }

  /// The orders that are to be asked for now.
  func due(at now: Instant) -> [OrderIntent] {
    orders.withLock { list in
      list.removeAll { $0.until.map { $0 < now } ?? false }
      var found: [OrderIntent] = []
      for index in list.indices where list[index].next <= now {
        list[index].next = now + Self.interval
        found.append(list[index].intent)
      }
      return found
    }
  }

  /// Whether any of them may still turn up with fills that nobody has booked.
  func areAwaited(at now: Instant) -> Bool {
    orders.withLock { list in list.contains { $0.until.map { $0 >= now } ?? true } }
  }

  /// The venue has told of its end.
  func forget(_ intent: OrderIntent) { orders.withLock { $0.removeAll { $0.intent.id == intent.id } } }
}
