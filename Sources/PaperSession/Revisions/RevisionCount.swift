import Basics
import Exploration
public import FaultInjection

/// Which schedules of one revision count as passed: those in which the faults fired and every check could judge.
public struct RevisionCount {
  /// Judge every schedule, in this order, and must be able to.
  public let checks: [String]
  /// Those of them that the screen names.
  private let named: [String]
  /// Must pass where it is named; that it does not apply is no evidence.
  let signature: String?
  /// Schedules asked for.
  public let wanted: Int
  /// Whether `signature` is about times, which only stall-free schedules show.
  let isTimeSignature: Bool
  private var fired: FiredCounts
  private var counts = ScheduleCounts()
  private var sent = 0

  /// Nothing counted yet; `wanted` schedules are asked for.
  public init(_ subject: RevisionSubject, _ faults: [Fault], wanted: Int) {
    checks = subject.allChecks
    named = subject.checks
    signature = subject.signature.flatMap { subject.checks.contains($0) ? $0 : nil }
    isTimeSignature = signature != nil && subject.isTimeSignature
    self.wanted = wanted
    fired = FiredCounts(faults)
  }

  /// Schedules that count so far.
  public var counted: Int { counts.counted }

  /// Schedules that may be drawn: what does not count is drawn anew, as often again at most.
  private var drawsMax: Int { 2 * wanted * (isTimeSignature ? 2 : 1) }

  var goal: CampaignGoal { CampaignGoal(ran: drawsMax, counted: wanted, failed: 1) }

  /// What one schedule showed; a failure ends the run, and is in no count.
  mutating func judge(_ report: RunReport) -> Finding {
    if let verdict = failing(report) { return .fails(verdict, counts: false) }
    fired.add(report.judgement.faultCounts)
    sent += report.judgement.tally("SENT")
    let finding = finding(report)
    counts.add(finding)
    return finding
  }

  private func finding(_ report: RunReport) -> Finding {
    if isTimeSignature, !report.request.isStallFree { return .stalled }
    if !fired.isReached(report.judgement.faultCounts) { return .notReached }
    return open(report).map { .unjudged($0) } ?? .counts
  }

  private func failing(_ report: RunReport) -> Verdict? {
    for check in checks {
      guard let verdict = report.judgement.verdict(check) else {
        return report.judgement.verdicts.first { $0.outcome == .fail }
          ?? Verdict(check: check, outcome: .fail, reason: "nothing judged it")
      }
      if verdict.outcome == .fail { return verdict }
    }
    return report.incidents.first?.verdict
  }

  private func open(_ report: RunReport) -> Verdict? {
    for check in checks {
      guard let verdict = report.judgement.verdict(check) else { continue }
      if verdict.outcome == .inconclusive || (check == signature && verdict.outcome == .notApplicable) {
        return verdict
      }
    }
    return nil
  }

  /// Why nothing was shown; nil: as many schedules passed as were asked for.
  public var missing: String? {
    let ran = counts.ran
    if ran == 0 { return "0 of \(wanted) schedules counted: cut short after 0" }
    if let never = fired.missing(in: ran) { return never }
    if sent == 0 { return "no order was sent in \(ran) schedule\(ran == 1 ? "" : "s"), so nothing was tested" }
    if counted < wanted {
      var why: [String] = []
      if counts.notReached > 0 { why.append("in \(counts.notReached) of \(ran) the fault fired too rarely") }
      if let verdict = counts.unjudgedBy {
        why.append("\(counts.unjudged) of \(ran) were not judged, the first by \(verdict.check): \(verdict.reason)")
      }
      if ran < drawsMax { why.append("cut short after \(ran)") }
      return "\(counted) of \(wanted) schedules counted: " + why.joined(separator: "; ")
    }
    return nil
  }

  /// The line of a run that passed.
  public var text: String {
    var out = "passed  \(counted) schedules\(fired.text); checks: \(named.joined(separator: ", "))"
    if checks.count > named.count { out += ", and \(checks.count - named.count) more" }
    if counts.notReached > 0 {
      out += "\n        (\(counts.notReached) more in which the fault fired too rarely: not counted)"
    }
    if counts.unjudged > 0 { out += "\n        (\(counts.unjudged) more that a check could not judge: not counted)" }
    if counts.stalled > 0 { out += "\n        (\(counts.stalled) more with stalls: times reported, safety judged)" }
    return out
  }
}
