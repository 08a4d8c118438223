import Basics
import Trading

extension Check {
  /// From a connection that the client sees go to the first request for another one.
  private static let lossMax = Duration.seconds(2)
  /// How long a connection may say nothing at all while answers bring news, on top of RECONCILE_AFTER_S.
  private static let silenceMax = Duration.seconds(20)

  /// Reads what became of the user stream, its events and the requests for a new connection in the venue's truth, and
  /// RECONCILE_AFTER_S and EXCHANGE_TIMEOUT_S of config.json.
  ///
  /// A silent connection can be told from a quiet one by what it does not tell: the time counts from the first event that it
  /// should have brought. One that works is left alone: after all that it has told, nothing was missed.
  public static let streamReopened = Check(
    .streamReopened,
    "a user stream that is cut is opened again at once, one that is silent as soon as news comes by other ways, no other"
  ) { record throws(Unjudged) in
    let name = CheckName.streamReopened
    let course = record.truth.stream
    if course.isEmpty, record.truth.openings.isEmpty {
      return .notApplicable(name, "the user stream was open all the time")
    }
    let quiet = try record.settingTime(.reconcileAfterS)
    let timeout = try record.settingTime(.exchangeTimeoutS)
    let held = Stretches(record.truth.pauses + record.run.absences(of: .userStream))
    var wrong: [String] = []
    var losses = 0
    for (index, step) in course.enumerated() where step.what != "open" {
      losses += 1
      let next = index + 1 < course.count ? course[index + 1].time : record.end
      let isLost = step.what == "lost"
      // What was under way when it fell silent is no sign of life, and what was missed before that came is none of silence.
      let heard = isLost ? step.time : max(step.time, record.truth.lastNews(before: next) ?? step.time)
      let start = isLost ? step.time : record.truth.missed.first { $0 > heard && $0 <= next }
      guard let start, start < record.end else { continue }
      let asked = record.truth.streamOpenings.first { $0 >= start } ?? record.end
      // A request may have been under way already.
      let waited = held.uncovered(in: .from(start, to: min(asked, next)))
      let limit = isLost ? lossMax : quiet + timeout + silenceMax
      guard waited > limit else { continue }
      wrong.append(
        "the stream is \(step.what) since \(step.time.iso8601()), and nobody opens another for \(seconds(waited.seconds))"
      )
    }
    wrong += needless(record.truth, timeout)
    let text = "\(losses) times the stream was lost or silent"
    if !record.run.isStallFree { return .stalled(name, [text]) }
    if wrong.isEmpty { return .pass(name, "\(text), each time it was opened again") }
    return .fail(name, "\(wrong.count) times the user stream was not opened again, or without a reason", wrong)
  }

  /// Requests for another connection while the one that is there tells all. What fails is tried again, and a key that the
  /// venue does not renew is a reason too.
  private static func needless(_ truth: VenueTruth, _ timeout: Duration) -> [String] {
    zip([nil] + truth.openings.map(Optional.some), truth.openings).compactMap { before, opening in
      let at = opening.asked
      let standing = truth.stream.last { $0.time <= at }?.what ?? "open"
      guard standing == "open", before?.isGood ?? true, let heard = truth.told.map(\.arrives).filter({ $0 <= at }).max()
      else { return nil }
      func isNews(_ time: Instant) -> Bool { time >= heard && time <= at }
      if truth.missed.contains(where: isNews) || truth.told.contains(where: { isNews($0.time) && $0.arrives > at }) {
        return nil
      }
      let renewal = truth.renewals.last { $0.asked <= at }
      if let renewal, !renewal.isGood, at - renewal.end(timeout: timeout) <= reactionSlack { return nil }
      return "another connection is asked for at \(at.iso8601()), and this one told all until \(heard.iso8601())"
    }
  }
}
