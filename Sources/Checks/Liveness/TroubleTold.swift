import Basics
import Trading

extension Check {
  /// Reads the polls, the orders and the calls of the venue's truth against STALE_SNAPSHOTS_WARNING, EXIT_REFUSED,
  /// FOREIGN_ORDER and ORDER_FAILED of the engine's log; MD_POLL_MS, ROUTER_MAX_RETRIES, ENGINE_CYCLE_MS,
  /// BUDGET_REFRESH_TIMEOUT_S and EXCHANGE_TIMEOUT_S of config.json.
  ///
  /// While the main loop waits for balances it tells nothing. A stalled schedule excuses what is told late.
  public static let troubleTold = Check(
    .troubleTold,
    "stale quotes are told, no others, and so is a position that the venue refuses again and again to take, once, or an order of "
      + "somebody else's; a refusal is told when it comes, however late that is",
    log: .duties
  ) { record throws(Unjudged) in
    let name = CheckName.troubleTold
    try record.requirePolls()
    if record.count(.logRecordsDropped) > 0 { return .open(name, "lines of the log are missing") }
    let cycle = try record.settingTime(.engineCycleMs) + reactionSlack
    let timeout = try record.settingTime(.exchangeTimeoutS)
    let blocked = Stretches(try EngineBlocks(record).waits)
    let quotes = untoldStaleness(record, try record.quoteAgeLimit().duration, cycle, blocked)
    let needless = needlessWarnings(record, try record.quoteAgeLimit().duration, timeout)
    let exits = try untoldRefusals(record, cycle)
    let strangers = untoldStrangers(record, timeout)
    let refusals = refusalsToldLate(record, cycle)
    let wrong = quotes.wrong + needless + exits.wrong + strangers.wrong + refusals.wrong
    if !record.run.isStallFree { return .stalled(name, wrong) }
    let count = quotes.count + exits.count + strangers.count + refusals.count
    if count == 0 {
      return .notApplicable(
        name, "quotes were never stale, no order was refused, nobody else ordered")
    }
    if wrong.isEmpty { return .pass(name, "\(counted(count, "trouble")) told") }
    return .fail(name, "\(wrong.count) troubles were not told", wrong)
  }

  /// Orders of somebody else's that the user stream told, or the list of open orders, and the engine did not.
  private static func untoldStrangers(
    _ record: SessionRecord, _ timeout: Duration
  ) -> (count: Int, wrong: [String]) {
    let told = record.events(.foreignOrder).compactMap { $0.text(.clientOrderId) }
    let absent = Stretches(record.run.absences(of: .userStream))
    let listless = Stretches(record.run.absences(of: .reconciler) + record.truth.pauses)
    let due = record.truth.foreign.filter { order in
      if let told = order.told { return absent.uncovered(in: .from(told, to: record.end)) > reactionSlack }
      // What is in the list may have to wait until the trades of other orders are asked for.
      return record.truth.lists.contains { list in
        guard list.isGood, let answered = list.answered, list.asked >= order.time else { return false }
        return (order.changed ?? .distantFuture) > answered
          && listless.uncovered(in: .from(answered, to: record.end)) > timeout + reactionSlack
      }
    }
    let wrong = due.filter { !told.contains($0.id) }.map {
      "\($0.id) is somebody else's, there since \(($0.told ?? $0.time).iso8601()), and no \(EventName.foreignOrder)"
    }
    // Its own orders an engine has to know, also those that ended long ago.
    let own = told.filter { record.truth.order($0) != nil }
      .map { "\($0) is called somebody else's, and was sent by the engine" }
    return (due.count + own.count, wrong + own)
  }

  /// Orders that the venue refused for good and that failed long after: whoever throws a refusal away for which nobody waited any
  /// more keeps the order's money reserved until queries have run their course. Those that never failed `errors-observable` has.
  private static func refusalsToldLate(
    _ record: SessionRecord, _ cycle: Duration
  ) -> (count: Int, wrong: [String]) {
    let end = record.run.shutdownRequested ?? record.end
    let told = record.truth.orders.compactMap { order -> (id: String, refused: Instant, told: Instant)? in
      guard order.end?.how == .refused, let last = order.places.last, last.isPermanent, let answered = last.answered,
        answered + cycle < end, let engine = record.engineOrders[order.id],
        let told = [engine.failedAt, engine.lostAt].compactMap({ $0 }).min()
      else { return nil }
      return (order.id, answered, told)
    }
    let wrong = told.filter { $0.told > $0.refused + cycle }.map { id, refused, told in
      "\(id) was refused for good at \(refused.iso8601()), and failed \(seconds((told - refused).seconds)) later"
    }
    return (told.count, wrong)
  }

  /// Pauses between answers with quotes that are longer than quotes may be old, and no warning within them.
  private static func untoldStaleness(
    _ record: SessionRecord, _ age: Duration, _ cycle: Duration, _ blocked: Stretches
  ) -> (count: Int, wrong: [String]) {
    let answers = record.polls.filter { $0.isGood && !$0.quotes.isEmpty }.compactMap(\.answered).filter {
      $0 <= record.end
    }
    let warnings = record.events(.staleSnapshotsWarning).map(\.time)
    var count = 0
    var wrong: [String] = []
    var last = record.run.start
    for answer in answers.sorted() + [record.end] {
      let due = last + age
      if answer > due, blocked.uncovered(in: due..<answer) > cycle {
        count += 1
        if !warnings.contains(where: { $0 >= last && $0 <= answer + cycle }) {
          wrong.append(
            "no quotes from \(last.iso8601()) to \(answer.iso8601()), and no \(EventName.staleSnapshotsWarning)")
        }
      }
      last = answer
    }
    return (count, wrong)
  }

  /// Warnings of stale quotes though an answer with some had come within the age that they may have.
  private static func needlessWarnings(_ record: SessionRecord, _ age: Duration, _ timeout: Duration) -> [String] {
    let absences = record.run.absences(of: .marketData)
    // One that comes while the warning is being written comes too late for it.
    let slack = Duration.milliseconds(Int64(timeSlackMs))
    // One that was given up, or whose asker died, never reached a decision.
    let answers = record.polls.filter { $0.isGood && !$0.prices.isEmpty }.compactMap { poll in
      poll.answered.flatMap { $0 - poll.asked < timeout ? $0 : nil }
    }.filter { answer in !absences.contains { $0.lowerBound >= answer && $0.lowerBound <= answer + reactionSlack } }
    return record.events(.staleSnapshotsWarning).compactMap { warning in
      guard
        let last = answers.last(where: { $0 + slack <= warning.time })
          ?? (warning.time - record.run.start < age ? record.run.start : nil),
        warning.time - last < age
      else { return nil }
      return "\(record.place(warning)): quotes had come \(seconds((warning.time - last).seconds)) before, and may be "
        + "\(seconds(age.seconds)) old"
    }
  }

  /// Symbols whose sale was refused for good so often in a row that it has to be told.
  private static func untoldRefusals(
    _ record: SessionRecord, _ cycle: Duration
  ) throws(Unjudged) -> (count: Int, wrong: [String]) {
    let told = record.events(.exitRefused).compactMap { event in
      event.text(.symbol).map { (symbol: $0, time: event.time) }
    }
    let hearing = try Hearing(record)
    var count = 0
    var wrong: [String] = []
    let sales = Dictionary(grouping: record.truth.orders.filter { !$0.isBuy }, by: \.symbol)
    for (symbol, sales) in sales.sorted(by: { $0.key < $1.key }) {
      var rule = try ExitPauseRule(record)
      var wasAlarming = false
      var alarms = 0
      for sale in sales {
        guard let ended = sale.end?.time else { continue }
        let end = max(ended, hearing.time(ofEndOf: sale) ?? ended)
        _ = rule.ended(sale, heard: end)
        if rule.isAlarming, !wasAlarming { alarms += 1 }
        if rule.isAlarming, !wasAlarming, end + cycle < record.end {
          count += 1
          if !told.contains(where: { $0.symbol == symbol && $0.time >= end && $0.time <= end + cycle }) {
            wrong.append(
              "\(symbol): \(sale.id) was refused for good as the ones before, and no \(EventName.exitRefused)")
          }
        }
        wasAlarming = rule.isAlarming
      }
      let words = told.filter { $0.symbol == symbol }
      if words.count > alarms, let last = words.last {
        wrong.append(
          "\(symbol): \(words.count) times \(EventName.exitRefused), the last at \(last.time.iso8601()), and "
            + "\(counted(alarms, "run")) of refusals")
      }
    }
    return (count, wrong)
  }
}
