import Basics
public import ChaosRuntime

/// A schedule as text: a lane for each thread that matters, time downwards.
public enum LaneDiagram {
  /// Lanes side by side, and rows, at most.
  static let lanesMax = 5
  static let rowsMax = 40
  /// Steps of each stuck thread that lead to an incident and are shown.
  private static let lastSteps = 5

  /// The steps around every choice and those that led to the incident; nil when no thread is singled out by either.
  ///
  /// `report` must have been run with `.steps`; a `>` marks a step at which something other than the default was chosen.
  public static func text(_ report: RunReport, width: Int = 80) -> String? {
    let steps = report.trace?.kept ?? []
    let threads = threads(report, steps)
    let lanes = Array(threads.prefix(lanesMax))
    guard !lanes.isEmpty, !steps.isEmpty else { return nil }
    let (shown, hidden) = rows(steps, lanes, report)
    let laneWidth = max(8, (width - 12) / lanes.count)
    var out = pad("", 12) + lanes.map { pad(clipped($0, laneWidth - 1), laneWidth) }.joined()
    out = trimmed(out) + "\n"
    var last: Int?
    for index in shown {
      if let last, index > last + 1 { out += pad("", 12) + "...\n" }
      last = index
      let step = steps[index]
      guard let lane = lanes.firstIndex(of: step.thread) else { continue }
      let cell = (step.choices > 0 ? "> " : "  ") + step.site
      out += trimmed(time(step.elapsed) + pad("", lane * laneWidth) + clipped(cell, laneWidth - 1)) + "\n"
    }
    let cuts = [(threads.count - lanes.count, "threads"), (hidden, "choices")].filter { $0.0 > 0 }
    if !cuts.isEmpty { out += pad("", 12) + "not shown: \(cuts.map { "\($0.0) \($0.1)" }.joined(separator: ", "))\n" }
    return out
  }

  /// Paths of the threads of the incident, then of those that a choice names.
  private static func threads(_ report: RunReport, _ steps: [ScheduleTrace.Step]) -> [String] {
    var paths: [String] = []
    func add(_ path: String) { if !path.isEmpty, !paths.contains(path) { paths.append(path) } }
    for name in report.incidents.first?.threads ?? [] {
      if let step = steps.last(where: { self.name(of: $0.thread) == name }) { add(step.thread) }
    }
    for line in report.recording.lines {
      switch line.kind {
      case .run:
        add(line.subject)
        add(line.value)
      case .stall, .wake: add(line.subject)
      case .fault, .latency: continue
      }
    }
    return paths
  }

  /// A path's last name without its number.
  static func name(of path: String) -> String {
    let last = path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]
    return String(last.prefix { $0 != "#" })
  }

  /// Indices of the steps that are shown, and how many steps with a choice are not.
  private static func rows(
    _ steps: [ScheduleTrace.Step], _ lanes: [String], _ report: RunReport
  ) -> (shown: [Int], hidden: Int) {
    var chosen: Set<Int> = []
    if report.incidents.first != nil {
      for lane in lanes {
        chosen.formUnion(steps.indices.reversed().lazy.filter { steps[$0].thread == lane }.prefix(lastSteps))
      }
    }
    let marked = steps.indices.filter { steps[$0].choices > 0 }
    for index in marked.prefix(rowsMax / 4) {
      for near in max(0, index - 1)...min(steps.count - 1, index + 2) where lanes.contains(steps[near].thread) {
        chosen.insert(near)
      }
    }
    let shown = Array(chosen.sorted().suffix(rowsMax))
    return (shown, marked.count { lanes.contains(steps[$0].thread) && !shown.contains($0) })
  }

  private static func time(_ elapsed: Duration) -> String {
    let micros = elapsed.nanoseconds / 1000
    let fraction = "\(1_000_000 + micros % 1_000_000)".dropFirst()
    let text = "\(micros / 1_000_000).\(fraction) s"
    return pad("", max(0, 11 - text.count)) + text + " "
  }

  private static func clipped(_ text: String, _ width: Int) -> String {
    text.count <= width ? text : "\(text.prefix(max(0, width - 1)))~"
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func trimmed(_ text: String) -> String {
    var text = text
    while text.last == " " { text.removeLast() }
    return text
  }
}

extension Incident {
  /// Who holds what and waits for what, two lines a thread.
  public var cycleLines: [String] {
    cycle.flatMap { edge in
      let held = cycle.first { $0.holder == edge.thread }
      let holds = held.map { "holds \"\($0.lock)\", taken at \($0.takenAt)" } ?? "holds nothing of the cycle"
      return [
        "\(edge.thread) \(holds)", "  and waits for \"\(edge.lock)\" at \(edge.waitsAt), which \(edge.holder) holds",
      ]
    }
  }
}
