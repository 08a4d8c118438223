import Basics
import Monitoring
import Trading

/// Ends every thread in the order of the flow: no new intents, no new orders, open orders looked after, state, log.
public final class BoundedShutdown: Shutdown {
  /// What the last steps keep of the limit: state, then the threads that end last.
  private static let reserve = Duration.seconds(1)
  /// What the log gets when the limit is used up.
  private static let logTime = Duration.milliseconds(500)
  /// Orders that are looked after at the same time.
  private static let drainThreadsMax = 8
  /// Pause between two looks at the open orders.
  private static let drainPause = Duration.milliseconds(100)
  /// The same after the venue has said that there were too many requests.
  private static let limitPause = Duration.seconds(1)
  /// Threads that end after SHUTDOWN_COMPLETE is logged.
  private static let logThreads: [ThreadName] = [.logWriter, .formatWorker]

  private let context: EngineContext
  private let log: EventLog
  private let pipeline: any LogPipeline
  private let bus: any EventBus
  private let gate: any ExchangeGate
  private let state: any StateStore
  private let intents: any IntentBook
  private let router: any OrderRouter
  private let fills: any FillHandler
  private let fees: FeeLookup
  private let refresher: any BudgetRefresher
  private let supervisor: any ThreadSupervisor

  /// A shutdown that has not begun.
  public init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    pipeline = parts.log
    bus = parts.bus
    gate = parts.exchange
    state = parts.state
    intents = parts.intents
    router = parts.router
    fills = parts.fills
    fees = FeeLookup(parts)
    refresher = parts.refresher
    supervisor = parts.supervisor
  }

  /// Runs inside the activity `engine.shutdown`, once.
  public func run() throws(Stopped) -> ShutdownReport {
    try context.runtime.activity("engine.shutdown") { () throws(Stopped) in try end() }
  }

  private func end() throws(Stopped) -> ShutdownReport {
    let start = context.runtime.now
    let limit = start + context.settings.shutdownTimeout
    let early = Instant(nanoseconds: limit.nanoseconds - Self.reserve.nanoseconds)
    try log(.info, .shutdownStarted, [])
    if context.isMainLoopGone { try log.mainLoopGone() }
    try context.stopping.request()
    // Half of the time for what is being sent, the rest for asking what became of it.
    try gate.hurry(placing: start + (early - start) / 2, others: early)
    try join([.engineMain], until: early)
    try bus.close()
    try join([.orderRouter, .reconciler], until: early)
    try startDrain(until: early)
    try join([.shutdownDrain], until: early)
    context.stopping.finishDraining()
    try refresher.close()
    try gate.close()
    try join(nil, until: early)
    try tellWhatIsLeft()
    try state.close()
    try join([.stateWriter], until: limit)
    // A call that nobody waits for any more ends by its own deadline.
    try join(nil, until: limit)
    if case .failure(let error) = try context.metrics.exportJSON(context.runtime) {
      try log(
        .warning, .metricsExportFailed,
        [
          LogField(.path, Metrics.summaryPath), LogField(.reason, error.text), LogField(.advice, error.advice),
        ])
    }
    try context.metrics.logSummary(at: context.runtime.now) { summary throws(Stopped) in try write(summary) }
    try log(
      .info, .shutdownComplete,
      [
        LogField(.durationMs, .number((context.runtime.now - start).milliseconds)),
        LogField(.leaked, .texts(leaked.filter { !Self.isOne($0, of: Self.logThreads) })),
      ])
    try pipeline.close()
    try join(Self.logThreads, until: max(limit, context.runtime.now + Self.logTime))
    return ShutdownReport(duration: context.runtime.now - start, leaked: leaked)
  }

  /// Several threads share the orders, so that a call without an answer does not keep the others from being canceled.
  private func startDrain(until limit: Instant) throws(Stopped) {
    let ids = try intents.open().map(\.intent.id)
    for share in 0..<max(1, min(ids.count, Self.drainThreadsMax)) {
      let own = stride(from: share, to: ids.count, by: Self.drainThreadsMax).map { ids[$0] }
      try context.threads.keep(.shutdownDrain) { [self] () throws(Stopped) in try drain(own, until: limit) }
    }
  }

  /// Cancels what is open and asks for what is unknown, again and again; what stays unclear stays in the state file.
  private func drain(_ ids: [String], until limit: Instant) throws(Stopped) {
    func left() throws(Stopped) -> [PendingIntent] { try intents.open().filter { ids.contains($0.intent.id) } }
    var open = try left()
    while !open.isEmpty, context.runtime.now < limit {
      var pause = Self.drainPause
      for item in open where context.runtime.now < limit {
        let intent = item.intent
        var failure: CallFailure?
        switch item.progress.phase {
        case .created: try router.fail(intent.id, .shutdown)
        case .placing, .settling: break
        case .acknowledged:
          failure = try cancel(intent)
          if failure != nil, failure?.failureClass != .limit { failure = try query(intent) }
        case .unknown: failure = try query(intent)
        }
        if failure?.failureClass == .limit { pause = Self.limitPause }
      }
      open = try left()
      if !open.isEmpty { try context.runtime.sleep(min(pause, rest(limit))) }
    }
  }

  /// What went wrong, if anything.
  private func cancel(_ intent: OrderIntent) throws(Stopped) -> CallFailure? {
    switch try gate.cancelOrder(symbol: intent.symbol, clientOrderId: intent.clientOrderId) {
    case .success(let report): try fees.book(report, from: .cancelReply, by: fills)
    case .failure(let failure): return failure
    }
    return nil
  }

  /// What went wrong, if anything.
  private func query(_ intent: OrderIntent) throws(Stopped) -> CallFailure? {
    switch try gate.queryOrder(symbol: intent.symbol, clientOrderId: intent.clientOrderId) {
    case .success(let report): try fees.book(report, from: .query, by: fills)
    case .failure(let failure): return failure
    }
    return nil
  }

  /// INTENTS_LEFT_PENDING for orders of which nobody knows the end: they may be open at the venue.
  private func tellWhatIsLeft() throws(Stopped) {
    let left = try intents.open().map(\.intent.id)
    guard !left.isEmpty else { return }
    try log(
      .error, .intentsLeftPending,
      [
        LogField(.count, .integer(left.count)), LogField(.intents, .texts(left)),
        LogField(.advice, "look for these orders at the venue; the state file has their client order ids"),
      ])
  }

  /// Waits for the threads of these names; for all but state and log writers when `names` is nil. Threads that the
  /// supervisor starts again meanwhile are waited for too.
  private func join(_ names: [ThreadName]?, until limit: Instant) throws(Stopped) {
    repeat {
      for thread in context.threads.all {
        let isWanted =
          names.map { Self.isOne(thread.name, of: $0) }
          ?? !Self.isOne(thread.name, of: [.engineEnd, .stateWriter] + Self.logThreads)
        guard isWanted, !thread.isFinished else { continue }
        _ = try thread.join(timeout: rest(limit))
      }
    } while try supervisor.look() && context.runtime.now < limit
  }

  private static func isOne(_ thread: String, of names: [ThreadName]) -> Bool {
    names.contains { $0.rawValue == thread }
  }

  private func rest(_ limit: Instant) -> Duration { max(.zero, limit - context.runtime.now) }

  private var leaked: [String] {
    // The shutdown itself may run on a thread of the engine.
    context.threads.all.filter { !$0.isFinished && $0.name != ThreadName.engineEnd.rawValue }.map(\.name)
  }

  private func write(_ summary: MetricsSummary) throws(Stopped) {
    var fields = summary.counters.compactMap { counter in
      FieldName(rawValue: "\(counter.key)").map { LogField($0, .integer(counter.value)) }
    }
    fields.append(LogField(.intentsPending, .integer(summary.intentsPending)))
    if let fillRate = summary.fillRate { fields.append(LogField(.fillRate, .number(fillRate))) }
    try log(.info, .metricsSummary, fields)
  }
}
