import Basics
import Trading

extension Check {
  /// Reads the incidents of run.json.
  public static let noStuckWait = Check(
    .noStuckWait, "no thread waits beyond the limit of the activity it is in"
  ) { record in
    let name = CheckName.noStuckWait
    guard record.run.has("incidents") else { return .open(name, "run.json records no incidents") }
    let kinds = ["hang", "stuck", "lost-wakeup", "livelock", "starvation"]
    let found = record.run.incidents.filter { kinds.contains($0.kind) }
    guard let first = found.first else {
      if let unwatched = record.run.unwatched { return .open(name, unwatched) }
      return .pass(name, "no wait beyond its activity's limit")
    }
    return .fail(name, first.summary, found.map(\.evidence))
  }
}
