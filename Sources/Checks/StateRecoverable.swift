import ChaosRuntime

extension Checks {
  /// Reads `state/engine_transient.json`.
  static let stateRecoverable = Check(
    "state-recoverable", "the state file is whole and has what a restart needs"
  ) { record in
    let name = "state-recoverable"
    if let error = record.stateError { return .fail(name, "the state file is torn: \(error)", []) }
    guard let state = record.state else {
      return record.count("INTENT_PENDING") > 0 && !record.isCutShort
        ? .fail(name, "orders were sent and no state was ever saved", []) : .open(name, "no state was saved")
    }
    let missing = ["pending_buy_intents", "positions", "last_update"].filter { state[$0] == nil }
    if missing.isEmpty { return .pass(name, "the state file is whole") }
    return .fail(name, "the state file lacks \(missing.joined(separator: ", "))", [])
  }
}
