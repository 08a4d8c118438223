import Basics
import Trading

extension Check {
  /// Reads HEARTBEAT of the engine's log and HEARTBEAT_INTERVAL_S of config.json.
  public static let heartbeatsOnTime = Check(
    .heartbeatsOnTime, "heartbeats come at least every second interval", log: .duties
  ) { record in
    let name = CheckName.heartbeatsOnTime
    guard let interval = record.limitMs(.heartbeatMs, .heartbeatIntervalS) else {
      return .open(name, "run.json names no interval")
    }
    if record.isCutShort { return .open(name, "the session was cut short") }
    let limit = 2 * interval + timeSlackMs
    let beats = record.events(.heartbeat).map(\.time).filter { $0 <= record.end }
    if beats.isEmpty, (record.end - record.run.start).milliseconds <= limit {
      return .open(name, "the session was shorter than two intervals")
    }
    var late: [String] = []
    var longest = 0.0
    var last = record.run.start
    for beat in beats + [record.end] {
      let gap = (beat - last).milliseconds
      longest = max(longest, gap)
      if gap > limit { late.append("\(milliseconds(gap)) without a heartbeat before \(beat.iso8601())") }
      last = max(last, beat)
    }
    if !record.run.isStallFree { return .stalled(name, ["longest gap \(milliseconds(longest))"]) }
    if late.isEmpty { return .pass(name, "\(beats.count) heartbeats, the longest gap \(milliseconds(longest))") }
    return .fail(
      name,
      "heartbeats stopped for more than \(milliseconds(limit)) (twice HEARTBEAT_INTERVAL_S + \(milliseconds(timeSlackMs)))",
      late)
  }
}
