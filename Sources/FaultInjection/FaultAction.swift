/// What a site is told to do.
public enum FaultAction: Sendable, Equatable {
  /// Nothing; ends the chain (`off`, `pass`).
  case pass
  /// Held up for so long; cancelled when the fault is disarmed.
  case sleep(Duration)
  /// Held up until the fault is disarmed or the run stops.
  case hang
  /// The message is lost.
  case drop
  /// The thread ends here, as if its body had returned; what it holds is given back on the way.
  case kill
  /// The operation fails with this code, as written in the plan.
  case returnError(String)

  public var kind: FaultActionKind {
    switch self {
    case .pass: .pass
    case .sleep: .sleep
    case .hang: .hang
    case .drop: .drop
    case .kill: .kill
    case .returnError: .returnError
    }
  }
}

/// The verbs of plans that can be executed.
public enum FaultActionKind: String, Sendable, CaseIterable {
  case pass, sleep, hang, drop, kill
  case returnError = "return"
}
