import Basics
import Trading

extension Check {
  /// A ban without a time lasts two minutes at least: Binance, "Limits": "from 2 minutes to 3 days".
  private static let banMin = Duration.seconds(120)

  /// Reads every request and reply of the venue's truth.
  ///
  /// A 429 without a time limits its own kind of call: that is left alone for a second, twice as long after each further one in a
  /// row, up to a minute. Orders and cancels have pauses of their own, which `pauses-kept` and `requests-paced` judge.
  /// What was decided before the answer came may still be sent within a second of it. A schedule that holds threads up sends
  /// later: then a call within the pause is reported, not judged.
  public static let limitsRespected = Check(
    .limitsRespected,
    "while the venue asks for a pause (Retry-After, or a ban), it is not called, nor behind a bare 429 in the same way at once"
  ) { record throws(Unjudged) in
    let name = CheckName.limitsRespected
    let pauses = record.truth.pauses
    let limited = record.truth.limitedCalls.subtracting(paced)
    if pauses.isEmpty, limited.isEmpty { return .notApplicable(name, "the venue asked for no pause") }
    var wrong = limited.isEmpty ? [] : hastyLooks(record, limited)
    var next = 0
    var until: (from: Instant, to: Instant)?
    var fields = FieldIndex()
    for line in record.venue where line.kind == "request" && line.time <= record.end {
      while next < pauses.count, pauses[next].lowerBound + reactionSlack <= line.time {
        let pause = pauses[next]
        next += 1
        if let last = until, last.to >= pause.upperBound { continue }
        until = (pause.lowerBound, pause.upperBound)
      }
      guard let pause = until, line.time < pause.to else { continue }
      fields.load(line)
      wrong.append(
        "\(line.venuePlace): \(fields.text(.call) ?? "a call") \(seconds((line.time - pause.from).seconds)) after the venue "
          + "asked for a pause of \(seconds((pause.to - pause.from).seconds))")
    }
    let text =
      "the venue asked for a pause \(counted(pauses.count, "time"))"
      + (limited.isEmpty ? "" : " and limited \(limited.sorted().joined(separator: ", "))")
    if !record.run.isStallFree { return .stalled(name, [text] + wrong.prefix(1)) }
    if wrong.isEmpty { return .pass(name, "\(text), no call was made within one") }
    return .fail(name, "\(counted(wrong.count, "call")) came while the venue asked for none", wrong)
  }

  /// Calls whose pauses other checks know.
  private static let paced: Set<String> = ["place_order", "cancel_order"]
  private static let lookPause = Duration.seconds(1)
  private static let lookPauseMax = Duration.seconds(60)

  /// Calls of a kind that was limited a moment before.
  private static func hastyLooks(_ record: SessionRecord, _ limited: Set<String>) -> [String] {
    let slack = Duration.milliseconds(Int64(timeSlackMs))
    var rests: [String: (refused: Instant, pause: Duration)] = [:]
    var wrong: [String] = []
    var fields = FieldIndex()
    for line in record.venue where line.time <= record.end && (line.kind == "request" || line.kind == "reply") {
      fields.load(line)
      guard let call = fields.text(.call), limited.contains(call) else { continue }
      if line.kind == "request" {
        guard let rest = rests[call], line.time > rest.refused, line.time - rest.refused < rest.pause.less(slack) else {
          continue
        }
        wrong.append(
          "\(line.venuePlace): \(call) \(milliseconds((line.time - rest.refused).milliseconds)) after it was limited, "
            + "\(seconds(rest.pause.seconds)) are due")
      } else if isBareLimit(fields) {
        rests[call] = (line.time, min(rests[call].map { $0.pause + $0.pause } ?? lookPause, lookPauseMax))
      } else if fields.text(.outcome) == "ok" {
        rests[call] = nil
      }
    }
    return wrong
  }

  /// Whether an answer says that there were too many calls, and not how long to wait.
  static func isBareLimit(_ line: FieldIndex) -> Bool {
    line.text(.errorClass) == "limit" && line.number(.retryAfterS) == nil && line.code(.code) != "418"
  }

  /// The pause that an answer asks for; nil: it asks for none.
  static func pause(_ line: FieldIndex) -> Duration? {
    guard line.text(.errorClass) == "limit" else { return nil }
    if let wait = line.number(.retryAfterS) { return .nanoseconds(Int64(wait * 1e9)) }
    return line.code(.code) == "418" ? banMin : nil
  }
}
