import Basics
import Synchronization
import Trading

/// Starts a thread again that has ended though it should run; one that does not stay alive ends the engine in order.
///
/// The same for every thread that was started with `EngineThreads.keep`, whatever it does: its part keeps between two starts
/// what the thread had in its hands. Each end counts in the metrics, from where an alert tells of it. The main loop, on whose
/// thread this runs, is watched by whoever runs the engine (`Engine.waitForMainLoop`).
public final class RestartingSupervisor: ThreadSupervisor {
  /// A thread that was started again so often within `window` is given up when it ends once more; while the engine ends it
  /// may be started as often again.
  public static let restartsMax = 5
  /// The time over which restarts are counted.
  public static let window = Duration.seconds(300)

  private let context: EngineContext
  private let log: EventLog
  /// When each thread was started again, by its name.
  private let restarts = Mutex<[String: [Instant]]>([:])

  /// A supervisor that has seen no thread end.
  public init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
  }

  /// THREAD_RESTARTED or THREAD_GIVEN_UP; THREAD_ENDED for a thread whose owner replaces it by itself.
  @discardableResult
  public func look() throws(Stopped) -> Bool {
    var hasRestarted = false
    for lost in context.threads.takeLost(isStopping: context.stopping.isRequested) {
      context.runtime.landmark(.threadGone)
      context.metrics.recordThreadLost()
      guard lost.body != nil else {
        try log(.warning, .threadEnded, [LogField(.thread, lost.name)])
        continue
      }
      guard let count = noteRestart(of: lost.name) else { continue }
      if count <= Self.restartsMax || context.stopping.isRequested {
        try log(.warning, .threadRestarted, [LogField(.thread, lost.name), LogField(.restarts, .integer(count))])
      } else {
        try giveUp(lost.name)
      }
      try context.threads.start(again: lost)
      hasRestarted = true
    }
    return hasRestarted
  }

  /// The restarts within the window, this one included; nil: not even what is left to do at the end can be done.
  private func noteRestart(of name: String) -> Int? {
    let now = context.runtime.now
    return restarts.withLock { restarts in
      var times = restarts[name, default: []].filter { now - $0 <= Self.window }
      guard times.count < 2 * Self.restartsMax else { return nil }
      times.append(now)
      restarts[name] = times
      return times.count
    }
  }

  /// The main loop ends with the signal, and whoever runs the engine shuts it down. The thread is started once more: the state
  /// and the log have something left to write.
  private func giveUp(_ name: String) throws(Stopped) {
    try log(
      .error, .threadGivenUp,
      [
        LogField(.thread, name), LogField(.restarts, .integer(Self.restartsMax)),
        LogField(.advice, "the engine ends; look for what its log says of this thread before"),
      ])
    try context.stopping.request()
  }
}
