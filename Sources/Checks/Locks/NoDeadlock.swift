import Basics
import Trading

extension Check {
  /// Reads the incidents of run.json.
  public static let noDeadlock = Check(.noDeadlock, "no threads wait for each other in a cycle") { record in
    let name = CheckName.noDeadlock
    guard record.run.has("incidents") else { return .open(name, "run.json records no incidents") }
    let found = record.run.incidents.filter { $0.kind == "deadlock" }
    guard let first = found.first else {
      if let unwatched = record.run.unwatched { return .open(name, unwatched) }
      return .pass(name, "no cycle of lock waits")
    }
    return .fail(name, first.summary, found.map(\.evidence))
  }
}

extension RunFacts {
  /// Why the watchdog of a live session may have missed a deadlock or a hang; nil: it saw every thread.
  var unwatched: String? { json["unwatched"]?.string }
}

extension RunFacts.IncidentFact {
  var evidence: String { "\(time.iso8601()) \(summary)" }
}
