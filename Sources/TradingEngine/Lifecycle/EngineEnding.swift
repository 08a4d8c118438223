import Basics
import ChaosRuntime
import Synchronization
import Trading

/// The one end of an engine: whoever asks first brings it about, and everybody gets its report.
public final class EngineEnding: Sendable {
  private struct State {
    var shutdown: (any Shutdown)?
    var isClaimed = false
    var report: ShutdownReport?
  }

  /// How often those who came second look for the report.
  private static let interval = Duration.milliseconds(10)

  private let runtime: Runtime
  private let state = Mutex(State())

  init(_ runtime: Runtime) {
    self.runtime = runtime
  }

  /// Says how the engine ends; called when its parts are made.
  func use(_ shutdown: any Shutdown) { state.withLock { $0.shutdown = shutdown } }

  /// Lets go of the shutdown, which holds the parts.
  func forget() { state.withLock { $0.shutdown = nil } }

  /// Ends the engine and returns when it has ended, also when somebody else had begun to.
  func run() throws(Stopped) -> ShutdownReport {
    let mine = state.withLock { state in
      defer { state.isClaimed = true }
      return state.isClaimed ? nil : state.shutdown
    }
    if let mine {
      let report = try mine.run()
      state.withLock { $0.report = report }
      return report
    }
    while true {
      if let report = state.withLock({ $0.report }) { return report }
      try runtime.sleep(Self.interval)
    }
  }

  /// Ends the engine on a thread of its own: nobody who runs the engine has to notice.
  public func begin(on threads: EngineThreads) throws(Stopped) {
    try threads.start(.engineEnd) { [self] () throws(Stopped) in _ = try run() }
  }
}
