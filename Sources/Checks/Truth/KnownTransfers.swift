import Basics

extension SessionRecord {
  /// When the intent of an order left the engine's book, by client id.
  var clearedIntents: [String: Instant] {
    var cleared: [String: Instant] = [:]
    for life in intents {
      for id in life.clientOrderIds { cleared[id] = life.clearedAt }
    }
    return cleared
  }

  /// Whether the venue was asked for balances since something was moved from outside, at a moment at which the engine could take its
  /// word: without an order on its books. What the stream could not tell counts when two answers say it.
  func isTransferKnown(_ moved: Instant, by time: Instant, _ cleared: [String: Instant]) -> Bool {
    let standing = truth.stream.last { $0.time <= moved }?.what
    let answers = truth.balances.count { query in
      guard query.isGood, query.asked > moved, let answered = query.answered, answered + Check.reactionSlack < time
      else {
        return false
      }
      return truth.orders.allSatisfy { order in
        order.asked > answered || (cleared[order.id] ?? .distantFuture) < query.asked
      }
    }
    return answers >= (standing == nil || standing == "open" ? 1 : 2)
  }
}
