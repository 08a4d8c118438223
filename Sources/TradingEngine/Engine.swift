import Basics
import ChaosRuntime
import Monitoring
import Synchronization
import Trading

/// A spot-trading bot that buys drops: the real engine under test, put together from replaceable parts.
public final class Engine: Sendable {
  /// What every part reaches; for tests and for whoever replaces parts.
  public let context: EngineContext

  /// Puts the engine together; nothing runs yet.
  ///
  /// - Parameter logFile: path of the event log in the session directory, such as `logs/events_20250101_000000.jsonl`.
  public init(
    runtime: Runtime, client: any ExchangeClient, symbols: [Symbol], settings: EngineSettings = EngineSettings(),
    parts: EngineParts = EngineParts(), metrics: Metrics, logFile: String = "logs/events.jsonl"
  ) throws(Stopped) {
    context = try EngineContext(
      runtime: runtime, client: client, symbols: symbols, settings: settings, parts: parts, metrics: metrics,
      logFile: logFile)
  }

  deinit {
    // Parts and context hold each other; a thread that is still about uses both until it ends.
    context.threads.whenAllHaveEnded { [context] in context.dismantle() }
  }

  /// Starts the engine's threads and returns at once.
  public func start() throws(Stopped) {
    let context = context
    try context.threads.start(.logWriter) { () throws(Stopped) in try context.log.run() }
    try context.threads.start(.stateWriter) { () throws(Stopped) in try context.state.run() }
    try context.threads.start(.budgetRefresh) { () throws(Stopped) in try context.refresher.run() }
    try context.threads.start(.orderRouter) { () throws(Stopped) in try context.bus.serveRouterLane() }
    try context.threads.start(.userStream) { () throws(Stopped) in try UserStream(context).run() }
    try context.threads.start(.reconciler) { () throws(Stopped) in try context.reconciler.run() }
    try context.feed.start()
    try context.threads.start(.engineMain) { () throws(Stopped) in try MainLoop(context).run() }
    try context.threads.start(.heartbeat) { () throws(Stopped) in try context.heartbeat.run() }
    try context.log(
      .info, .engineStart,
      [
        LogField(.symbols, .texts(context.markets.symbols.map(\.description))),
        LogField(.threads, .texts(context.threads.all.map(\.name))),
      ])
  }

  /// Waits for the main loop to end, at most `timeout`; true: it is gone, which only a shutdown should make it.
  ///
  /// Whoever runs the engine waits here, so that a main loop that dies ends the engine and not its trading alone.
  public func waitForMainLoop(timeout: Duration) throws(Stopped) -> Bool {
    guard let main = context.threads.named(.engineMain), try main.join(timeout: timeout) else { return false }
    context.runtime.landmark(.mainLoopGone)
    return true
  }

  /// Ends the engine within its limit: drain, persist, join.
  @discardableResult
  public func shutdown() throws(Stopped) -> ShutdownReport {
    try context.shutdown.run()
  }
}
