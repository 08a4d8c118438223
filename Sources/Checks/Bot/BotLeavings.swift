import Basics

extension BotCheck {
  /// Since when an order that nobody looks after counts as forgotten, where the user gives no limit.
  private static let forgottenAfter = Duration.seconds(60)
  /// How soon a key that is gone has to be replaced.
  private static let replaceLimit = Duration.seconds(30)

  /// Reads every order that stayed open, and what was asked about it.
  ///
  /// With `--max-order-age` no order may be open longer. Without it an order that is open at the end must have been looked
  /// after: asked about, or heard of on a user stream, within the last minute.
  static let botLeavesNoOrder = BotCheck(
    "bot-leaves-no-order", "no order is left open beyond --max-order-age, and none that is open at the end is forgotten"
  ) { record in
    let taken = record.orders.filter(\.isTaken)
    if taken.isEmpty { return skip("no order was taken") }
    var wrong: [String] = []
    let end = record.end
    for order in taken {
      let age = (order.endedAt ?? end) - order.time
      if let max = record.orderAgeMax {
        if age > max {
          wrong.append("\(order.clientOrderId) was open for \(seconds(age)), \(seconds(max)) are allowed")
        }
        continue
      }
      guard order.endedAt == nil, age > forgottenAfter else { continue }
      let lately = end + (.zero - forgottenAfter)
      if record.hasAsked(about: order, from: lately, to: end) || record.hasUserStream(at: end) { continue }
      wrong.append("\(order.clientOrderId) is open for \(seconds(age)), and nobody has looked after it for a minute")
    }
    if wrong.isEmpty { return pass("\(taken.count) orders, none left or forgotten") }
    return fail("\(wrong.count) of \(taken.count) orders were left open or forgotten", wrong)
  }

  /// Reads the keys of user data streams that came to their end while somebody listened by them.
  static let botRenewsListenKey = BotCheck(
    "bot-renews-listen-key", "a listen key is renewed before its time is over, and replaced when it is gone"
  ) { record in
    let made = record.requests.filter { $0.path.hasSuffix("/userDataStream") && $0.status == 200 }
    if made.isEmpty { return skip("no listen key was asked for") }
    var wrong: [String] = []
    for line in record.streams where line.time < record.end {
      switch line.kind {
      case "stream_key_expired": wrong.append("at \(line.time.iso8601()) a key came to its end unrenewed")
      case "stream_key_ended":
        let limit = line.time + replaceLimit
        let isBack = made.contains { $0.method == "POST" && $0.time > line.time && $0.time <= limit }
        if !isBack, limit <= record.end {
          wrong.append(
            "at \(line.time.iso8601()) the venue ended a key, and none was made within \(seconds(replaceLimit))")
        }
      default: break
      }
    }
    if wrong.isEmpty { return pass("\(made.count { $0.method == "PUT" }) renewals, no key came to its end") }
    return fail("\(wrong.count) listen keys were lost", wrong)
  }
}
