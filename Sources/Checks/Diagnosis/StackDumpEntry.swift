import Basics

/// What a session with a stack dump starts with: the cycle or the hang, the places in the code, and how it is mended.
extension Diagnosis {
  /// The entry of a session that the watchdog ended, from stackdump.txt, else from run.json; nil without either.
  static func dump(_ record: SessionRecord, _ directory: String?) -> Entry? {
    let text = record.dumpBytes.map { StackDump($0) }
    let incident = record.run.incidents.first { $0.kind != "step-limit" }
    guard let reason = record.stackdump ?? incident?.summary else { return nil }
    let again = again(record, directory)
    var cause = Cause(id: incident?.kind ?? "dump", says: reason, weight: 1, evidence: [], next: again)
    if let text, let edges = text.edges, !edges.isEmpty {
      cause.take(edges)
      cause.next += "; \(again)"
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

  /// The entry of a dump that stands alone, as `chaos watch` writes it; nil: no such text.
  public static func dump(alone bytes: [UInt8], file: String) -> (entry: Entry, exitCode: Int32)? {
    let text = StackDump(bytes, file: file)
    guard text.isStackDump else { return nil }
    var cause = Cause(
      id: "dump", says: text.hang ?? text.words.first ?? text.reason, weight: 1, evidence: text.standing,
      next: mended(text.reason, isHolding: text.isHolding))
    if text.reason.hasPrefix("DEADLOCK"), let edges = text.edges, !edges.isEmpty { cause.take(edges) }
    if !text.isComplete { cause.next += "; the dump has no last line 'END complete': the rest of it is missing" }
    let code = text.reason.hasPrefix("SUSPECTED") ? ExitCode.inconclusive : ExitCode.stuck
    return (
      Entry(name: "Stack dump", symptom: text.reason, causes: [cause]),
      text.reason.hasPrefix("ASKED FOR") ? ExitCode.pass : code
    )
  }

  /// How the same session is seen again, smaller.
  static func again(_ record: SessionRecord, _ directory: String?) -> String {
    let place = directory ?? "DIR"
    if record.run.json["replay"]?.string != nil {
      return "'chaos shrink \(place)' finds the smallest case of it, 'chaos replay \(place)' runs it again"
    }
    return "a live session has no recording: run it without --live, then 'chaos shrink' that session"
  }

  fileprivate static func mended(_ edges: [StackDump.Edge]) -> String {
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
    case "SUSPECTED":
      "the first threads of the dump show where the program stands: give that wait a deadline, or raise --stall where it "
        + "may take so long"
    case "LOST WAKEUP":
      "change the state under the lock, signal after that, and wait in a 'while' for the state, not for the signal"
    case "STUCK": "nobody is left who could wake these threads: find who should have, and what it waits for"
    case "LIVELOCK": "let a round that changed nothing wait, or give up after some rounds"
    case "STARVATION": "hand the lock over in the order of asking, or hold it for less"
    default: "the threads of the dump show where each stands"
    }
  }
}

extension Diagnosis.Cause {
  /// Becomes the cause that a circle of locks is.
  fileprivate mutating func take(_ edges: [StackDump.Edge]) {
    id = "lock-cycle"
    says = edges.map { "\($0.thread) waits for \"\($0.lock)\", which \($0.holder) holds" }.joined(separator: "; ")
    evidence = edges.prefix(8).map(\.evidence)
    next = Diagnosis.mended(edges)
  }
}
