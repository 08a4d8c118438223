import Basics

extension BotCheck {
  /// How long a bot may take to ask what became of an order whose answer it did not get.
  private static let askLimit = Duration.seconds(30)

  /// Reads orders whose answer was lost, and questions, in the venue's truth.
  ///
  /// Source: the two orders of FAULTS.md 2, sent because a reply was lost.
  static let botAsksWhatBecame = BotCheck(
    "bot-asks-what-became", "of an order whose answer was lost the bot asks what became of it"
  ) { record in
    let unclear = record.orders.filter(\.isUnclear)
    if unclear.isEmpty { return skip("every order was answered") }
    let wrong = unclear.filter { order in
      let limit = order.answered + askLimit
      // A run that ends sooner cannot tell.
      return limit <= record.end || isRepeated(order, record)
    }.filter { !record.hasAsked(about: $0, from: $0.time, to: max($0.answered + askLimit, $0.time + askLimit)) }
    if wrong.isEmpty {
      return pass("\(unclear.count) orders without an answer, asked for or sent again under their id")
    }
    return fail(
      "\(wrong.count) of \(unclear.count) orders without an answer were never asked for", wrong.map(words))
  }

  /// Reads the same; an order is sent again when another one of its symbol and side follows that the bot did not ask about.
  ///
  /// The same client id again is safe: the venue takes it once.
  static let botDoesNotRepeat = BotCheck(
    "bot-does-not-repeat", "an order whose answer was lost is not sent again under another id before the bot has asked"
  ) { record in
    let unclear = record.orders.filter(\.isUnclear)
    if unclear.isEmpty { return skip("every order was answered") }
    let wrong = unclear.compactMap { order in repetition(of: order, record).map { (order, $0) } }
    if wrong.isEmpty { return pass("\(unclear.count) orders without an answer, none sent again blindly") }
    let taken = wrong.count { $0.0.isTaken }
    return fail(
      "\(wrong.count) orders were sent again under another id without asking"
        + (taken > 0 ? "; \(taken) of the first ones had been taken: the bot has both" : ""),
      wrong.map { "\(words($0)), then \(words($1)) after \(seconds($1.time - $0.time))" })
  }

  private static func isRepeated(_ order: BotRecord.Order, _ record: BotRecord) -> Bool {
    record.orders.contains { $0.time > order.time && $0.clientOrderId == order.clientOrderId }
      ? false : repetition(of: order, record) != nil
  }

  private static func repetition(of order: BotRecord.Order, _ record: BotRecord) -> BotRecord.Order? {
    guard
      let next = record.orders.first(where: {
        $0.time > order.time && $0.symbol == order.symbol && $0.side == order.side
      }),
      next.clientOrderId != order.clientOrderId, !record.hasAsked(about: order, from: order.time, to: next.time)
    else { return nil }
    return next
  }

  static func words(_ order: BotRecord.Order) -> String {
    "\(order.clientOrderId) (\(order.side) \(order.amount) \(order.symbol))"
  }

  /// Reads orders of which an event was kept from the bot, and questions.
  ///
  /// Source: FAULTS.md 1, a fill that never arrives on a stream that is otherwise healthy.
  static let botLearnsWhatItMissed = BotCheck(
    "bot-learns-what-it-missed",
    "of an order whose event a fault kept from the stream the bot learns by asking, before it sends the same again"
  ) { record in
    let missed = record.orders.filter { $0.hasLostEvents && record.streams.contains { $0.names.contains("user") } }
    if missed.isEmpty { return skip("no event was kept from a stream of the bot") }
    // The answer to the order itself may have told it.
    let wrong = missed.filter { order in
      guard let lost = order.lostAt, lost > order.answered || order.isUnclear else { return false }
      let next = record.orders.first { $0.time > lost && $0.symbol == order.symbol && $0.side == order.side }
      let limit = lost + askLimit
      if let next { return !record.hasAsked(about: order, from: lost, to: next.time) }
      return limit <= record.end && !record.hasAsked(about: order, from: lost, to: limit)
    }
    if wrong.isEmpty { return pass("\(missed.count) orders with lost events, all learnt of") }
    return fail("\(wrong.count) of \(missed.count) orders with lost events were not asked for", wrong.map(words))
  }
}
