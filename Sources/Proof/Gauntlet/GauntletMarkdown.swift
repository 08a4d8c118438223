import Basics

/// A gauntlet for the step summary of a CI: tables first, then what is not green.
public enum GauntletMarkdown {
  /// GitHub refuses a step summary of more than 1 MiB.
  public static let bytesMax = 1 << 20

  /// The page, at most `limit` bytes; blocks that do not fit are counted in its last line.
  public static func text(_ report: GauntletReport, limit: Int = bytesMax) -> String {
    var out = "# chaos gauntlet: \(report.statement)\n\n"
    out += "\(report.cases.count) cases, \(report.schedules) schedules, seed \(report.seed), "
    out += "\(ProofScreen.number(report.result.seconds)) s on \(report.jobs) workers\n\n"
    out += "| group | passed | failed | inconclusive | crashed |\n|---|---|---|---|---|\n"
    for group in report.groups {
      let members = report.members(group)
      let counts = CaseOutcome.allCases.map { outcome in "\(members.count { $0.result.outcome == outcome })" }
      out += "| \(cell(group)) | \(counts.joined(separator: " | ")) |\n"
    }
    var blocks: [String] = []
    for (item, result) in zip(report.cases, report.result.results) where result.outcome != .passed {
      var block = "\n### \(cell(item.id)): \(result.outcome.rawValue)\n\n\(cell(item.title))\n\n"
      for arm in result.arms where arm.outcome != .passed {
        block += "- **\(cell(arm.name))**, \(arm.outcome.rawValue): \(cell(arm.text))\n"
      }
      blocks.append(block + "\n`\(item.replay.replacing("`", with: "'"))`\n")
    }
    blocks.append(contentsOf: tables(report))
    return out + fitting(blocks, in: limit - out.utf8.count)
  }

  /// Whole blocks as long as they fit, and a line that says how many were left out.
  private static func fitting(_ blocks: [String], in limit: Int) -> String {
    let rest = "\nCut here: 100000 more blocks in the JSON report.\n".utf8.count
    var out = ""
    for (index, block) in blocks.enumerated() {
      guard out.utf8.count + block.utf8.count + rest <= limit else {
        return out + "\nCut here: \(blocks.count - index) more blocks in the JSON report.\n"
      }
      out += block
    }
    return out
  }

  /// Figures of every group that has some, one table each.
  private static func tables(_ report: GauntletReport) -> [String] {
    report.groups.compactMap { group in
      let members = report.members(group).filter { !$0.result.figures.isEmpty || !$0.result.note.isEmpty }
      guard !members.isEmpty else { return nil }
      let names = report.figureNames(group)
      var out = "\n## \(cell(group))\n\n| case | \((names.map(cell) + ["showed"]).joined(separator: " | ")) |\n"
      out += "|---|" + String(repeating: "---|", count: names.count + 1) + "\n"
      for (item, result) in members {
        let values = names.map { result[figure: $0].map { JSON.double($0, places: 1).text } ?? "-" }
        out += "| \(cell(item.id)) | \((values + [cell(result.note)]).joined(separator: " | ")) |\n"
      }
      return out
    }
  }

  /// Text that cannot end a table cell, a line or a piece of markup.
  private static func cell(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "|", "`", "*", "_", "<", "[", "\\": out += "\\\(scalar)"
      default: out += scalar.value < 0x20 || scalar.value == 0x7F ? " " : String(scalar)
      }
    }
    return out
  }
}
