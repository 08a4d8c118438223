import Basics

/// A gauntlet on a screen of 80 columns: a line per case, the tables, and what is not green.
public enum GauntletScreen {
  /// The line of a case as it ends.
  public static func line(_ result: CaseResult) -> String {
    let mark = ["passed": "✓", "failed": "✗", "inconclusive": "?", "crashed": "✗"][result.outcome.rawValue] ?? "?"
    var text = "\(mark) \(result.id)"
    let right = "\(result.schedules) schedules, \(ProofScreen.number(result.seconds)) s"
    text += String(repeating: " ", count: max(1, 79 - text.count - right.count)) + right
    if result.outcome != .passed {
      for arm in result.arms where arm.outcome != .passed {
        text += "\n" + wrapped("\(arm.name), \(arm.outcome.rawValue): \(arm.text)", indent: 4)
      }
    }
    return text
  }

  /// The last screen.
  public static func summary(_ report: GauntletReport) -> String {
    var out = ""
    for group in report.groups {
      let members = report.members(group)
      let passed = members.count { $0.result.outcome == .passed }
      let schedules = members.reduce(0) { $0 + $1.result.schedules }
      let cpu = members.reduce(0) { $0 + $1.result.cpuSeconds }
      var line = "  \(padded(group, 12)) \(passed) of \(members.count) passed"
      line = padded(line, 36) + "\(schedules) schedules, \(ProofScreen.number(cpu)) s of processor"
      out += line + "\n"
    }
    for group in report.groups { out += tables(report, group) }
    let open = zip(report.cases, report.result.results).filter { $0.1.outcome != .passed }
    if !open.isEmpty || !report.missingShards.isEmpty { out += "\nNot green\n" }
    for (item, result) in open.prefix(openMax) {
      out += "  \(result.outcome.rawValue)  \(item.id)\n" + wrapped(result.worstArm?.text ?? "", indent: 6) + "\n"
      out += "      \(item.replay)\n"
      if let directory = result.directory { out += "      chaos replay \(directory)\n" }
    }
    for shard in report.missingShards { out += "  missing  shard \(shard) was not reported\n" }
    if open.count > openMax { out += "  and \(open.count - openMax) more\n" }
    if !report.cuts.texts.isEmpty { out += "\n" }
    for text in report.cuts.texts { out += "  cut  \(text)\n" }
    let memory = report.peakMemoryBytes == 0 ? "" : ", at most \(report.peakMemoryBytes >> 20) MB a worker"
    let took = "\(ProofScreen.number(report.result.seconds)) s, \(ProofScreen.number(report.cpuSeconds)) s of processor"
    out +=
      "\n\(report.statement)  \(report.count(.passed)) of \(report.cases.count) cases passed, seed \(report.seed), \(took)\(memory)\n"
    return out + "Again   \(report.command)\n"
  }

  /// Figures of a group as columns, and what its cases showed.
  private static func tables(_ report: GauntletReport, _ group: String) -> String {
    let members = report.members(group)
    let columns = report.figureNames(group)
    var out = ""
    if !columns.isEmpty {
      out += "\n" + padded(group, 34) + columns.map { left($0, 14) }.joined() + "\n"
      for (item, result) in members where !result.figures.isEmpty {
        let values = columns.map { left(result[figure: $0].map { ProofScreen.number($0) } ?? "-", 14) }
        out += "  " + padded(String(item.id.dropFirst(group.count + 1)), 32) + values.joined() + "\n"
      }
    }
    let notes = members.filter { !$0.result.note.isEmpty }
    if !notes.isEmpty { out += "\n\(group)\n" }
    for (item, result) in notes {
      let head = "  \(padded(String(item.id.dropFirst(group.count + 1)), 25)) -> "
      out += wrapped(head: head, result.note, indent: 31) + "\n"
    }
    return out
  }

  private static func left(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(1, width - text.count)) + text
  }

  /// Cases that the last screen tells about; the JSON report has all.
  private static let openMax = 20

  static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// Words in lines of at most 79 columns; a longer word has a line of its own.
  static func wrapped(_ text: String, indent: Int) -> String { wrapped(head: "", text, indent: indent) }

  /// The same after a head on the first line; the lines after it are indented.
  static func wrapped(head: String, _ text: String, indent: Int) -> String {
    let space = String(repeating: " ", count: indent)
    var lines = [head.isEmpty ? space : padded(head, indent)]
    var isFresh = true
    for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
      let last = lines[lines.count - 1]
      if isFresh {
        lines[lines.count - 1] += word
      } else if last.count + word.count + 1 <= 79 {
        lines[lines.count - 1] += " \(word)"
      } else {
        lines.append("\(space)\(word)")
      }
      isFresh = false
    }
    return lines.joined(separator: "\n")
  }
}
