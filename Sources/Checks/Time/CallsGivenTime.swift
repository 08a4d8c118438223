import Basics
import Trading

extension Check {
  /// How much earlier than its caller a client may be told to give up.
  private static let marginMax = Duration.milliseconds(500)

  /// Words of the replies whose caller's client waited in vain.
  private static let waitedFor = ["deadline", "lost", "timeout"]

  /// Reads the replies of the venue's truth that ended by the caller's deadline, and EXCHANGE_TIMEOUT_S of config.json.
  ///
  /// A client gives up before its caller does, or each slow call costs a worker that is taken for one that hangs. Once the engine
  /// is to end it has less time for all. A call may have waited for one of its kind, also for one that never came back, and has the rest of its time.
  public static let callsGivenTime = Check(
    .callsGivenTime, "a call that is given up was waited for as long as the settings say, no less and no longer"
  ) { record throws(Unjudged) in
    let name = CheckName.callsGivenTime
    let timeout = try record.settingTime(.exchangeTimeoutS)
    var wrong: [String] = []
    var count = 0
    var fields = FieldIndex()
    var ends: [String: Instant] = [:]
    var open: [String: [String: Instant]] = [:]
    for line in record.venue where line.kind == "request" || line.kind == "reply" && line.time <= record.end {
      fields.load(line)
      let (call, id) = (fields.text(.call) ?? "", fields.code(.id) ?? "")
      guard line.kind == "reply" else {
        open[call, default: [:]][id] = line.time
        continue
      }
      open[call]?[id] = nil
      let before = ends.updateValue(line.time, forKey: call)
      guard fields.text(.outcome) == "unknown", let word = fields.text(.text), waitedFor.contains(word),
        let took = fields.number(.tookMs)
      else { continue }
      count += 1
      let asked = line.time.minus(.microseconds(Int64(took * 1000)))
      // One that hangs is waited for until it is overdue.
      let hasWaited =
        before.map { $0 + timeout >= asked } ?? false
        || open[call]?.values.contains { abs((asked - ($0 + timeout)).nanoseconds) <= marginMax.nanoseconds } == true
      // What a fault ends may end sooner.
      let isTooSoon =
        word == "deadline" && fields.flag(.injected) != true
        && !hasWaited && took < timeout.less(marginMax).milliseconds
      // Where code takes no time, a client that gives up with its caller or behind it was told to.
      let isTooLate = record.run.isLive ? took > timeout.milliseconds + timeSlackMs : took >= timeout.milliseconds
      guard isTooSoon || isTooLate else { continue }
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
