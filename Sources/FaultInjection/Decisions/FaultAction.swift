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
  /// The message comes behind the next one, or so much later when none comes.
  case reorder(Duration)
  /// The thread ends here, as if its body had returned; what it holds is given back on the way.
  case kill
  /// The operation fails with this code, as written in the plan.
  case returnError(String)
  /// A field of the message has another value than it should.
  case replace(field: String, value: String)
  /// At most this share of what was asked for, in millionths.
  case quota(millionths: Int)
  /// A clock that is ahead by `by` (behind where it is negative), and gains `perSecond` in each second since the fault was
  /// armed.
  case skew(by: Duration, perSecond: Duration)
  /// The thread waits here until so many threads have come to the barrier of that name.
  case barrier(name: String, threads: Int)
  /// The thread waits here until the signal of that name is given.
  case wait(name: String)
  /// Gives the signal of that name, for those who wait and for those who come later.
  case signal(name: String)
  /// The message arrives in a form that cannot be read.
  case corrupt
  /// The connection is cut.
  case close
  /// A connection is refused.
  case refuse
  /// The answer is a page with this HTTP status, not the peer's own.
  case http(status: Int)

  /// The action without its parameters, which sites state what they understand by.
  public var kind: FaultActionKind {
    switch self {
    case .pass: .pass
    case .sleep: .sleep
    case .delay: .delay
    case .hang: .hang
    case .drop: .drop
    case .dup: .dup
    case .reorder: .reorder
    case .kill: .kill
    case .returnError: .returnError
    case .replace: .replace
    case .quota: .quota
    case .skew: .skew
    case .barrier: .barrier
    case .wait: .wait
    case .signal: .signal
    case .corrupt: .corrupt
    case .close: .close
    case .refuse: .refuse
    case .http: .http
    }
  }
}

/// The verbs of plans.
public enum FaultActionKind: String, Sendable, CaseIterable {
  /// Verbs as plans write them.
  case pass, sleep, delay, hang, drop, dup, reorder, kill
  /// `return(CODE)`: the operation fails with that code.
  case returnError = "return"
  /// Verbs as plans write them.
  case replace, quota, skew, barrier, wait, signal, corrupt, close, refuse, http
}
