import Basics

/// stackdump.txt by its lines: the only reader of what the watchdog and `chaos watch` write.
struct StackDump {
  struct Edge {
    var thread: String
    var lock: String
    var waitsAt: String
    var holder: String
    var takenAt: String
    var place: String

    var evidence: Diagnosis.Evidence {
      Diagnosis.Evidence(
        place: place,
        text: "\(thread) waits for \"\(lock)\" at \(waitsAt); \(holder) holds it, taken at \(takenAt)")
    }
  }

  /// Modules whose frames say where a thread waits, and not why.
  private static let below = [
    "ChaosRuntime/", "CPlatform/", "FaultInjection/", "FakeExchange/", "PaperSession/", "<compiler-generated>",
  ]
  private let lines: [String]
  private let file: String

  init(_ bytes: [UInt8], file: String = "stackdump.txt") {
    self.file = file
    lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
  }

  private func place(_ index: Int) -> String { "\(file):\(index + 1)" }

  /// Whether the text is one of ours at all.
  var isStackDump: Bool { lines.first?.hasPrefix("STACKDUMP v1 ") == true }

  /// A dump is whole or it is not there; one that was copied may be neither.
  var isComplete: Bool { lines.last { !$0.isEmpty } == "END complete" }

  /// What the REASON line says.
  var reason: String {
    lines.first { $0.hasPrefix("REASON ") }.map { String($0.dropFirst(7)) } ?? "no reason given"
  }

  /// The lines below REASON.
  var words: [String] {
    guard let start = lines.firstIndex(where: { $0.hasPrefix("REASON ") }) else { return [] }
    return lines[(start + 1)...].prefix { $0.hasPrefix("  ") }.map(Self.trimmed)
  }

  /// The waits of the cycle; nil when the dump has none.
  var edges: [Edge]? {
    guard let start = lines.firstIndex(where: { $0.hasPrefix("CYCLE ") }) else { return nil }
    var edges: [Edge] = []
    var index = start + 1
    while index + 2 < lines.count, !lines[index].hasPrefix("  =>"), !lines[index].isEmpty {
      guard let wait = Self.words(lines[index + 1], "waits ", " at "),
        let held = Self.words(lines[index + 2], "held by ", ", taken at ")
      else { break }
      let lock = wait.left.split(separator: "\"", omittingEmptySubsequences: false)
      edges.append(
        Edge(
          thread: Self.trimmed(lines[index]), lock: lock.count > 1 ? String(lock[1]) : wait.left, waitsAt: wait.right,
          holder: held.left, takenAt: held.right, place: place(index + 1)))
      index += 3
    }
    return edges
  }

  /// `THREAD is in 'ACTIVITY' for ... without progress`.
  var hang: String? {
    lines.first { $0.contains(" without progress, limit ") && !$0.hasPrefix("REASON") }.map(Self.trimmed)
  }

  /// Whether the thread that stands still holds a lock.
  var isHolding: Bool { suspect.contains { lines[$0].hasPrefix("  holds ") } }

  /// Where the thread stands that holds everything up: its verdict, what it holds, and its own innermost code.
  var standing: [Diagnosis.Evidence] {
    let shown = suspect.filter { lines[$0].hasPrefix("  verdict: ") || lines[$0].hasPrefix("  holds ") }
    let frame = suspect.first { index in
      guard lines[index].hasPrefix("  #"), let at = lines[index].firstRange(of: "  at ") else { return false }
      let place = lines[index][at.upperBound...]
      let shown = place.hasPrefix("Sources/") ? place.dropFirst("Sources/".count) : place
      return !Self.below.contains { shown.hasPrefix($0) }
    }
    return (shown.prefix(Diagnosis.evidenceMax) + (frame.map { [$0] } ?? [])).map {
      Diagnosis.Evidence(place: place($0), text: joined($0))
    }
  }

  /// A line, and the place that may stand in the next one.
  private func joined(_ index: Int) -> String {
    let text = Self.trimmed(lines[index])
    guard index + 1 < lines.count, lines[index + 1].hasPrefix("      at ") else { return text }
    return "\(text) \(Self.trimmed(lines[index + 1]))"
  }

  /// Indices of the paragraph of the first thread: suspects stand first.
  private var suspect: Range<Int> {
    guard let start = lines.firstIndex(where: { $0.hasPrefix("THREAD ") }) else { return 0..<0 }
    return start..<(lines[start...].firstIndex { $0.isEmpty } ?? lines.count)
  }

  private static func trimmed(_ line: String) -> String { String(line.drop { $0 == " " }) }

  /// What stands between the beginning and the separator, and after it.
  private static func words(_ line: String, _ prefix: String, _ separator: String) -> (left: String, right: String)? {
    let text = trimmed(line)
    guard text.hasPrefix(prefix), let at = text.firstRange(of: separator) else { return nil }
    return (
      String(text[text.index(text.startIndex, offsetBy: prefix.count)..<at.lowerBound]), String(text[at.upperBound...])
    )
  }
}
