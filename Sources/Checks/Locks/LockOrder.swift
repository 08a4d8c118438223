import Basics
import Trading

extension Check {
  /// Reads `lock_order` of run.json: cycles that one schedule predicted, and what became of each.
  public static let lockOrder = Check(.lockOrder, "no predicted cycle of locks was brought about") { record in
    let name = CheckName.lockOrder
    guard let order = record.run.json["lock_order"], let cycles = order["cycles"]?.array else {
      return .notApplicable(name, "only 'chaos run --lock-order' looks at the order of locks")
    }
    func lines(_ finding: String) -> [String] {
      cycles.filter { $0["finding"]?.string == finding }.map { "\(finding): \($0["text"]?.string ?? "?")" }
    }
    let confirmed = lines("confirmed")
    if !confirmed.isEmpty {
      let others = cycles.count - confirmed.count
      return .fail(
        name, "\(confirmed.count) predicted cycles were brought about\(others > 0 ? ", \(others) others not" : "")",
        confirmed)
    }
    let edges = order["edges"]?.int ?? 0
    if edges == 0, cycles.isEmpty {
      return .notApplicable(name, "no thread took a lock while it held another")
    }
    return .pass(
      name, "\(edges) orders of two locks, \(cycles.count) cycles predicted, none confirmed",
      lines("guarded") + lines("unconfirmed"))
  }
}
