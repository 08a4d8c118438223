import Basics
import Trading

// A bot learns of a fill a moment after the venue made it, so that a belief is not compared with one moment. What a belief
// names has to have been true at some moment from the allowed lag before it was asked for until the answer was there. Whoever
// lost a fill is wrong in the moments when the bot holds nothing, or everything, whatever the lag: that is why it is asked
// several times, and every answer has to agree.
extension BotCheck {
  /// Binary fractions of a balance are off by less.
  private static let balanceTolerance = Decimal(coefficient: 100_000)
  /// On a market without a lot step.
  private static let quantityTolerance = Decimal(coefficient: 1_000)

  /// Reads logs/belief.jsonl: what the bot said it holds, and what its fills left.
  static let botPositionsAgree = BotCheck(
    "bot-positions-agree", "after the fault the bot believes in the positions that its fills have left"
  ) { record in
    compared(record, "positions", of: \.positions) { held, truths in
      let named = Set(held.map { $0.symbol }).union(truths.flatMap { $0.positions.map { $0.symbol } })
      var wrong: [String] = []
      for symbol in named.sorted() {
        let believed = held.last { $0.symbol == symbol }?.quantity ?? .zero
        let real = truths.map { truth in truth.positions.first { $0.symbol == symbol } }
        let isTrue = real.contains { truth in
          isNear(believed, truth?.quantity ?? .zero, max(truth?.step ?? .zero, quantityTolerance))
        }
        if !isTrue {
          wrong.append("\(symbol): it believes \(believed), its fills have left \(real.last??.quantity ?? .zero)")
        }
      }
      return wrong
    }
  }

  /// Reads logs/belief.jsonl: which orders the bot takes for open, and which rest in the book.
  static let botOpenOrdersAgree = BotCheck(
    "bot-open-orders-agree", "after the fault the bot believes in the open orders that rest at the venue"
  ) { record in
    compared(record, "open orders", of: \.openOrders) { believed, truths in
      let named = Set(believed)
      var wrong: [String] = []
      for id in believed {
        let isOpen = truths.contains { $0.openOrders.contains { $0.clientOrderId == id || $0.orderId == id } }
        if !isOpen { wrong.append("\(id): it believes that the order is open; none of that id rests at the venue") }
      }
      for order in truths.last?.openOrders ?? [] where !named.contains(order.clientOrderId) {
        if named.contains(order.orderId) { continue }
        let isOld = truths.allSatisfy { $0.openOrders.contains { $0.orderId == order.orderId } }
        if isOld { wrong.append("\(order.clientOrderId): the order rests at the venue, and it does not know") }
      }
      return wrong
    }
  }

  /// Reads logs/belief.jsonl: the balances that the bot names, and the account's.
  static let botBalancesAgree = BotCheck(
    "bot-balances-agree", "after the fault the bot believes in the balances that the account has"
  ) { record in
    compared(record, "balances", of: \.balances) { believed, truths in
      believed.compactMap { asset, amount in
        let real = truths.map { truth in
          truth.balances.first { $0.asset == asset } ?? Balance(asset: asset, free: .zero)
        }
        let isTrue = real.contains { balance in
          let parts = [
            (amount.free, balance.free), (amount.locked, balance.locked),
            (amount.total, (try? balance.free.adding(balance.locked)) ?? .zero),
          ]
          return parts.allSatisfy { part, truth in part.map { isNear($0, truth, balanceTolerance) } ?? true }
        }
        if isTrue { return nil }
        let words = [(amount.total, "in all"), (amount.free, "free"), (amount.locked, "locked")].compactMap {
          part, word in part.map { "\($0) \(word)" }
        }
        let last = real.last ?? Balance(asset: asset, free: .zero)
        return
          "\(asset): it believes \(words.joined(separator: ", ")), the account has \(last.free) free and \(last.locked) locked"
      }
    }
  }

  /// Whether two amounts are less than that apart; a belief may be beyond what can be subtracted.
  private static func isNear(_ believed: Decimal, _ real: Decimal, _ tolerance: Decimal) -> Bool {
    guard let apart = try? max(believed, real).subtracting(min(believed, real)) else { return false }
    return apart < tolerance
  }

  /// Compares a member of every answer; a wrong one decides, then one that is missing.
  private static func compared<Part>(
    _ record: BotRecord, _ name: String, of member: KeyPath<BotBelief, Part?>,
    _ wrong: (Part, ArraySlice<BotRecord.Truth>) -> [String]
  ) -> Verdict {
    guard record.hasBelief else { return skip("no --belief was given") }
    if record.isUnfinished { return unfinished }
    if record.process.askedToEnd == nil { return skip("it ended by itself before it was asked what it believes") }
    guard !record.answers.isEmpty else { return open("it was never asked: the run was over before") }
    var compared = 0
    for answer in record.answers {
      guard let belief = answer.belief, let part = belief[keyPath: member] else { continue }
      compared += 1
      let truths = record.truths(around: answer)
      if truths.isEmpty { return open("logs/belief.jsonl does not say what was true when it was asked") }
      let differences = wrong(part, truths)
      guard !differences.isEmpty else { continue }
      return fail(
        "asked at \(answer.asked.iso8601()), it is wrong about \(differences.count) of its \(name)", differences)
    }
    let silent = record.answers.filter { $0.belief == nil }
    if let first = silent.first {
      return open(
        "\(silent.count) of \(record.answers.count) answers cannot be used: \(first.trouble ?? "nothing came")")
    }
    if compared == 0 { return skip("the belief says nothing of \(name)") }
    return pass("\(compared) answers agree with the venue")
  }
}
