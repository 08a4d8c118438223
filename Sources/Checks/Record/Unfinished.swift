import Basics
import Trading

/// What can be said of a session that has no end: it was killed, or it still runs.
///
/// Its files are the beginning of what a whole session writes. A check is red on a beginning only where nothing that may
/// follow could make it good again: an order that was placed twice, a failure whose ERROR line is missing though the log
/// goes on past its limit. What a check says of the end, or of what is still under way, stays inconclusive. So a good
/// engine is never red, whenever it is killed.
extension SessionRecord {
  /// Up to when both logs are known to be complete: each of them was written until then at least. A venue that nobody asks
  /// has no lines; then run.json shows how far it was written, which is the end of its last phase.
  var knownUntil: Instant {
    min(events.last?.time ?? run.start, max(venue.last?.time ?? run.start, run.phases.last?.end ?? run.start))
  }

  /// The same session as if the engine had been asked to end at the last moment that is known in full.
  var known: SessionRecord {
    var record = self
    record.run.shutdownRequested = knownUntil
    // What the log may not have told yet of an order is no reason to judge it.
    record.orders.removeAll { $0.firstRequest > knownUntil }
    record.truth.forgetOrders(after: knownUntil)
    return record
  }

  /// The last word on a session without an end: what follows from its verdicts; nil: it has one.
  public func endMissing(_ verdicts: [Verdict]) -> String? {
    guard run.isUnfinished else { return nil }
    let red = verdicts.count { $0.outcome == .fail }
    let rest =
      red == 0 ? "no check is red so far" : "\(counted(red, "check")) \(red == 1 ? "is" : "are") red whatever follows"
    return "inconclusive   \(Self.unfinished); \(rest), of the others nothing is known"
  }
}

extension Check {
  /// How each check judges a beginning; those that are not here need the end.
  private static let onBeginnings: [CheckName: @Sendable (SessionRecord) -> Verdict] = [
    .intentsSettled: { intentsSettled.judge($0.known) },
    .errorsObservable: { silentRefusals($0.known) },
    .fundsConserved: { fundsConserved.judge($0) },
    .budgetBalances: { budgetBalances.judge($0) },
    .noDuplicateOrders: { noDuplicateOrders.judge($0) },
    .exposureWithinLimits: { exposureWithinLimits.judge($0) },
    .validOrdersSent: { validOrdersSent.judge($0) },
    .noFutileRetries: { noFutileRetries.judge($0) },
    .idempotentKeys: { idempotentKeys.judge($0) },
    .entriesWithinLimits: { entriesWithinLimits.judge($0.known) },
    .pricesWithinSlippage: { pricesWithinSlippage.judge($0.known) },
    .pausesKept: { pausesKept.judge($0.known) },
    .streamReopened: { streamReopened.judge($0.known) },
    .limitsRespected: { limitsRespected.judge($0.known) },
    .requestsPaced: { requestsPaced.judge($0.known) },
    .questionsBounded: { questionsBounded.judge($0.known) },
    .levelsKept: { levelsKept.judge($0) },
    .dropsTold: { dropsTold.judge($0) },
    .callsGivenTime: { callsGivenTime.judge($0.known) },
    .ordersExpire: { ordersExpire.judge($0.known) },
    .salesJustified: { salesJustified.judge($0.known) },
    .entriesJustified: { entriesJustified.judge($0.known) },
    .signalsActedOn: { signalsActedOn.judge($0.known) },
    .exitsOffered: { exitsOffered.judge($0.known) },
    .ordersWatched: { ordersWatched.judge($0.known) },
    .balancesAsked: { balancesAsked.judge($0.known) },
    .heartbeatsOnTime: { heartbeatsOnTime.judge($0.known) },
    .decisionsOnTime: { decisionsOnTime.judge($0) },
    .budgetRefreshBounded: { budgetRefreshBounded.judge($0) },
    .exchangeCallsBounded: { exchangeCallsBounded.judge($0) },
    .loggingBounded: { loggingBounded.judge($0) },
    .marketDataFresh: { marketDataFresh.judge($0.known) },
    .feedAlive: { feedAlive.judge($0.known) },
    .logComplete: { gapsInTheMiddle($0) },
    .stateRecoverable: { savedState($0) },
  ]

  /// The verdict on a session without an end: red when that is established, else inconclusive.
  static func established(_ check: Check, _ record: SessionRecord) -> Verdict {
    guard let judge = onBeginnings[check.id] else { return .open(check.id, SessionRecord.unfinished) }
    let verdict = judge(record)
    return verdict.outcome == .fail ? verdict : .open(check.id, SessionRecord.unfinished)
  }

  /// Refusals that the venue told the engine and that have no ERROR line. A failure that it has to find out by asking may
  /// take longer than any limit while a fault keeps the answer back.
  private static func silentRefusals(_ record: SessionRecord) -> Verdict {
    guard let limit = try? record.settleLimit().duration else {
      return .open(.errorsObservable, SessionRecord.unfinished)
    }
    let silent = failures(record).silent.filter { order in
      guard order.end == .refused, let time = order.endedAt, record.end - time > limit else { return false }
      // A gateway's error (5xx) does not tell whether the order was placed.
      return !(order.code?.count == 3 && order.code?.hasPrefix("5") == true)
    }
    if silent.isEmpty { return .open(.errorsObservable, SessionRecord.unfinished) }
    return .fail(
      .errorsObservable, "\(silent.count) refused orders have no ERROR line with code and reason",
      silent.map { "\($0.clientOrderId): refused with code \($0.code ?? "?") \($0.text ?? "")" })
  }

  /// Torn lines before the last one, lost records and heartbeats; the last line may have been on its way.
  private static func gapsInTheMiddle(_ record: SessionRecord) -> Verdict {
    let last = [
      record.eventsPath: record.events.last?.line, "logs/jsonl/orders.jsonl": record.orderEvents?.last?.line,
    ].compactMapValues { $0 }
    var wrong = record.tornLines.filter { place in
      guard let colon = place.lastIndex(of: ":"), let line = Int(place[place.index(after: colon)...]) else {
        return false
      }
      return line < last[String(place[..<colon])] ?? 0
    }.map { "\($0) is torn" }
    wrong += lostRecords(record) + heartbeatGaps(record)
    if wrong.isEmpty { return .open(.logComplete, SessionRecord.unfinished) }
    return .fail(.logComplete, "\(wrong.count) gaps in the log", wrong)
  }

  /// The state file against the log, where the log goes on beyond the moment of the save.
  private static func savedState(_ record: SessionRecord) -> Verdict {
    let saved = record.state?[.lastUpdate]?.string.flatMap { Instant(iso8601: $0) }
    if let saved, saved + saveSlack + saveSlack > record.knownUntil {
      return .open(.stateRecoverable, SessionRecord.unfinished)
    }
    return stateRecoverable.judge(record)
  }
}
