import Basics
import Trading

extension Check {
  /// How much earlier than its caller a client may be told to give up.
  private static let marginMax = Duration.milliseconds(500)

  /// Reads the replies of the venue's truth that ended by the caller's deadline, and EXCHANGE_TIMEOUT_S of config.json.
  ///
  /// Once the engine is to end it has less time for all. A call may have waited for one of its kind, and has the rest of its time.
  public static let callsGivenTime = Check(
    .callsGivenTime, "a call that is given up was waited for as long as the settings say, no less and no longer"
  ) { record throws(Unjudged) in
    let name = CheckName.callsGivenTime
    let timeout = try record.settingTime(.exchangeTimeoutS)
    // Where code takes no time, a client that gives up behind its caller was told to.
    let slack = record.run.isLive ? timeSlackMs : 0
    var wrong: [String] = []
    var count = 0
    var fields = FieldIndex()
    var ends: [String: Instant] = [:]
    for line in record.venue where line.kind == "reply" && line.time <= record.end {
      fields.load(line)
      let call = fields.text(.call) ?? ""
      let before = ends.updateValue(line.time, forKey: call)
      guard fields.text(.outcome) == "unknown", fields.text(.text) == "deadline", fields.flag(.injected) != true,
        let took = fields.number(.tookMs)
      else { continue }
      count += 1
      let asked = line.time.minus(.microseconds(Int64(took * 1000)))
      let hasWaited = before.map { $0 + timeout >= asked } ?? false
      guard !hasWaited && took < timeout.less(marginMax).milliseconds || took > timeout.milliseconds + slack
      else {
        continue
      }
      wrong.append(
        "\(line.venuePlace): \(call) was given up after \(milliseconds(took)), "
          + "\(SettingName.exchangeTimeoutS) is \(seconds(timeout.seconds))")
    }
    if !record.run.isStallFree { return .stalled(name, ["\(count) calls were given up"]) }
    if count == 0 { return .notApplicable(name, "no call was given up") }
    if wrong.isEmpty { return .pass(name, "\(count) calls were given up, each at its time") }
    return .fail(name, "\(wrong.count) calls were given up too soon or too late", wrong)
  }
}
