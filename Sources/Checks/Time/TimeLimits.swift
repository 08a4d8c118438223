import Basics
import Trading

/// A limit in time, and the settings that it comes from.
struct TimeLimit {
  var duration: Duration
  /// Such as `EXCHANGE_TIMEOUT_S 10 s + RECONCILE_AFTER_S 3 s`.
  var origin: String

  /// For reasons: the limit with its origin in parentheses.
  var text: String { "\(seconds(duration.seconds)) (\(origin))" }
}

extension Check {
  /// Scheduling and logging that a caller's time-out may add before its line is written, in milliseconds: no setting's
  /// time, but what the measuring itself may take.
  static let timeSlackMs = 250.0

  /// The reconciler looks every 0.5 s; as much again for the venue's answer and the line about it.
  static let reactionSlack = Duration.seconds(1)
}

extension SessionRecord {
  /// How long after an order's end at the venue the engine may not know of it: the call that placed it may time out, and an
  /// order of which nothing is heard is asked for a while later. Where the venue does not answer either, more is due
  /// (`VenueWord`).
  func settleLimit() throws(Unjudged) -> TimeLimit {
    let (call, quiet) = (try settingTime(.exchangeTimeoutS), try settingTime(.reconcileAfterS))
    return TimeLimit(
      duration: call + quiet + Check.reactionSlack,
      origin: "EXCHANGE_TIMEOUT_S \(seconds(call.seconds)) + RECONCILE_AFTER_S \(seconds(quiet.seconds)) + "
        + seconds(Check.reactionSlack.seconds))
  }

  /// The oldest that a change of the state may be which is not on the disk yet.
  func unsavedLimit() throws(Unjudged) -> TimeLimit {
    let interval = try settingTime(.statePersistIntervalS)
    let slack = Duration.seconds(2)  // what a save may take on a slow disk
    return TimeLimit(
      duration: interval + slack,
      origin: "STATE_PERSIST_INTERVAL_S \(seconds(interval.seconds)) + \(seconds(slack.seconds))")
  }

  /// The age from which quotes are stale: four polls, and 10 s at least, since a poll may take its time.
  func quoteAgeLimit() throws(Unjudged) -> TimeLimit {
    if let poll = settings.time(.mdPollMs) {
      return TimeLimit(duration: max(.seconds(10), poll * 4), origin: "4 times MD_POLL_MS, 10 s at least")
    }
    if let limit = run.limit(.quotesMs), limit > 0, limit <= 1e10 {
      return TimeLimit(duration: .nanoseconds(Int64(limit * 1e6)), origin: "quotes_ms of run.json")
    }
    throw Unjudged(reason: "config.json names no \(SettingName.mdPollMs), run.json no limit quotes_ms")
  }

  /// A limit in milliseconds: what the settings ask for, which the engine may have misread; where config.json is silent, what
  /// the engine says that it keeps to.
  func limitMs(_ name: LimitName, _ setting: SettingName) -> Double? {
    settings.time(setting)?.milliseconds ?? run.limit(name)
  }

  /// The same of money, in the quote asset.
  func limitOfOneSymbol() -> Decimal? {
    settings.text(.maxPerSymbolUsd).flatMap { RecordLimits.decimal($0) } ?? run.money(.perSymbolQuoteMax)
  }

  /// So many positions and entries at a time, each within its own limit.
  func limitOfAllSymbols() -> Decimal? {
    guard let count = settings.count(.maxConcurrentPositions),
      let one = settings.text(.maxPerSymbolUsd).flatMap({ RecordLimits.decimal($0) }),
      let total = try? one.multiplied(by: Decimal(count), rounding: .up)
    else { return run.money(.totalQuoteMax) }
    return total
  }

  /// A setting in force.
  func settingTime(_ name: SettingName) throws(Unjudged) -> Duration {
    if let value = settings.time(name) { return value }
    throw Unjudged(reason: "config.json names no \(name)")
  }
}

extension RunFacts {
  /// Activities beyond their limit whose name begins so, as evidence.
  func overdueEvidence(_ prefix: String) -> [String] {
    overdue.filter { $0.activity.hasPrefix(prefix) }.map {
      "\($0.thread): \($0.activity) took \(milliseconds($0.tookMs)) of \(milliseconds($0.limitMs))"
    }
  }

  /// Incidents within an activity whose name begins so, as evidence.
  func incidentEvidence(_ prefix: String) -> [String] {
    incidents.filter { $0.isIn(prefix) }.map(\.evidence)
  }

  /// An amount among the limits, in the quote asset.
  public func money(_ name: LimitName) -> Decimal? {
    limits.first { $0.name == name.rawValue }.flatMap { RecordLimits.decimal($0.value) }
  }
}

extension RunFacts.IncidentFact {
  func isIn(_ prefix: String) -> Bool { activity?.hasPrefix(prefix) ?? summary.contains("'\(prefix)") }
}
