/// What a site is told to do.
public enum FaultAction: Sendable, Equatable {
  /// Nothing; ends the chain (`off`, `pass`).
  case pass
  /// Held up for so long; cancelled when the fault is disarmed.
  case sleep(Duration)
  /// On its way for so long; who waits for the answer does not get it.
  case delay(Duration)
  /// Held up until the fault is disarmed or the run stops.
  case hang
  /// The message is lost.
  case drop
  /// The message is delivered twice.
  case dup
  /// The thread ends here, as if its body had returned; what it holds is given back on the way.
  case kill
  /// The operation fails with this code, as written in the plan.
  case returnError(String)
  /// A field of the message has another value than it should.
  case replace(field: String, value: String)
  /// At most this share of what was asked for, in millionths.
  case quota(millionths: Int)

  /// The action without its parameters, which sites state what they understand by.
  public var kind: FaultActionKind {
    switch self {
    case .pass: .pass
    case .sleep: .sleep
    case .delay: .delay
    case .hang: .hang
    case .drop: .drop
    case .dup: .dup
    case .kill: .kill
    case .returnError: .returnError
    case .replace: .replace
    case .quota: .quota
    }
  }
}

/// The verbs of plans that can be executed.
public enum FaultActionKind: String, Sendable, CaseIterable {
  /// Verbs as plans write them.
  case pass, sleep, delay, hang, drop, dup, kill, replace, quota
  /// `return(CODE)`: the operation fails with that code.
  case returnError = "return"
}
