import Basics
import Trading

extension Check {
  /// Reads `expectations` and `firings` of run.json, what the venue asked for in its answers where a fault is a share of its
  /// limits, and the engine's log for the first record that counts as noticing.
  public static let detectedInTime = Check(
    .detectedInTime, "a fault that fired is noticed by the engine within the time that its file names", log: .duties
  ) { record in
    let name = CheckName.detectedInTime
    let expected = record.run.expectations.filter { $0.detectMs != nil }
    if expected.isEmpty { return .notApplicable(name, "no armed fault expects it") }
    let fired = expected.filter { Recovery.firstFiring(record, of: $0.fault) != nil }
    if fired.isEmpty { return .open(name, "no fault fired that is to be noticed") }
    var late: [String] = []
    var took: [String] = []
    for item in fired {
      let names = item.detectedBy.joined(separator: ", ")
      guard let limit = item.detectMs else { continue }
      guard let time = Recovery.detectionTime(record, of: item.fault, detectedBy: item.detectedBy) else {
        guard let first = Recovery.firstFiring(record, of: item.fault), (record.end - first).milliseconds > limit
        else { continue }
        late.append("\(item.fault): no \(names) after the first firing")
        continue
      }
      took.append(milliseconds(time.milliseconds))
      if time.milliseconds > limit {
        late.append(
          "\(item.fault): \(names) came \(milliseconds(time.milliseconds)) after it, \(milliseconds(limit)) are allowed"
        )
      }
    }
    if !record.run.isStallFree { return .stalled(name, late) }
    if late.isEmpty, took.isEmpty { return .open(name, "the fault fired too near to the end to be noticed in time") }
    if late.isEmpty { return .pass(name, "noticed after \(took.joined(separator: ", "))") }
    return .fail(name, "\(late.count) faults were not noticed in time", late)
  }

  /// Reads `expectations` and `firings` of run.json, and what `positions-agree` and `intents-settled` read.
  public static let recoveredInTime = Check(
    .recoveredInTime, "positions and intents are right again within the time that the fault's file names",
    log: .duties
  ) { record in
    let name = CheckName.recoveredInTime
    let expected = record.run.expectations.compactMap { item in item.recoverMs.map { (item.fault, $0) } }
    if expected.isEmpty { return .notApplicable(name, "no armed fault expects it") }
    guard let first = record.run.firings.map(\.time).min(), let last = record.run.firings.map(\.time).max() else {
      return .open(name, "no fault fired")
    }
    let agreement = Check.positionsAgree.judge(record)
    if agreement.outcome == .inconclusive { return .open(name, "positions-agree: \(agreement.reason)") }
    guard let time = Recovery.recoveryTime(record) else {
      return .fail(
        name, "the engine was not well again at the end", expected.map { "\($0.0): \(milliseconds($0.1)) are allowed" })
    }
    let since = max(.zero, time - (last - first))
    let late = expected.filter { since.milliseconds > $0.1 }
    if late.isEmpty { return .pass(name, "well again \(milliseconds(since.milliseconds)) after the last firing") }
    return .fail(
      name, "well again only \(milliseconds(since.milliseconds)) after the last firing",
      late.map { "\($0.0): \(milliseconds($0.1)) are allowed" })
  }
}
