import ChaosRuntime

extension Checks {
  /// Reads `crash` and the incidents of run.json.
  static let noCrash = Check("no-crash", "the session ended as it was asked to, without a trap") { record in
    let name = "no-crash"
    if let crash = record.run.crash { return .fail(name, "the session crashed: \(crash)", []) }
    if let endless = record.run.incidents.first(where: { $0.kind == "step-limit" }) {
      return .fail(name, "the session had no end: \(endless.summary)", [])
    }
    return .pass(name, "no crash")
  }

  /// Reads the incidents of run.json.
  static let noDeadlock = Check("no-deadlock", "no threads wait for each other in a circle") { record in
    let found = record.run.incidents.filter { $0.kind == "deadlock" }
    guard let first = found.first else { return .pass("no-deadlock", "no cycle of lock waits") }
    return .fail("no-deadlock", first.summary, found.map { "\($0.time.iso8601()) \($0.summary)" })
  }

  /// Reads the incidents of run.json.
  static let noStuckWait = Check(
    "no-stuck-wait", "no thread waits beyond the limit of the activity it is in"
  ) { record in
    let found = record.run.incidents.filter { $0.kind == "hang" || $0.kind == "stuck" }
    guard let first = found.first else { return .pass("no-stuck-wait", "no wait beyond its activity's limit") }
    return .fail("no-stuck-wait", first.summary, found.map { "\($0.time.iso8601()) \($0.summary)" })
  }
}
