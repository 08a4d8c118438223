import Basics
import Trading

extension Check {
  /// Reads polls, queries for balances and for orders of the venue's truth, BUDGET_REFRESH of the engine's log, and MD_POLL_MS, BUDGET_REFRESH_INTERVAL_S,
  /// RECONCILE_AFTER_S, ENGINE_CYCLE_MS and EXCHANGE_TIMEOUT_S of config.json; cancels, and ORDER_FAILED and ORDER_LOST behind which a search for the
  /// order begins.
  ///
  /// A poll that was held up may be followed by the next one early, once; so of three polls the last comes one interval after
  /// the first at least. A thread that had to be started again may ask at once. Once the engine is to end, it asks as fast as
  /// it must. A query for balances behind an answer that a sale is unknown is that answer's.
  public static let requestsPaced = Check(
    .requestsPaced,
    "the venue is asked for quotes, balances and silent orders, and told to cancel, no more often than the settings say"
  ) { record throws(Unjudged) in
    let name = CheckName.requestsPaced
    let poll = try record.settingTime(.mdPollMs)
    let refresh = try record.settingTime(.budgetRefreshIntervalS)
    let quiet = try record.settingTime(.reconcileAfterS)
    if record.polls.isEmpty, record.truth.balances.isEmpty { return .open(name, "the venue was never asked") }
    var wrong: [String] = []
    func pace(
      _ what: String, _ times: [Instant], _ least: Duration, _ setting: SettingName, of steps: Int,
      not: [Range<Instant>]
    ) {
      let times = times.filter { $0 <= record.end }.sorted()
      for (first, last) in zip(times, times.dropFirst(steps)) {
        guard last - first < least, !not.contains(where: { $0.overlaps(first..<(last + .nanoseconds(1))) }) else {
          continue
        }
        wrong.append(
          "\(steps + 1) \(what) within \(milliseconds((last - first).milliseconds)) at \(last.iso8601()), \(setting) is "
            + milliseconds(least.milliseconds))
      }
    }
    let slack = Duration.milliseconds(Int64(timeSlackMs))
    // Polls of one moment for parts of the symbols are one.
    let asked = record.polls.reduce(into: [String: [Instant]]()) {
      $0[$1.symbols.first ?? "", default: []].append($1.asked)
    }
    for (_, times) in asked.sorted(by: { $0.key < $1.key }) {
      pace("polls", times, poll.less(slack), .mdPollMs, of: 2, not: record.run.absences(of: .marketData, .engineMain))
    }
    let timeout = try record.settingTime(.exchangeTimeoutS)
    // Whether a sale that the venue does not know was filled the balances tell.
    let unknown = record.truth.orders.filter { !$0.isBuy }.flatMap(\.queries).filter { $0.outcome == "error" }
      .compactMap(\.answered)
    // Without a first answer the engine has no money, and asks sooner.
    let told = record.truth.balances.filter(\.isGood).compactMap(\.answered).min() ?? .distantFuture
    let first =
      record.events(.budgetRefresh).first { $0.time >= told && $0.flag(.timedOut) == false }?.time ?? .distantFuture
    // The interval counts from the query that brought it.
    let since = first == .distantFuture ? first : record.truth.balances.map(\.asked).last { $0 <= first } ?? first
    let regular = record.truth.balances.map(\.asked).filter { asked in
      asked >= since && !unknown.contains { $0 <= asked && asked - $0 <= timeout + reactionSlack }
    }
    // One that was held up is followed by the next one early.
    let slow = record.truth.balances.compactMap { query in
      query.answered.flatMap { $0 - query.asked > reactionSlack ? query.asked..<($0 + .nanoseconds(1)) : nil }
    }
    // So is one that set out late.
    let late = record.run.firings.filter { $0.thread == ThreadName.budgetRefresh.rawValue && $0.action == "sleep" }
      .map { $0.time..<($0.time + refresh) }
    pace(
      "queries for balances", regular, refresh.less(slack), .budgetRefreshIntervalS, of: 1,
      not: record.run.absences(of: .budgetRefresh, .engineMain) + slow + late)
    wrong += try hastyCancels(record, slack)
    for order in record.truth.orders {
      for (query, next) in zip(order.queries, order.queries.dropFirst()) {
        // Whoever asks again behind a cancel wants to know what became of that.
        // What the venue refuses to tell, or does not know yet, may be asked for sooner.
        let least = query.isGood ? quiet : min(quiet, retry)
        guard let answered = query.answered, answered <= next.asked, !query.hangs(timeout), next.asked < record.end,
          next.asked - answered < least.less(slack),
          // What its asker did not live to hear is no answer.
          !query.isUnheard,
          // Behind a connection that was opened anew, or an event that could not be read, everything is asked for; a moment
          // later where a thread is slow to take it in.
          !record.truth.doubts.contains(where: { $0 >= query.asked.minus(reactionSlack) && $0 <= next.asked }),
          !order.cancels.contains(where: { $0.asked >= query.asked && $0.asked <= next.asked }),
          // News of an order that nobody knew hurries the search for it.
          query.isGood || !order.news.contains(where: { $0 >= query.asked && $0 <= next.asked })
        else { continue }
        wrong.append(
          "\(order.id): asked for again \(milliseconds((next.asked - answered).milliseconds)) after the answer, "
            + "\(milliseconds(least.milliseconds)) are due (\(SettingName.reconcileAfterS))")
      }
    }
    let text = "\(record.polls.count) polls, \(record.truth.balances.count) queries for balances"
    if !record.run.isStallFree { return .stalled(name, [text]) }
    if wrong.isEmpty { return .pass(name, "\(text), none too soon") }
    return .fail(name, "\(wrong.count) requests came too soon", wrong)
  }
}

extension Check {
  /// Pause at least behind a question that told nothing, and behind the first cancel that did not end its order.
  private static let retry = Duration.seconds(1)

  /// Cancels of one order that follow each other faster than a venue that refuses them deserves: each pause is twice the one
  /// before, up to RECONCILE_AFTER_S.
  private static func hastyCancels(_ record: SessionRecord, _ slack: Duration) throws(Unjudged) -> [String] {
    let quiet = try record.settingTime(.reconcileAfterS)
    return record.truth.orders.flatMap { order -> [String] in
      // Whoever looks for an order that was given up begins anew.
      let engine = record.engineOrders[order.id]
      let givenUp = [engine?.failedAt, engine?.lostAt].compactMap { $0 }.min() ?? .distantFuture
      return zip(order.cancels, order.cancels.dropFirst()).enumerated().compactMap { index, pair in
        let least = min(retry * (1 << min(index, 10)), quiet)
        guard pair.1.asked < min(record.end, givenUp), pair.1.asked - pair.0.asked < least.less(slack) else {
          return nil
        }
        return "\(order.id): canceled again \(milliseconds((pair.1.asked - pair.0.asked).milliseconds)) after cancel "
          + "\(index + 1), \(milliseconds(least.milliseconds)) are due (\(SettingName.reconcileAfterS))"
      }
    }
  }
}

extension Duration {
  /// The rest; zero where nothing is left.
  func less(_ other: Duration) -> Duration { self > other ? .nanoseconds(nanoseconds - other.nanoseconds) : .zero }
}
