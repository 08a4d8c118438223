import Basics
import Trading

extension Check {
  /// A ban without a time lasts two minutes at least: Binance, "Limits": "from 2 minutes to 3 days".
  private static let banMin = Duration.seconds(120)

  /// Reads every request and reply of the venue's truth.
  ///
  /// What was decided before the answer came may still be sent within a second of it. A schedule that holds threads up sends
  /// later: then a call within the pause is reported, not judged.
  public static let limitsRespected = Check(
    .limitsRespected, "while the venue asks for a pause (Retry-After, or a ban), it is not called"
  ) { record throws(Unjudged) in
    let name = CheckName.limitsRespected
    let pauses = record.truth.pauses
    if pauses.isEmpty { return .notApplicable(name, "the venue asked for no pause") }
    var wrong: [String] = []
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
    let text = "the venue asked for a pause \(pauses.count) times"
    if !record.run.isStallFree { return .stalled(name, [text] + wrong.prefix(1)) }
    if wrong.isEmpty { return .pass(name, "\(text), no call was made within one") }
    return .fail(name, "\(wrong.count) calls were made while the venue asked for none", wrong)
  }

  /// The pause that an answer asks for; nil: it asks for none.
  static func pause(_ line: FieldIndex) -> Duration? {
    guard line.text(.errorClass) == "limit" else { return nil }
    if let wait = line.number(.retryAfterS) { return .nanoseconds(Int64(wait * 1e9)) }
    return line.code(.code) == "418" ? banMin : nil
  }
}
