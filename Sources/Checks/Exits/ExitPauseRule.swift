import Basics
import Trading

/// What the settings say of exits that fail: they rest for EXIT_RETRY_S, and as long as an entry would once the venue has
/// refused one for good time after time; nothing is bought anywhere meanwhile.
struct ExitPauseRule {
  /// A venue that refuses now and then is given as many chances as a passing refusal, at least this many.
  private static let retriesMin = 3

  private let retry: Duration
  private let rest: Duration
  private let refusalsMax: Int
  private var refusals = 0

  init(_ record: SessionRecord) throws(Unjudged) {
    retry = try record.settingTime(.exitRetryS)
    rest = max(retry, try record.settingTime(.symbolCooldownAfterFailedOrderS))
    refusalsMax = 1 + max(try record.settingCount(.routerMaxRetries), Self.retriesMin)
  }

  /// Whether the symbol's exit was refused for good so often in a row that somebody should look at it.
  var isAlarming: Bool { refusals >= refusalsMax }

  /// An order of the symbol was filled: nothing is held against its exit.
  mutating func begin() { refusals = 0 }

  /// The pause after a sale of which the engine heard the end at `heard`; empty after one that was filled.
  mutating func ended(_ sale: OrderTraffic, heard: Instant) -> Range<Instant> {
    guard sale.end?.how != .filled else {
      refusals = 0
      return heard..<heard
    }
    if sale.end?.how == .rejected || sale.takenAt == nil && sale.places.last?.isPermanent == true {
      refusals += 1
    } else if sale.takenAt != nil {
      refusals = 0
    }
    return .from(heard, to: heard + (isAlarming ? rest : retry))
  }

  /// While the venue refuses some sale again and again: when nothing may be bought for all the engine can know, and when it
  /// knows for certain that nothing may.
  static func alarms(
    _ record: SessionRecord, _ hearing: Hearing
  ) throws(Unjudged) -> (possible: [Range<Instant>], certain: [Range<Instant>]) {
    var possible: [Range<Instant>] = []
    var certain: [Range<Instant>] = []
    let bySymbol = Dictionary(grouping: record.truth.orders, by: \.symbol)
    for (_, orders) in bySymbol.sorted(by: { $0.key < $1.key }) {
      var rule = try ExitPauseRule(record)
      var since: (first: Instant, heard: Instant)?
      for order in orders {
        let heard = (hearing.time(ofEndOf: order) ?? record.end) + Check.reactionSlack
        if order.isBuy, order.end?.how == .filled { rule.begin() }
        if !order.isBuy { _ = rule.ended(order, heard: heard) }
        if rule.isAlarming, since == nil {
          since = (order.end?.time ?? order.asked, heard)
        } else if !rule.isAlarming, let start = since {
          possible.append(.from(start.first, to: heard))
          certain.append(.from(start.heard, to: order.takenAt ?? order.asked))
          since = nil
        }
      }
      if let since {
        possible.append(.from(since.first, to: record.end))
        certain.append(.from(since.heard, to: record.end))
      }
    }
    return (possible, certain)
  }
}
