import Basics
import Trading

extension Check {
  /// Reads the polls of the venue's truth, MD_POLL_FAILED and STALE_SNAPSHOTS_WARNING of the engine's log, MD_POLL_MS and
  /// EXCHANGE_TIMEOUT_S of config.json.
  ///
  /// A venue that fails or answers late is no fault of the feed: it is judged by the time that it leaves a symbol unasked.
  public static let feedAlive = Check(
    .feedAlive, "every symbol's quotes are asked for all the time, whatever the venue answers; failures are reported",
    log: .accusations
  ) { record throws(Unjudged) in
    let name = CheckName.feedAlive
    let limit = try record.quoteAgeLimit()
    try record.requirePolls()
    let lasted = record.end - record.run.start
    if record.polls.isEmpty, lasted <= limit.duration {
      return .open(name, "the session was shorter than \(limit.text) and nothing was polled")
    }
    let pauses = try FeedPauses(record)
    let wrong = pauses.longer(than: limit.duration) + untoldFailures(record, limit.duration)
    let longest = "the longest pause \(seconds(pauses.longest.seconds))"
    if !record.run.isStallFree { return .stalled(name, ["\(record.polls.count) polls, \(longest)"]) }
    if wrong.isEmpty { return .pass(name, "\(record.polls.count) polls, \(longest)") }
    return .fail(name, "the feed paused for more than \(limit.text), or failed in silence", wrong)
  }

  /// Runs of polls that the venue refused or left unanswered, and no line between the good answer before and the time by
  /// which quotes are stale.
  private static func untoldFailures(_ record: SessionRecord, _ limit: Duration) -> [String] {
    if record.count(.logRecordsDropped) > 0 || record.earlyEndOfLog != nil { return [] }
    let told = (record.events(.mdPollFailed) + record.events(.staleSnapshotsWarning)).map(\.time)
    var wrong: [String] = []
    var good = record.run.start
    var failed: (first: Instant, last: Instant)?
    func close() {
      guard let run = failed else { return }
      let due = run.last + limit
      if run.first + Check.reactionSlack < record.end, !told.contains(where: { $0 >= good && $0 <= due }) {
        wrong.append("polls failed from \(run.first.iso8601()) to \(run.last.iso8601()), and no line says so")
      }
    }
    let answers = record.polls.compactMap { poll in poll.answered.map { (at: $0, isGood: poll.isGood) } }
    for (answered, isGood) in answers.sorted(by: { $0.at < $1.at }) {
      if isGood {
        close()
        (good, failed) = (answered, nil)
      } else {
        failed = (failed?.first ?? answered, answered)
      }
    }
    close()
    return wrong
  }
}

/// The times in which the venue was not being asked for a symbol's quotes.
private struct FeedPauses {
  private struct Pause {
    var length: Duration
    var until: Instant
    var symbols: [String]
  }

  private var pauses: [Pause] = []

  var longest: Duration { pauses.reduce(.zero) { max($0, $1.length) } }

  /// A poll covers its symbols from its request to its answer, or to the time-out of its caller. Of the answer's own time one
  /// interval counts as a pause: a feed whose rounds take many calls pays for each. A poll that is overdue may be given up
  /// and made again; while two are overdue the venue is not there to be asked.
  init(_ record: SessionRecord) throws(Unjudged) {
    let timeout = try record.settingTime(.exchangeTimeoutS) + .milliseconds(Int64(Check.timeSlackMs))
    let interval = try record.settingTime(.mdPollMs)
    // While the venue asks for no call, nobody polls.
    let asked = Stretches(record.truth.pauses)
    func idle(_ start: Instant, _ end: Instant) -> Duration { asked.uncovered(in: .from(start, to: end)) }
    // Nearly all polls ask for the same symbols, so that they are looked up once.
    var numbers: [String: Int] = [:]
    var symbols: [(covered: Instant?, took: Duration)] = []
    var (last, places): ([String], [Int]) = ([], [])
    var overdue: Instant?
    for poll in record.polls {
      let end = poll.answered ?? .distantFuture
      var done = max(poll.asked, min(end, poll.asked + timeout))
      if end > done {
        if let overdue { done = max(done, min(end, overdue)) }
        overdue = max(overdue ?? end, end)
      }
      if poll.symbols != last {
        last = poll.symbols
        places = last.map { symbol in
          if let place = numbers[symbol] { return place }
          numbers[symbol] = symbols.count
          symbols.append((nil, .zero))
          return symbols.count - 1
        }
      }
      for (symbol, at) in zip(poll.symbols, places) {
        note(idle(symbols[at].covered ?? record.run.start, poll.asked) + symbols[at].took, poll.asked, symbol)
        symbols[at].covered = max(symbols[at].covered ?? done, done)
        symbols[at].took = min(done - poll.asked, interval)
      }
    }
    for (symbol, at) in numbers.sorted(by: { $0.key < $1.key }) {
      note(idle(symbols[at].covered ?? record.run.start, record.end), record.end, symbol)
    }
    if record.polls.isEmpty { note(record.end - record.run.start, record.end, "nothing was ever asked") }
  }

  private mutating func note(_ length: Duration, _ until: Instant, _ symbol: String) {
    if let last = pauses.last, last.until == until, last.length == length {
      pauses[pauses.count - 1].symbols.append(symbol)
    } else if length > .zero {
      pauses.append(Pause(length: length, until: until, symbols: [symbol]))
    }
  }

  func longer(than limit: Duration) -> [String] {
    pauses.filter { $0.length > limit }.map { pause in
      let more = pause.symbols.count > 1 ? " and \(pause.symbols.count - 1) more symbols" : ""
      return
        "\(pause.symbols[0])\(more): \(seconds(pause.length.seconds)) without a poll until \(pause.until.iso8601())"
    }
  }
}
