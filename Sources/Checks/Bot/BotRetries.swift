import Basics

extension BotCheck {
  /// The same order after a refusal for good at most, within a minute.
  private static let futileMax = 3
  private static let futileWindow = Duration.seconds(60)
  /// Requests that were under way when the answer came.
  private static let underWay = Duration.milliseconds(500)

  /// Reads refusals that the same request can only get again.
  static let botTakesNoForAnAnswer = BotCheck(
    "bot-no-futile-retries", "an order that the venue refused for good is not sent again and again"
  ) { record in
    let refused = record.orders.filter(\.isFinal)
    if refused.isEmpty { return skip("no order was refused for good") }
    var wrong: [String] = []
    var counted: Set<String> = []
    for order in refused {
      let key = "\(order.side) \(order.amount) \(order.symbol) \(order.price)"
      guard !counted.contains(key) else { continue }
      let again = refused.count {
        $0.time >= order.time && $0.time <= order.time + futileWindow && $0.symbol == order.symbol
          && $0.side == order.side && $0.amount == order.amount && $0.price == order.price && $0.code == order.code
      }
      guard again > futileMax else { continue }
      counted.insert(key)
      wrong.append("\(words(order)): \(again) times within a minute, each time \(order.code ?? "") \(order.text ?? "")")
    }
    if wrong.isEmpty { return pass("\(refused.count) refusals for good, none met again and again") }
    return fail("\(wrong.count) orders were sent again and again after a refusal for good", wrong)
  }

  /// Reads 429 and 418 of wire.jsonl, and what came before the time they name was over.
  static let botPauses = BotCheck(
    "bot-pauses", "after 429 and 418 the bot waits as long as the answer says"
  ) { record in
    let limited = record.requests.filter { $0.status == 429 || $0.status == 418 }
    if limited.isEmpty { return skip("the bot was never limited") }
    var wrong: [String] = []
    for request in limited {
      guard let pause = request.retryAfter else { continue }
      let (from, to) = (request.time + underWay, request.time + (.seconds(pause) - underWay))
      let early = record.requests.count { $0.time > from && $0.time < to }
      if early > 0 {
        wrong.append("\(request.status) at \(request.time.iso8601()): \(early) requests within its \(pause) s")
      }
    }
    if wrong.isEmpty { return pass("\(limited.count) times limited, and waited each time") }
    return fail("\(wrong.count) of \(limited.count) pauses were not kept", wrong)
  }
}
