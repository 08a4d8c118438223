import ChaosRuntime

/// The sites of the runtime itself: every system under test has them.
public enum RuntimeSites {
  static let lock = "lock.acquire"
  static let held = "lock.held"
  static let wait = "thread.wait"
  static let sleep = "runtime.sleep"

  static func disk(_ operation: DiskOperation) -> String { "disk.\(operation.rawValue)" }

  /// Catalogue entries of locks, waits, sleeps and disk operations.
  public static let definitions: [SiteDefinition] =
    DiskOperation.allCases.map { operation in
      SiteDefinition(
        name: disk(operation), keys: ["file", "path"], actions: [.sleep, .hang, .returnError],
        codes: ["full", "readonly", "notfound", "io"],
        values: ["file": .lacking("/", example: "engine_transient.json")],
        summary: "before a disk \(operation.rawValue); file: last part of the final name, path: all of it; "
          + "return(full|readonly|notfound|io|errno)")
    } + [
      SiteDefinition(
        name: lock, keys: ["name"], actions: [.sleep, .barrier, .wait, .signal],
        summary: "before a lock is asked for; name: the lock's name; barrier(gate,2) waits for a second thread there, "
          + "wait(gate) for signal(gate)"),
      SiteDefinition(
        name: held, keys: ["name"], actions: [.sleep, .hang, .barrier, .wait, .signal],
        summary: "a lock was just taken, sleep and hang hold it; name: the lock's name"),
      SiteDefinition(
        name: wait, keys: ["name"], actions: [.sleep, .hang, .kill],
        summary: "before a thread waits on a condition, its lock still held; name: the condition's name; "
          + "kill ends the thread, the clause thread says which"),
      SiteDefinition(
        name: sleep, keys: ["duration_ms"], actions: [.sleep, .hang], values: ["duration_ms": .numbers(from: 0)],
        summary: "before a thread sleeps; duration_ms: for how long it asked"),
    ]

  /// The error that `return(code)` means at a disk site.
  static func diskError(_ code: String) -> DiskError {
    switch code {
    case "full": .full
    case "readonly": .readOnly
    case "notfound": .notFound
    default: .io(Int32(code) ?? ioError)
    }
  }

  /// EIO of Linux.
  private static let ioError: Int32 = 5
}
