import Basics
import ChaosRuntime
import Checks
import Trading
import TradingEngine

/// The shutdown handler of H-SERV-05 and its lock.
private final class ShutdownHandler: Sendable {
  /// Longest wait for one thread; nobody looked whether it had ended (C-SERV-02).
  private static let joinLimit = Duration.seconds(5)
  /// The threads that were registered for it.
  private static let registered = [
    ThreadName.logWriter, .stateWriter, .budgetRefresh, .orderRouter, .userStream, .reconciler, .marketData,
  ].map(\.rawValue)

  private let context: EngineContext
  private let log: EventLog
  private let lock: Lock

  init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    lock = Lock(context.runtime, "shutdown")
  }

  /// Sets the event while the lock is held, and keeps it until every thread was joined.
  func handle() throws(Stopped) {
    try lock.withLock { () throws(Stopped) in
      if context.stopping.isRequested { return }
      try log.mainLoopGone()
      try context.stopping.request()
      for thread in context.threads.all where Self.registered.contains(thread.name) && !thread.isFinished {
        _ = try thread.join(timeout: Self.joinLimit)
      }
    }
  }

  func shutDown(_ inner: BoundedShutdown) throws(Stopped) -> ShutdownReport {
    try context.runtime.activity("engine.shutdown") { () throws(Stopped) in
      try lock.withLock { () throws(Stopped) in try inner.run() }
    }
  }
}

/// Watches the main loop, and runs the shutdown handler itself when it is gone.
private final class HandlerHeartbeat: HeartbeatLogger {
  private let context: EngineContext
  private let heartbeat: HeartbeatWriter
  let handler: ShutdownHandler

  init(_ parts: EngineAssembly) {
    context = parts.context
    heartbeat = HeartbeatWriter(parts)
    handler = ShutdownHandler(parts)
  }

  func run() throws(Stopped) {
    var sequence = 0
    while !context.stopping.isRequested {
      sequence += 1
      try heartbeat.write(sequence)
      guard let main = context.threads.named(.engineMain),
        try main.join(timeout: context.settings.heartbeatInterval)
      else { continue }
      if !context.stopping.isRequested { try handler.handle() }
      return
    }
  }
}

/// The process's own way to end needs the same lock.
private final class LockedShutdown: Shutdown {
  private let heartbeat: any HeartbeatLogger
  private let inner: BoundedShutdown

  init(_ parts: EngineAssembly) {
    heartbeat = parts.heartbeat
    inner = BoundedShutdown(parts)
  }

  func run() throws(Stopped) -> ShutdownReport {
    guard let heartbeat = heartbeat as? HandlerHeartbeat else { return try inner.run() }
    return try heartbeat.handler.shutDown(inner)
  }
}

extension HistoricalBug {
  /// H-SERV-05: the shutdown event is set under the shutdown lock.
  static let shutdownLock = HistoricalBug(
    id: "H-SERV-05", title: "the shutdown event is set while the shutdown lock is held", standing: .readInCode,
    story: """
      Whoever asked the bot to stop took the shutdown lock, set the event and went on with the lock in his hand. The event \
      wakes those who wait for it, and the first thing a handler does is ask for that lock. Nobody stands still for ever, \
      because each join had a limit of five seconds, but nobody looked whether the joined thread had ended either \
      (C-SERV-02), so that two who end the process at the same time wait for each other's limits one after another. Here \
      the main loop dies, and both the thread that watches it and the process itself begin to shut down. In history the \
      joins under the lock and the lock in the handler are two findings of one review; that they met is not recorded.
      """,
    evidence: [
      "H-SERV-05: the event is set while _shutdown_lock is held; a handler that wants the lock blocks (HISTORY 1.5)",
      "C-SERV-02: join(5) whose result nobody read; the fix added the event THREAD_LEAK",
      "1903555: one slow stop in the dumps, main joining a thread in a long poll",
    ],
    provokedBy: ["thread-dies"],
    revisions: [
      Revision(
        "original", "sets the event under the lock and joins under it; the handler of a dead main loop wants it too"
      ) {
        $0.heartbeat = { HandlerHeartbeat($0) }
        $0.shutdown = { LockedShutdown($0) }
      },
      .fixed("one shutdown, which sets the event with no lock held and joins within one limit for all"),
    ],
    landmarks: [.mainLoopGone], signature: .shutdownBounded, isTimeSignature: true,
    consequences: [.noStuckWait],
    effects: [
      PartEffect("H-SERV-05/shutdown", turns: "H-SERV-05", .green, why: "its lock is the handler's"),
      PartEffect("H-SERV-05/heartbeat", turns: "H-SERV-05", .either, why: "its joins outlast the good shutdown's"),
      PartEffect("H-SERV-05/heartbeat", turns: "C-SERV-05", .either, why: "the same fault and check"),
      PartEffect("H-SERV-05", turns: "C-SERV-05", .either, why: "the same fault and check"),
    ],
    fieldSigns: """
      the process takes half a minute to end, in steps of five seconds, or ends and names heartbeat as a thread that was \
      left behind
      """,
    inTheField: FieldHypothesis(predicts: [.shutdownSlow], allows: [.mainLoopGone, .hang]),
    signs: { record in
      let start = record.run.shutdownRequested
      let end = record.run.shutdownCompleted
      let took = start.flatMap { from in end.map { ($0 - from).milliseconds } } ?? 0
      let leaked = record.events(.shutdownComplete).reduce(0) { $0 + ($1.value(.leaked)?.array?.count ?? 0) }
      return [("shutdown ms", Int(took)), ("threads left behind", leaked)]
    },
    scenario: { mainDiesMarket.scenario($0) })
}
