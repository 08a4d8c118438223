import ChaosRuntime
import Checks
import Exploration
import FaultInjection

extension PaperSystem {
  /// What one session showed: the states its orders went through, what the faults hit, and what should be seen sometimes.
  static func coverage(_ record: SessionRecord, firings: [Firing], faults: [Fault]) -> (
    seen: [Coverage.Item], expected: [Coverage.Item]
  ) {
    var seen = transitions(record) + faultStates(record, firings)
    var expected: [Coverage.Item] = []
    for (name, holds) in sometimes {
      expected.append(Coverage.Item(.sometimes, name))
      if holds(record) { seen.append(Coverage.Item(.sometimes, name)) }
    }
    for fault in faults {
      for inject in fault.injects {
        for state in OpenOrders.allCases { expected.append(item(fault.id, inject.site, state)) }
      }
    }
    return (seen, expected)
  }

  /// What a good sweep has seen at least once.
  private static let sometimes: [(name: String, holds: @Sendable (SessionRecord) -> Bool)] = [
    ("an order is filled", { $0.count(.orderFilled) > 0 }),
    ("an order fails", { $0.count(.orderFailed) > 0 }),
    ("an order's outcome is unknown", { $0.count(.orderOutcomeUnknown) > 0 }),
    ("the reconciler finds a missing fill", { $0.count(.reconcileMissingFill) > 0 }),
    ("a stale intent is cleared", { $0.count(.staleIntentCleanup) > 0 }),
    ("a position is closed", { $0.count(.positionClosed) > 0 }),
    ("a state write fails", { $0.count(.stateWriteFailed) > 0 }),
    ("log records are dropped", { $0.count(.logRecordsDropped) > 0 }),
    ("a market poll fails", { $0.count(.mdPollFailed) > 0 }),
    ("an incident ends the session", { $0.isCutShort }),
  ]

  private enum OpenOrders: String, CaseIterable {
    case none = "no open order"
    case one = "one open order"
    case several = "several open orders"

    init(_ count: Int) { self = count == 0 ? .none : count == 1 ? .one : .several }
  }

  private static func item(_ fault: String, _ site: String, _ state: OpenOrders) -> Coverage.Item {
    Coverage.Item(.faultState, "\(fault) at \(site) x \(state.rawValue)")
  }

  /// Consecutive events of one intent.
  private static func transitions(_ record: SessionRecord) -> [Coverage.Item] {
    var last: [String: String] = [:]
    var items: Set<Coverage.Item> = []
    for event in record.events {
      guard let id = event.text(.intentId) else { continue }
      let before = last.updateValue(event.typeName, forKey: id) ?? "start"
      items.insert(Coverage.Item(.transition, "\(before) -> \(event.typeName)"))
    }
    return Array(items)
  }

  /// How many orders were sent and had no end in the log when a fault fired.
  private static func faultStates(_ record: SessionRecord, _ firings: [Firing]) -> [Coverage.Item] {
    var open: Set<String> = []
    var items: Set<Coverage.Item> = []
    var next = record.events.startIndex
    for firing in firings {
      while next < record.events.endIndex, record.events[next].time <= firing.time {
        let event = record.events[next]
        next += 1
        guard let id = event.text(.intentId) else { continue }
        switch event.type {
        case .orderSent: open.insert(id)
        case .orderFilled, .orderFailed, .intentCleared: open.remove(id)
        default: continue
        }
      }
      items.insert(item(firing.fault, firing.site, OpenOrders(open.count)))
    }
    return Array(items)
  }
}
