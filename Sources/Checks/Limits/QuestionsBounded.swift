import Basics
import Trading

extension Check {
  /// Reads every kind of question of the venue's truth that an engine repeats, and what it was answered; run.json for threads that
  /// were away; ORDER_FAILED and ORDER_LOST of the engine's log, behind which an order is looked for; EXCHANGE_TIMEOUT_S and
  /// RECONCILE_AFTER_S of config.json. Polls, balances and the queries for an order that lives are judged by `requests-paced`.
  ///
  /// What is asked again has a pace, which grows where nobody answers, a reason, and an end. What must be asked until it is answered
  /// is asked. An engine that ends asks as fast as it must.
  public static let questionsBounded = Check(
    .questionsBounded,
    "what the venue is asked again has a reason, a pace and an end: trades, orders that ended, market rules, open orders, its "
      + "clock, connections of the user stream and their keys"
  ) { record throws(Unjudged) in
    let name = CheckName.questionsBounded
    let truth = record.truth
    let count =
      truth.rules.count + truth.openings.count + truth.renewals.count + truth.lists.count + truth.clocks.count
      + truth.orders.reduce(0) { $0 + $1.lists.count + $1.queries.count }
    if count == 0 { return .open(name, "the venue was asked nothing that is asked again") }
    let timeout = try record.settingTime(.exchangeTimeoutS)
    var wrong = Questions(record, timeout).wrong
    wrong += try endedOrdersAskedFor(record, timeout)
    if !record.run.isStallFree { return .stalled(name, [counted(count, "question")]) }
    if wrong.isEmpty { return .pass(name, "\(counted(count, "question")), none without reason and none too soon") }
    return .fail(name, "\(counted(wrong.count, "question")) without a reason, too soon, or missing", wrong)
  }

  /// How long an order is looked for that the venue never named, once it was given up.
  private static let suspicion = Duration.seconds(60)
  /// From one look at an order that was given up to the next.
  static let searchInterval = Duration.seconds(10)

  /// Questions about orders of which everything was known, or which nobody has to look for any more.
  private static func endedOrdersAskedFor(_ record: SessionRecord, _ timeout: Duration) throws(Unjudged) -> [String] {
    let hearing = try Hearing(record)
    // A question that waits for its turn was decided on before.
    let slack = timeout + sweepInterval + reactionSlack
    let pauses = Stretches(record.truth.pauses)
    var wrong: [String] = []
    for order in record.truth.orders {
      let heard = order.end == nil ? nil : hearing.time(ofEndOf: order)
      // One that the venue never had is looked for a while longer.
      let givenUp =
        order.takenAt == nil && order.end == nil
        ? record.engineOrders[order.id]?.failedAt.map { $0 + suspicion + searchInterval } : nil
      wrong += hastySearches(for: order, record)
      guard var last = heard ?? givenUp else { continue }
      // Whoever has given it up looks until an answer tells.
      let engine = record.engineOrders[order.id]
      if heard != nil, engine?.failedAt ?? engine?.lostAt != nil {
        guard let answered = order.queries.first(where: { $0.asked >= last && $0.isGood })?.answered else { continue }
        last = max(last, answered)
      }
      let late = (order.queries + order.cancels).filter {
        $0.asked > last && $0.asked < record.end && pauses.uncovered(in: last..<$0.asked) > slack
      }
      guard let first = late.min(by: { $0.asked < $1.asked }) else { continue }
      wrong.append(
        "\(order.id): asked for \(counted(late.count, "time")) from \(first.asked.iso8601()) on, "
          + (heard == nil ? "the venue never had it and it was given up long before" : "its end was known")
          + " at \(last.iso8601())")
    }
    return wrong
  }
}

extension Check {
  /// Looks for an order that was given up, faster than one that has all the time of the world. One that was held up may be
  /// followed by the next one early, once; news of the order hurries the next one.
  private static func hastySearches(for order: OrderTraffic, _ record: SessionRecord) -> [String] {
    let engine = record.engineOrders[order.id]
    guard let since = [engine?.failedAt, engine?.lostAt].compactMap({ $0 }).min() else { return [] }
    let looks = order.queries.map(\.asked).filter { $0 > since + reactionSlack && $0 < record.end }
    return zip(looks, looks.dropFirst(2)).compactMap { first, third in
      guard third - first < searchInterval,
        !order.news.contains(where: { $0 >= first.minus(reactionSlack) && $0 <= third })
      else { return nil }
      return
        "\(order.id): looked for 3 times within \(seconds((third - first).seconds)) until \(third.iso8601()), though it was "
        + "given up"
    }
  }
}

/// Questions of each kind, judged one after another.
private struct Questions {
  /// Pause behind a question that was not answered, at least; where none other is promised.
  private static let retry = Duration.seconds(1)
  /// Longest pause between two attempts to open the user stream.
  private static let openingPauseMax = Duration.seconds(30)
  /// The key of a user stream lives for an hour, and is renewed at half of it.
  private static let renewal = Duration.seconds(1800)
  /// Questions for the trades of one order that no answer about it asks for, and the pause between two.
  private static let feeQuestionsMax = 6
  private static let feeInterval = Duration.seconds(10)
  private static let slack = Duration.milliseconds(Int64(Check.timeSlackMs))
  /// A request's time was too far from the venue's: MEXC, Binance.
  private static let clockCodes = ["700003", "-1021"]
  /// A clock that drifts away by a tenth of its time is still within a second of the venue's then.
  private static let clockHelps = Duration.seconds(10)

  private let record: SessionRecord
  private let timeout: Duration
  private(set) var wrong: [String] = []

  init(_ record: SessionRecord, _ timeout: Duration) {
    self.record = record
    self.timeout = timeout
    for order in record.truth.orders { judgeTrades(of: order) }
    judgeRules()
    judgeOpenings()
    judgeRenewals()
    judgeCensus()
    judgeClock()
  }

  /// An answer that tells of fills and no fee may be followed by one question for the trades. What else is asked is asked again,
  /// for a while.
  private mutating func judgeTrades(of order: OrderTraffic) {
    guard !order.lists.isEmpty else { return }
    var answers = (order.queries + order.cancels + order.places).filter(\.isGood).compactMap(\.answered).sorted()
    var others: [VenueCallFact] = []
    for list in order.lists where list.asked < record.end {
      if let own = answers.firstIndex(where: { $0 <= list.asked && list.asked - $0 <= timeout + Check.reactionSlack }) {
        answers.remove(at: own)
      } else {
        others.append(list)
      }
    }
    if others.count > Self.feeQuestionsMax + record.run.absences(of: .reconciler).count {
      wrong.append(
        "\(order.id): asked for its trades \(order.lists.count) times, \(others.count) of them behind no answer about it, and "
          + "\(Self.feeQuestionsMax) are enough")
    }
    // One that was held up may be followed by the next one early, once.
    for (first, third) in zip(others, others.dropFirst(2)) where third.asked - first.asked < Self.feeInterval {
      wrong.append(
        "\(order.id): asked for its trades 3 times within \(seconds((third.asked - first.asked).seconds)) until "
          + third.asked.iso8601())
    }
  }

  /// Asked for until the venue tells them, and again when it has refused an order; until it tells them then.
  private mutating func judgeRules() {
    let calls = record.truth.rules.filter { $0.asked < record.end }
    let absences = record.run.absences(of: .engineMain)
    for (first, next) in zip(calls, calls.dropFirst()) {
      let gap = next.asked - first.end(timeout: timeout)
      if first.isGood, !first.hangs(timeout) {
        if record.truth.refusals.contains(where: { $0 >= first.asked && $0 <= next.asked }) { continue }
        wrong.append(
          "market rules asked for at \(next.asked.iso8601()), though they were known and nothing was refused")
      } else if gap < Self.retry.less(Self.slack),
        !absences.contains(where: { $0.overlaps(.from(first.asked, to: next.asked)) })
      {
        wrong.append("market rules asked for again \(milliseconds(gap.milliseconds)) after nobody told them")
      }
    }
    guard let cycle = record.settings.time(.engineCycleMs),
      let blocked = try? EngineBlocks(record).waits
    else { return }
    let held = Stretches(blocked + absences + record.truth.pauses)
    for (index, call) in calls.enumerated() where !call.isGood {
      let next = index + 1 < calls.count ? calls[index + 1].asked : record.end
      let since = call.end(timeout: timeout)
      let waited = held.uncovered(in: .from(since, to: next))
      // A bare 429 doubles the pause of its kind of call each time.
      if call.errorClass == "limit" || waited <= Self.retry + cycle + Check.reactionSlack { continue }
      wrong.append(
        "market rules were not told at \(since.iso8601()), and nobody asked again for \(seconds(waited.seconds))")
    }
  }

  /// Each attempt that fails is followed by the next one after a pause, which doubles up to its most.
  private mutating func judgeOpenings() {
    let calls = record.truth.openings.filter { $0.asked < record.end }
    let absences = record.run.absences(of: .userStream)
    var failures = 0
    for (call, next) in zip(calls, calls.dropFirst()) {
      let since = call.end(timeout: timeout)
      let meanwhile = Range.from(since, to: next.asked)
      if call.isGood && !call.hangs(timeout)
        || absences.contains(where: { $0.overlaps(.from(call.asked, to: next.asked)) })
      {
        failures = 0
        continue
      }
      failures += 1
      let due = min(Self.retry * (1 << min(failures - 1, 10)), Self.openingPauseMax)
      let gap = meanwhile.length
      if gap < due.less(Self.slack) {
        wrong.append(
          "the user stream was tried again \(milliseconds(gap.milliseconds)) after attempt \(failures), "
            + "\(milliseconds(due.milliseconds)) are due")
      }
      // Attempts within a pause of the venue's never reach it, and lengthen the pause all the same.
      if call.errorClass == "limit"
        || record.truth.pauses.contains(where: { $0.overlaps(.from(call.asked, to: next.asked)) })
      {
        failures = 10
        continue
      }
      if failures < 10, gap > due + Check.reactionSlack {
        wrong.append(
          "the user stream was tried again only \(seconds(gap.seconds)) after attempt \(failures), "
            + "\(seconds(due.seconds)) are due")
      }
    }
  }

  private mutating func judgeRenewals() {
    let calls = record.truth.renewals
    for (call, next) in zip(calls, calls.dropFirst()) where next.asked - call.asked < Self.renewal.less(Self.slack) {
      wrong.append("the user stream's key was renewed again after \(seconds((next.asked - call.asked).seconds))")
    }
    // Whoever waits for a connection, or had to be started again, renews it later.
    let held = Stretches(record.truth.pauses + record.run.absences(of: .userStream))
    var last = record.run.start
    for next in calls.map(\.asked).filter({ $0 < record.end }) + [record.end] {
      let waited = held.uncovered(in: .from(last, to: next))
      if waited > Self.renewal + Self.openingPauseMax + timeout {
        wrong.append("the user stream's key was not renewed from \(last.iso8601()) on for \(seconds(waited.seconds))")
      }
      last = next
    }
  }

  /// Asked for at the start and behind each new connection, and again where nobody answered.
  private mutating func judgeCensus() {
    let calls = record.truth.lists.filter { $0.asked < record.end }
    let openings = record.truth.openings.filter(\.isGood)
    let askersEnded = record.run.endedFollowUps
    for (call, next) in zip(calls, calls.dropFirst()) {
      if openings.contains(where: { $0.asked <= next.asked && ($0.answered ?? $0.asked) >= call.asked }) { continue }
      let end = call.end(timeout: timeout)
      if askersEnded.contains(where: { call.asked <= $0 && $0 <= end + Self.slack }) { continue }
      let gap = next.asked - end
      if call.isGood, !call.hangs(timeout) {
        wrong.append(
          "open orders asked for again at \(next.asked.iso8601()), though they were told and nothing was missed")
      } else if gap < Check.searchInterval.less(Self.slack) {
        wrong.append("open orders asked for again \(seconds(gap.seconds)) after nobody told them")
      }
    }
    judgeMissingCensus(calls, openings)
  }

  /// Threads that ask for orders of which nobody answers are away.
  private static let hungMax = 16

  /// Somebody else's orders show up in the list alone where the stream was not open: whoever gets none asks until he has it.
  /// One list at a time is asked for.
  private mutating func judgeMissingCensus(_ calls: [VenueCallFact], _ openings: [VenueCallFact]) {
    let hung = record.truth.orders.flatMap { order in
      (order.queries + order.cancels + order.lists).filter { $0.hangs(timeout) }
        .map { Range.from($0.asked, to: $0.answered ?? .distantFuture) }
    }
    let held = Stretches(
      record.truth.pauses + record.run.absences(of: .reconciler, .userStream)
        + Stretches.overlaps(of: Self.hungMax, in: hung)
        + calls.map { .from($0.asked, to: $0.end(timeout: timeout)) })
    let due =
      calls.filter { !$0.isGood }.map { call in
        (since: call.end(timeout: timeout), pause: Check.searchInterval, why: "nobody told them")
      }
      + openings.compactMap { opening in
        opening.answered.map { (since: $0, pause: .zero, why: "the user stream was opened") }
      }
    for (since, pause, why) in due where since < record.end {
      let next = calls.first { $0.asked >= since }?.asked ?? record.end
      let waited = held.uncovered(in: .from(since, to: next))
      if waited > pause + Check.sweepInterval + Check.reactionSlack {
        wrong.append(
          "open orders: \(why) at \(since.iso8601()), and nobody asked for them for \(seconds(waited.seconds))")
      }
    }
  }

  /// Asked for where a request's time was refused, once for each.
  private mutating func judgeClock() {
    for (index, call) in record.truth.clocks.enumerated() where call.asked < record.end {
      let refusals = record.truth.refusals.count { $0 <= call.asked }
      if refusals <= index {
        wrong.append(
          "the venue's time asked for at \(call.asked.iso8601()), \(index + 1) times for \(refusals) refusals")
      }
    }
    judgeCorrections()
  }

  /// Where the time was told, calls of the seconds that follow bear it: an offset that is taken the wrong way does not help.
  private mutating func judgeCorrections() {
    let told = record.truth.clocks.filter(\.isGood).compactMap(\.answered).sorted()
    if told.isEmpty { return }
    var asked: [String: Instant] = [:]
    var fields = FieldIndex()
    for line in record.venue where (line.kind == "request" || line.kind == "reply") && line.time < record.end {
      fields.load(line)
      guard let id = fields.code(.id) else { continue }
      if line.kind == "request" {
        asked[id] = line.time
      } else if let start = asked.removeValue(forKey: id), Self.clockCodes.contains(fields.code(.code) ?? ""),
        let last = told.last(where: { $0 < start }), start - last <= Self.clockHelps,
        !record.run.phases.contains(where: { $0.start > last && $0.start <= line.time })
      {
        wrong.append(
          "\(line.venuePlace): \(fields.text(.call) ?? "a call") was refused for its time, "
            + "\(seconds((start - last).seconds)) after the venue's was asked for")
      }
    }
  }
}
