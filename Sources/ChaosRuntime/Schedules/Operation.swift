/// What a thread is about to do at a scheduling point.
public enum Operation: UInt8, BitwiseCopyable, Sendable, CaseIterable {
  /// The primitives themselves: a thread's first step, then one case for each call of `Runtime`, `Lock`, `Condition`,
  /// `ThreadHandle` and `Disk`.
  case start, lock, unlock, wait, signal, sleep, yield, spawn, join, disk
  /// The thread just blocked; somebody else must run.
  case blocked
  /// Of a plain shared variable.
  case read, write
  /// Whether a wait ends at once, without a signal.
  case wake

  /// The word that recordings and traces have for it.
  public var name: String {
    switch self {
    case .start: "start"
    case .lock: "lock"
    case .unlock: "unlock"
    case .wait: "wait"
    case .signal: "signal"
    case .sleep: "sleep"
    case .yield: "yield"
    case .spawn: "spawn"
    case .join: "join"
    case .disk: "disk"
    case .blocked: "blocked"
    case .read: "read"
    case .write: "write"
    case .wake: "wake"
    }
  }

  init?(name: String) {
    for operation in Self.allCases where operation.name == name {
      self = operation
      return
    }
    return nil
  }
}
