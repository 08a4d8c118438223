import Basics
import Trading

/// Short forms for checks.
extension Verdict {
  static func pass(_ check: CheckName, _ reason: String, _ evidence: [String] = []) -> Verdict {
    Verdict(check: check.rawValue, outcome: .pass, reason: reason, evidence: cut(evidence))
  }

  /// Evidence is cut at 10 lines.
  static func fail(_ check: CheckName, _ reason: String, _ evidence: [String]) -> Verdict {
    Verdict(check: check.rawValue, outcome: .fail, reason: reason, evidence: cut(evidence))
  }

  /// There is nothing to judge by.
  static func open(_ check: CheckName, _ reason: String) -> Verdict {
    Verdict(check: check.rawValue, outcome: .inconclusive, reason: reason)
  }

  /// The check has nothing to say about such a run.
  static func notApplicable(_ check: CheckName, _ reason: String, _ evidence: [String] = []) -> Verdict {
    Verdict(check: check.rawValue, outcome: .notApplicable, reason: reason, evidence: cut(evidence))
  }

  /// Threads were held up by the schedule itself, so their times say nothing about the engine.
  static func stalled(_ check: CheckName, _ times: [String]) -> Verdict {
    .notApplicable(check, "stalled schedule: times are reported, not judged", times)
  }

  private static func cut(_ evidence: [String]) -> [String] {
    evidence.count > 10 ? evidence.prefix(10) + ["and \(evidence.count - 10) more"] : evidence
  }
}

func milliseconds(_ value: Double) -> String { "\(JSON.double(value, places: 1).text) ms" }
func seconds(_ value: Double) -> String { "\(JSON.double(value, places: 1).text) s" }
