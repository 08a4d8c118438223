import Basics
import Trading

extension Check {
  /// Reads `crash` and the step-limit incidents of run.json.
  public static let noCrash = Check(.noCrash, "the session ended as it was asked to, without a trap") { record in
    let name = CheckName.noCrash
    guard record.run.has("crash") else { return .open(name, "run.json does not say whether it crashed") }
    if let crash = record.run.crash { return .fail(name, "the session crashed: \(crash)", []) }
    if let endless = record.run.incidents.first(where: { $0.kind == "step-limit" }) {
      return .fail(name, "the session had no end: \(endless.summary)", [])
    }
    return .pass(name, "no crash")
  }
}
