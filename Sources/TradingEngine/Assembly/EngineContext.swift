import Basics
import ChaosRuntime
import Monitoring
import Synchronization
import Trading

/// What every part of one engine can reach: the run, the venue, the settings and the other parts.
///
/// Parts keep the context; `Engine` takes the circle apart once all threads have ended.
public final class EngineContext: @unchecked Sendable {
  public let runtime: Runtime
  /// The venue without the gate; only the gate (and pre-fix parts) call it.
  public let client: any ExchangeClient
  public let settings: EngineSettings
  public let metrics: Metrics
  public let markets: Markets
  /// What the engine holds; guarded by the lock `state`.
  public let positions: PositionBook
  /// Tells every thread that the engine ends.
  public let stopping: StopSignal
  /// The engine's threads, in the order they were started.
  public let threads: EngineThreads
  public let startedAt: Instant
  private let isMainLoopGoneTold = Atomic<Bool>(false)
  /// Path of the event log, such as `logs/events_20250101_000000.jsonl`.
  public let logFile: String

  @Late public internal(set) var formatter: any LogFormatter
  @Late public internal(set) var log: any LogPipeline
  @Late public internal(set) var bus: any EventBus
  @Late public internal(set) var gate: any ExchangeGate
  @Late public internal(set) var budget: any BudgetLedger
  @Late public internal(set) var state: any StateStore
  @Late public internal(set) var intents: any IntentBook
  @Late public internal(set) var entryGuard: any EntryGuard
  @Late public internal(set) var clientIds: any ClientIdMaker
  @Late public internal(set) var quantizer: any Quantizer
  @Late public internal(set) var router: any OrderRouter
  @Late public internal(set) var fills: any FillHandler
  @Late public internal(set) var reconciler: any Reconciler
  @Late public internal(set) var refresher: any BudgetRefresher
  @Late public internal(set) var feed: any MarketFeed
  @Late public internal(set) var heartbeat: any HeartbeatLogger
  @Late public internal(set) var shutdown: any Shutdown

  /// Makes the context and its parts, and wires them in the order in which their bus handlers have to run.
  init(
    runtime: Runtime, client: any ExchangeClient, symbols: [Symbol], settings: EngineSettings, parts: EngineParts,
    metrics: Metrics, logFile: String
  ) throws(Stopped) {
    self.runtime = runtime
    self.client = client
    self.settings = settings
    self.metrics = metrics
    self.logFile = logFile
    startedAt = runtime.now
    markets = Markets(symbols)
    positions = PositionBook(runtime, marketCount: symbols.count)
    stopping = StopSignal(runtime)
    threads = EngineThreads(runtime)
    formatter = parts.formatter(self)
    log = parts.log(self)
    bus = parts.bus(self)
    gate = TimedGate(parts.gate(self), self)
    budget = parts.budget(self)
    state = parts.state(self)
    intents = parts.intents(self)
    entryGuard = parts.entryGuard(self)
    clientIds = parts.clientIds(self)
    quantizer = parts.quantizer(self)
    router = parts.router(self)
    fills = parts.fills(self)
    reconciler = parts.reconciler(self)
    refresher = parts.refresher(self)
    feed = parts.feed(self)
    heartbeat = parts.heartbeat(self)
    shutdown = parts.shutdown(self)
    if settings.firstFillReport { try FirstFillReport(self).wire() }
    for part in all { try part.wire() }
  }

  /// The guard hears of a failure before the intent book, so that no symbol is free between intent and cooldown.
  private var all: [any EnginePart] {
    [
      log, bus, gate, budget, state, entryGuard, intents, clientIds, quantizer, router, fills, reconciler, refresher,
      feed,
      heartbeat, shutdown,
    ]
  }

  /// Lets go of the parts, which hold this context; no thread may run any more.
  func dismantle() {
    _formatter.forget()
    _log.forget()
    _bus.forget()
    _gate.forget()
    _budget.forget()
    _state.forget()
    _intents.forget()
    _entryGuard.forget()
    _clientIds.forget()
    _quantizer.forget()
    _router.forget()
    _fills.forget()
    _reconciler.forget()
    _refresher.forget()
    _feed.forget()
    _heartbeat.forget()
    _shutdown.forget()
  }
}

extension EngineContext {
  /// Logs an event of now.
  public func log(_ level: LogLevel, _ event: EventName, _ fields: [LogField]) throws(Stopped) {
    try hand(LogRecord(time: runtime.now, level: level, event: event, fields: fields))
  }

  /// Logs an ORDER_* event of now, which also goes to `logs/jsonl/orders.jsonl`.
  public func logOrder(_ level: LogLevel, _ event: EventName, _ fields: [LogField]) throws(Stopped) {
    try hand(LogRecord(time: runtime.now, level: level, event: event, fields: fields, isOrderEvent: true))
  }

  /// HEARTBEAT.
  public func logHeartbeat(_ sequence: Int) throws(Stopped) {
    let overview = try state.overview()
    var open = 0
    for position in overview.positions where position.isOpen { open += 1 }
    try log(
      .info, .heartbeat,
      [
        LogField(.seq, .integer(sequence)), LogField(.uptimeS, .number((runtime.now - startedAt).seconds)),
        LogField(.positionsCount, .integer(open)), LogField(.pendingIntents, .integer(intents.count)),
        LogField(.budgetFree, .decimal(overview.budget.free)),
        LogField(.stateSavedAt, state.savedAt.map { .time($0) } ?? .null),
      ])
  }

  /// Whether the main loop has ended though nobody asked the engine to.
  public var isMainLoopGone: Bool { !stopping.isRequested && threads.named(.engineMain)?.isFinished == true }

  /// MAIN_LOOP_GONE, once, whoever finds out first.
  public func logMainLoopGone() throws(Stopped) {
    guard !isMainLoopGoneTold.exchange(true, ordering: .relaxed) else { return }
    try log(.error, .mainLoopGone, [LogField(.thread, ThreadName.engineMain.rawValue)])
  }

  /// A caller whom the pipeline kept waiting beyond the formatter's limit leaves LOG_CALL_SLOW behind, whatever the pipeline.
  private func hand(_ record: LogRecord) throws(Stopped) {
    try log.log(record)
    let waited = runtime.now - record.time
    guard waited > settings.formatterTimeout else { return }
    try log.log(
      LogRecord(
        time: runtime.now, level: .warning, event: .logCallSlow,
        fields: [
          LogField(.thread, runtime.threadName), LogField(.loggedEvent, "\(record.event)"),
          LogField(.waitedMs, .number(waited.milliseconds)),
        ]))
  }
}
