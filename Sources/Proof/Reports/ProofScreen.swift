import Basics

/// The first screen of a proof: at most 80 columns where ids allow it.
public enum ProofScreen {
  /// `exhibit` is the directory of the original's failing session; `replay` the command that runs it again.
  public static func text(_ result: ProofResult, exhibit: String?, replay: String?) -> String {
    var out = head(result.spec)
    out += "\n"
    for arm in Arm.allCases {
      out += "  \(padded(arm.label(result.spec), result.spec)) \(line(arm, result, exhibit: exhibit))\n"
      for cut in result[arm].cuts.texts { out += "\(indent(result.spec))(cut: \(cut))\n" }
    }
    out += "\n" + statement(result)
    if let replay { out += "Replay  \(replay)\n" }
    return out
  }

  /// The first lines: what is run, and for how long; `isLive`: on the real clock.
  public static func head(_ spec: ProofSpec, isLive: Bool = false) -> String {
    var out = ""
    if let fault = spec.fault { out += "Fault  \(fault.id): \(fault.title)\n" }
    if let condition = spec.condition { out += "When   \(condition)\n" }
    out += "Bug    \(spec.bug) \(spec.bugTitle)\n"
    if let standing = spec.standing { out += "       (\(standing))\n" }
    for remark in spec.remarks { out += "Note   \(remark)\n" }
    out +=
      "Seed   \(spec.seed)   \(number(spec.virtualSeconds)) \(isLive ? "real seconds a run" : "virtual seconds a schedule")\n"
    return out
  }

  private static func line(_ arm: Arm, _ result: ProofResult, exhibit: String?) -> String {
    let r = result[arm]
    let indent = indent(result.spec)
    switch arm {
    case .originalOff:
      if let failure = r.failures.first { return "FAILED by \(failure.check): \(failure.reason)" }
      var text = "passed   \(r.counted) of \(r.ran) seeds, nominal schedule"
      if let open = r.unjudgedBy { text += "\n\(indent)(\(r.unjudged) not judged by \(open.check))" }
      if let lift = result.lift {
        text += "\n\(indent)(explored, \(lift.failures) of \(lift.schedules) schedules fail)"
      }
      return text
    case .originalOn: return provoked(r, result.spec, exhibit: exhibit)
    case .fixedOff, .fixedOn:
      if r.ran == 0 { return "not run" }
      if let failure = r.failures.first {
        return "FAILED at schedule \(failure.index) by \(failure.check): \(failure.reason)"
      }
      var text = "passed   \(r.counted) of \(r.counted) schedules"
      if arm == .fixedOn, result.spec.fault != nil { text += ", fault fired \(r.firings) times" }
      if r.notReached > 0 {
        text += "\n\(indent)(\(r.notReached) more passed that did not reach the \(result.spec.provocation)'s moment)"
      }
      if let open = r.unjudgedBy { text += "\n\(indent)(\(r.unjudged) more that \(open.check) could not judge)" }
      if r.stalled > 0 { text += "\n\(indent)(\(r.stalled) more with stalls: times reported, safety judged)" }
      return text
    }
  }

  private static func provoked(_ r: ArmResult, _ spec: ProofSpec, exhibit: String?) -> String {
    let indent = indent(spec)
    let found = r.campaigns.compactMap { $0 }.count
    guard found > 0, let mean = r.meanToFailure else {
      return "NOT provoked in \(r.campaigns.count) campaigns, \(r.ran) schedules"
    }
    let by = r.failedBy.first?.check ?? spec.signature
    let name = by == spec.signature ? "FAILED by \(by)" : by
    let share = found == r.campaigns.count ? "every campaign (\(found))" : "\(found) of \(r.campaigns.count) campaigns"
    let average =
      "after \(number(mean.value)) schedules on average (95 %: \(number(mean.low))-\(number(mean.high)))"
    let isWide = indent.count + name.count + share.count + 5 > 80
    var text = "\(name)\(isWide ? "\n\(indent)" : " ")in \(share),\n\(indent)\(average)"
    if let signs = signs(r, indent) { text += "\n\(indent)\(signs)" }
    if let exhibit { text += "\n\(indent)-> \(exhibit)" }
    return text
  }

  /// The field's signs, from the exhibit's tallies.
  private static func signs(_ r: ArmResult, _ indent: String) -> String? {
    guard let exhibit = r.exhibit, exhibit.incidents.isEmpty else { return nil }
    return lines(exhibit.judgement.tallies, width: 80 - indent.count).joined(separator: "\n\(indent)")
  }

  /// Tallies in as few lines as fit.
  public static func lines(_ tallies: [(name: String, value: Int)], width: Int) -> [String] {
    var lines: [String] = []
    for tally in tallies {
      let text = "\(tally.name) \(tally.value)"
      if let last = lines.last, last.count + text.count + 3 <= width {
        lines[lines.count - 1] = "\(last)   \(text)"
      } else {
        lines.append(text)
      }
    }
    return lines
  }

  private static func statement(_ result: ProofResult) -> String {
    switch result.statement {
    case .proven:
      let n = result[.fixedOn].counted
      let percent = Statistics.percentAbove(result.bound ?? 1)
      let seeds = result[.fixedOn].scenarioSeeds.count
      let beside = Statistics.percentAbove(result.seedBound ?? 1)
      let rarer = result.rarer.map { $0 >= 1 ? ", at least \(Int($0)) times rarer than before" : "" } ?? ""
      return "PROVEN  failure rate of the fix below \(percent) % (95 %, N = \(n))\n"
        + "        under this mix of schedules\(rarer)\n"
        + "        (over its \(seeds) scenario seeds alone: below \(beside) %, for information)\n"
    case .notProven(let reasons):
      return "NOT PROVEN\n" + reasons.map { "  - \($0)\n" }.joined()
    case .inconclusive(let reasons):
      return "INCONCLUSIVE\n" + reasons.map { "  - \($0)\n" }.joined()
    }
  }

  /// Columns of the longest arm's name.
  private static func nameWidth(_ spec: ProofSpec) -> Int { spec.condition == nil ? 20 : 24 }

  private static func indent(_ spec: ProofSpec) -> String { String(repeating: " ", count: nameWidth(spec) + 3) }

  private static func padded(_ text: String, _ spec: ProofSpec) -> String {
    text + String(repeating: " ", count: max(0, nameWidth(spec) - text.count))
  }

  static func number(_ value: Double) -> String { JSON.double(value, places: 1).text }
}
