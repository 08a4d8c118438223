import Basics
import ChaosRuntime
import Checks
import Exploration
import PaperSession

/// What a shrunk run shows, 80 columns wide where names allow it.
struct ShrinkScreen {
  let run: RecordedRun
  let result: Shrinker<PaperSystem>.Result
  let moment: CriticalMoment?
  /// Where the smallest case was written.
  let path: String

  /// Choices and firings listed at most.
  private static let shownMax = 12

  /// `fails with 2 preemptions + 1 fault (from 1,481 choices, 212 executions)`.
  var summary: String {
    "fails with \(ChoiceCounts(result.recording).text) "
      + "(from \(Self.grouped(result.choicesBefore)) choices, \(Self.grouped(result.executions)) executions)"
  }

  var text: String {
    let failure = run.failure(result.report)
    var out = "Shrunk   \(summary)\n"
    if result.isCut { out += "         cut: the executions ended before a round found nothing more to leave out\n" }
    out += "Failure  \(failure?.check ?? "?"): \(failure?.reason ?? "?")\n"
    if !result.leftOut.isEmpty { out += "Without  \(leftOut)\n" }
    out += "\nChoices\n"
    let lines = result.recording.lines
    for line in lines.prefix(Self.shownMax) { out += "  \(line.text)\n" }
    if lines.count > Self.shownMax { out += "  and \(lines.count - Self.shownMax) more in \(path)/recording.txt\n" }
    let fired = firings
    if !fired.isEmpty { out += "\nFaults\n" + fired.map { "  \($0)\n" }.joined() }
    if let lanes = LaneDiagram.text(result.report) {
      out += "\nSchedule (> marks a step other than the default)\n" + lanes
    }
    if let incident = result.report.incidents.first, !incident.cycle.isEmpty {
      out += "\nHeld locks and the cycle\n" + incident.cycleLines.map { "  \($0)\n" }.joined()
      out += "  \(Incident.cycleText(incident.cycle))\n"
    }
    if let moment { out += "\n" + Self.text(moment) }
    out += "\nWritten  \(path)\nReplay   chaos replay \(path)\n"
    return out
  }

  /// The largest amount of chaos left out stands for the smaller ones before it.
  private var leftOut: String {
    let seconds = result.leftOut.last { $0.hasSuffix(" s of chaos") }
    let symbols = result.system.inputs.leftOut.symbols
    var parts = seconds.map { [$0] } ?? []
    if symbols.count > 3 {
      parts.append("\(symbols.count) symbols")
    } else if !symbols.isEmpty {
      parts.append("\(symbols.count == 1 ? "symbol" : "symbols") \(symbols.joined(separator: ", "))")
    }
    let threads = result.recording.heldThreads
    if threads.count > 3 {
      parts.append("\(threads.count) of \(result.report.threadCount) threads")
    } else if !threads.isEmpty {
      parts.append("\(threads.count == 1 ? "thread" : "threads") \(threads.joined(separator: ", "))")
    }
    return parts.joined(separator: "; ")
  }

  /// Time, place and thread of each firing.
  private var firings: [String] {
    guard let bytes = SessionFiles(result.report.judgement.files)["run.json"], let json = try? JSON.parse(bytes) else {
      return []
    }
    let all = json["firings"]?.array ?? []
    var lines = all.prefix(Self.shownMax).map { firing in
      func word(_ key: String) -> String { firing[key]?.string ?? "" }
      let per = word("per").isEmpty ? "" : " (\(word("per")))"
      return "\(word("timestamp"))  \(word("fault")): \(word("action")) at \(word("site"))\(per), \(word("thread"))"
    }
    if all.count > lines.count { lines.append("and \(all.count - lines.count) more") }
    return lines
  }

  private static func text(_ moment: CriticalMoment) -> String {
    var out = "Critical moment: schedules kept until then and drawn anew after it\n"
    for point in moment.points {
      let share = "\(point.failing) of \(point.samples) fail"
      let mark = point == moment.critical ? "  <- critical" : ""
      let choice = point.choice.map { "  after \($0)" } ?? ""
      out += "  \(JSON.double(point.after.seconds, places: 6).text) s  \(share)\(choice)\(mark)\n"
    }
    if moment.skippedChoices > 0 { out += "  \(moment.skippedChoices) later choices were not looked at\n" }
    if moment.critical == nil { out += "  no moment after which nine in ten fail\n" }
    return out
  }

  var json: JSON {
    let counts = ChoiceCounts(result.recording)
    return .object([
      ("format", .int(1)), ("summary", .string(summary)), ("fingerprint", .string(result.fingerprint.description)),
      ("preemptions", .int(counts.preemptions)), ("orders", .int(counts.orders)),
      ("latencies", .int(counts.latencies)), ("faults", .int(counts.faults)), ("firings", .int(counts.firings)),
      ("choices_before", .int(result.choicesBefore)), ("executions", .int(result.executions)),
      ("cached", .int(result.cached)), ("is_cut", .bool(result.isCut)),
      ("left_out", .array(result.leftOut.map { .string($0) })),
      ("choices", .array(result.recording.lines.map { .string($0.text) })),
      ("failure", run.failure(result.report).map(\.json) ?? .null),
      (
        "critical_moment",
        .array(
          (moment?.points ?? []).map {
            .object([
              ("after_s", .double($0.after.seconds, places: 9)), ("choice", $0.choice.map { .string($0) } ?? .null),
              ("failing", .int($0.failing)), ("samples", .int($0.samples)),
            ])
          })
      ),
      ("directory", .string(path)), ("replay", .string("chaos replay \(path)")),
    ])
  }

  /// Thousands set apart by commas.
  static func grouped(_ number: Int) -> String {
    let digits = "\(number)"
    var out = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { out += "," }
      out.append(digit)
    }
    return out
  }
}
