import Basics
import ChaosRuntime
import Monitoring
import Trading

/// A spot-trading bot that buys drops: the real engine under test, put together from replaceable parts.
public final class Engine: Sendable {
  /// The run, the venue, the settings.
  public let context: EngineContext
  /// The parts by their names, such as `parts.router`; for tests and for what accompanies an engine.
  public let parts: EngineAssembly

  /// Logs an event of now: `try engine.log(.warning, .alertFired, [])`.
  public var log: EventLog { parts.events }

  /// Puts the engine together; nothing runs yet.
  ///
  /// - Parameter logFile: path of the event log in the session directory, such as `logs/events_20250101_000000.jsonl`.
  public init(
    runtime: Runtime, client: any ExchangeClient, symbols: [Symbol], settings: EngineSettings = EngineSettings(),
    parts: EngineParts = EngineParts(), metrics: Metrics, logFile: String = "logs/events.jsonl"
  ) {
    context = EngineContext(
      runtime: runtime, client: client, symbols: symbols, settings: settings, metrics: metrics, logFile: logFile)
    self.parts = EngineAssembly(context, parts)
  }

  deinit {
    // A thread that is still about uses its part until it ends.
    context.threads.whenAllHaveEnded { [parts] in parts.takeApart() }
  }

  /// Starts the engine's threads and returns at once.
  public func start() throws(Stopped) {
    try parts.start()
    try log(
      .info, .engineStart,
      [
        LogField(.symbols, .texts(context.markets.symbols.map(\.description))),
        LogField(.threads, .texts(context.threads.all.map(\.name))),
      ])
  }

  /// Waits for the main loop to end, at most `timeout`; true: it is gone, which only a shutdown should make it.
  ///
  /// Whoever runs the engine waits here, and shuts it down at once; with nobody there it ends by itself with the next heartbeat.
  public func waitForMainLoop(timeout: Duration) throws(Stopped) -> Bool {
    guard let main = context.threads.named(.engineMain), try main.join(timeout: timeout) else { return false }
    context.runtime.landmark(.mainLoopGone)
    return true
  }

  /// Ends the engine within its limit: drain, persist, join. An engine whose main loop is gone may have begun to end by itself;
  /// then this waits for its report.
  @discardableResult
  public func shutdown() throws(Stopped) -> ShutdownReport {
    try context.ending.run()
  }
}
