import Basics
import ChaosRuntime
import Exploration
import FaultInjection
import PaperSession

/// Which schedules of one revision count as passed: those in which the faults fired and every check could judge.
struct RevisionCount {
  let checks: [String]
  /// Must pass where it is named; that it does not apply is no evidence.
  let signature: String?
  /// Schedules asked for.
  let wanted: Int
  /// Whether `signature` is about times, which only stall-free schedules show.
  let isTimeSignature: Bool
  private(set) var fired: FiredCounts
  private(set) var ran = 0
  private(set) var counted = 0
  private(set) var notReached = 0
  private(set) var stalled = 0
  private(set) var unjudged = 0
  private var unjudgedBy: Verdict?
  private var sent = 0

  init(_ subject: RevisionRun.Subject, _ faults: [Fault], wanted: Int) {
    checks = subject.checks
    signature = subject.signature.flatMap { subject.checks.contains($0) ? $0 : nil }
    isTimeSignature = signature != nil && subject.isTimeSignature
    self.wanted = wanted
    fired = FiredCounts(faults)
  }

  /// Schedules that may be drawn: what does not count is drawn anew, as often again at most.
  var drawsMax: Int { 2 * wanted * (isTimeSignature ? 2 : 1) }
  var isDone: Bool { counted == wanted || ran == drawsMax }

  func failing(_ report: RunReport) -> Verdict? {
    for check in checks {
      guard let verdict = report.judgement.verdict(check) else {
        return report.judgement.verdicts.first { $0.outcome == .fail }
          ?? Verdict(check: check, outcome: .fail, reason: "nothing judged it")
      }
      if verdict.outcome == .fail { return verdict }
    }
    return report.incidents.first?.verdict
  }

  /// A schedule in which nothing failed.
  mutating func add(_ report: RunReport) {
    ran += 1
    fired.add(report.judgement.faultCounts)
    sent += report.judgement.tally("SENT")
    if isTimeSignature, !report.request.isStallFree {
      stalled += 1
    } else if !fired.isReached(report.judgement.faultCounts) {
      notReached += 1
    } else if let verdict = open(report) {
      unjudged += 1
      unjudgedBy = unjudgedBy ?? verdict
    } else {
      counted += 1
    }
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
  var missing: String? {
    if let never = fired.missing(in: ran) { return never }
    if sent == 0 { return "no order was sent in \(ran) schedule\(ran == 1 ? "" : "s"), so nothing was tested" }
    if counted < wanted {
      var why: [String] = []
      if notReached > 0 { why.append("in \(notReached) of \(ran) the fault fired too rarely") }
      if let verdict = unjudgedBy {
        why.append("\(unjudged) of \(ran) were not judged, the first by \(verdict.check): \(verdict.reason)")
      }
      if ran < drawsMax { why.append("cut short after \(ran)") }
      return "\(counted) of \(wanted) schedules counted: " + why.joined(separator: "; ")
    }
    return nil
  }

  /// The line of a run that passed.
  var text: String {
    var out = "passed  \(counted) schedules\(fired.text); checks: \(checks.joined(separator: ", "))"
    if notReached > 0 { out += "\n        (\(notReached) more in which the fault fired too rarely: not counted)" }
    if unjudged > 0 { out += "\n        (\(unjudged) more that a check could not judge: not counted)" }
    if stalled > 0 { out += "\n        (\(stalled) more with stalls: times reported, safety judged)" }
    return out
  }
}
