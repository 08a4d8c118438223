import Basics
import ChaosRuntime
import Monitoring
import Trading

/// What every part of one engine may use: the run, the venue, the settings, the books that no part owns.
public final class EngineContext: Sendable {
  /// Threads, locks, clock and disk of the run.
  public let runtime: Runtime
  /// The venue without the gate; only the gate (and pre-fix parts) call it.
  public let client: any ExchangeClient
  /// The settings in force; they do not change while the engine runs.
  public let settings: EngineSettings
  /// Counters and histograms of this engine.
  public let metrics: Metrics
  /// Symbols and rules of the markets that are traded.
  public let markets: Markets
  /// What the engine holds; guarded by the lock `state`.
  public let positions: PositionBook
  /// When the venue may be called.
  public let pauses = CallPauses()
  /// What the user stream told of balances.
  public let toldBalances = ToldBalances()
  /// What speaks against the user stream.
  public let streamDoubt = StreamDoubt()
  /// Orders of the account that are somebody else's.
  public let foreignOrders = ForeignOrders()
  /// Tells every thread that the engine ends.
  public let stopping: StopSignal
  /// The engine's threads, in the order they were started.
  public let threads: EngineThreads
  /// What a stack dump says of the engine.
  public let notes: EngineNotes
  /// How the engine ends, once, whoever asks for it.
  public let ending: EngineEnding
  /// When the engine was put together, in the time of the run.
  public let startedAt: Instant
  /// Path of the event log, such as `logs/events_20250101_000000.jsonl`.
  public let logFile: String

  init(
    runtime: Runtime, client: any ExchangeClient, symbols: [Symbol], settings: EngineSettings, metrics: Metrics,
    logFile: String
  ) {
    self.runtime = runtime
    self.client = client
    self.settings = settings
    self.metrics = metrics
    self.logFile = logFile
    startedAt = runtime.now
    notes = EngineNotes(runtime.notes)
    markets = Markets(symbols)
    positions = PositionBook(runtime, marketCount: symbols.count)
    stopping = StopSignal(runtime)
    threads = EngineThreads(runtime)
    ending = EngineEnding(runtime)
  }

  /// Whether the main loop has ended though nobody asked the engine to.
  public var isMainLoopGone: Bool { !stopping.isRequested && threads.named(.engineMain)?.isFinished == true }
}
