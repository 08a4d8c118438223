import Basics

/// What a session with a stack dump starts with: the cycle or the hang, the places in the code, and how it is mended.
extension Diagnosis {
  /// The entry of a session that the watchdog ended, from stackdump.txt, else from run.json; nil without either.
  static func dump(_ record: SessionRecord, _ directory: String?) -> Entry? {
    let text = record.dumpBytes.map { DumpLines($0) }
    let incident = record.run.incidents.first { $0.kind != "step-limit" }
    guard let reason = record.stackdump ?? incident?.summary else { return nil }
    let again = again(record, directory)
    var cause = Cause(id: incident?.kind ?? "dump", says: reason, weight: 1, evidence: [], next: again)
    if let text, let edges = text.edges, !edges.isEmpty {
      cause.id = "lock-cycle"
      cause.says = edges.map { "\($0.thread) waits for \"\($0.lock)\", which \($0.holder) holds" }.joined(
        separator: "; ")
      cause.evidence = edges.prefix(8).map(\.evidence)
      cause.next = "\(mended(edges)); \(again)"
    } else if let text {
      cause.evidence = text.standing
      cause.says = text.hang ?? reason
      cause.next = "\(mended(reason, isHolding: text.isHolding)); \(again)"
    }
    if cause.evidence.isEmpty, let line = record.runFile.line("summary") {
      cause.evidence = [Evidence(place: "\(record.runFile.path):\(line.number)", text: line.text)]
    }
    return Entry(name: "Stack dump", symptom: reason, causes: [cause])
  }

  /// How the same session is seen again, smaller.
  static func again(_ record: SessionRecord, _ directory: String?) -> String {
    let place = directory ?? "DIR"
    if record.run.json["replay"]?.string != nil {
      return "'chaos shrink \(place)' finds the smallest case of it, 'chaos replay \(place)' runs it again"
    }
    return "a live session has no recording: run it without --live, then 'chaos shrink' that session"
  }

  private static func mended(_ edges: [DumpLines.Edge]) -> String {
    guard edges.count > 1, let first = edges.first, let last = edges.last else {
      return
        "a thread waits for a lock that it holds itself: split the function in one that takes the lock and one that "
        + "is called under it"
    }
    // Each thread holds what the one before it waits for; the first holds what the last one waits for.
    let before = edges[edges.count - 2]
    return
      "take the locks in one order everywhere, as \(first.thread) does: \"\(last.lock)\" before \"\(first.lock)\". "
      + "\(last.thread) asks for \"\(last.lock)\" at \(last.waitsAt) while it holds \"\(before.lock)\" (taken at "
      + "\(before.takenAt)): let go of that before, or copy what is needed under it and continue outside of it"
  }

  private static func mended(_ reason: String, isHolding: Bool) -> String {
    switch reason.prefix(while: { $0 != ":" }) {
    case "HANG" where isHolding:
      "let go of the lock before work that may not return, and give that work a deadline: whoever wants the lock stands "
        + "still as long"
    case "HANG": "give the wait at that place a deadline, and say what becomes of the work when it passes"
    case "LOST WAKEUP":
      "change the state under the lock, signal after that, and wait in a 'while' for the state, not for the signal"
    case "STUCK": "nobody is left who could wake these threads: find who should have, and what it waits for"
    case "LIVELOCK": "let a round that changed nothing wait, or give up after some rounds"
    case "STARVATION": "hand the lock over in the order of asking, or hold it for less"
    default: "the threads of the dump show where each stands"
    }
  }
}

/// stackdump.txt by its lines.
struct DumpLines {
  struct Edge {
    var thread: String
    var lock: String
    var waitsAt: String
    var holder: String
    var takenAt: String
    var line: Int

    var evidence: Diagnosis.Evidence {
      Diagnosis.Evidence(
        place: "stackdump.txt:\(line)",
        text: "\(thread) waits for \"\(lock)\" at \(waitsAt); \(holder) holds it, taken at \(takenAt)")
    }
  }

  /// Modules whose frames say where a thread waits, and not why.
  private static let below = [
    "ChaosRuntime/", "CPlatform/", "FaultInjection/", "FakeExchange/", "PaperSession/", "<compiler-generated>",
  ]
  private let lines: [String]

  init(_ bytes: [UInt8]) {
    lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
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
          holder: held.left, takenAt: held.right, line: index + 2))
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
      return !Self.below.contains { lines[index][at.upperBound...].hasPrefix($0) }
    }
    return (shown.prefix(Diagnosis.evidenceMax) + (frame.map { [$0] } ?? [])).map {
      Diagnosis.Evidence(place: "stackdump.txt:\($0 + 1)", text: Self.trimmed(lines[$0]))
    }
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
