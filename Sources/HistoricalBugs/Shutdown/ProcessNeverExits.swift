import Basics
import Checks
import Trading
import TradingEngine

/// C-SERV-05's logger: it looks at the shutdown event and at nothing else, and the process may not end without it.
private final class NonDaemonHeartbeat: HeartbeatLogger {
  private let context: EngineContext
  private let heartbeat: HeartbeatWriter

  init(_ parts: EngineAssembly) {
    context = parts.context
    heartbeat = HeartbeatWriter(parts)
  }

  func run() throws(Stopped) {
    let interval = context.settings.heartbeatInterval
    var sequence = 0
    var next = context.runtime.now
    repeat {
      sequence += 1
      try heartbeat.write(sequence)
      next = max(next + interval, context.runtime.now)
    } while try !context.stopping.wait(until: next)
  }
}

/// The end of the process as it was: the main loop's own clean-up sets the shutdown event. One that died never came there,
/// and what is left of the end is the interpreter's: wait for every thread that is not a daemon, without a limit.
private final class InterpreterExit: Shutdown {
  private let context: EngineContext
  private let inner: BoundedShutdown

  init(_ parts: EngineAssembly) {
    context = parts.context
    inner = BoundedShutdown(parts)
  }

  func run() throws(Stopped) -> ShutdownReport {
    guard context.isMainLoopGone else { return try inner.run() }
    try context.runtime.activity("engine.shutdown") { () throws(Stopped) in
      _ = try context.threads.named(.heartbeat)?.join()
    }
    // The daemons go when nobody waits any more.
    return try inner.run()
  }
}

extension HistoricalBug {
  /// C-SERV-05: the process outlives its main thread.
  static let processNeverExits = HistoricalBug(
    id: "C-SERV-05", title: "the process never exits once its main loop died", standing: .observed,
    story: """
      The only true hang of the field, and a fix had made it. 158ca11 turned the heartbeat logger from a daemon thread into \
      one that the process waits for, so that its last lines are not lost. It ends when the shutdown event is set, and the \
      event is set by the main thread's clean-up. When main died without coming there, the interpreter waited for a logger \
      that waited for main: 31 dumps in a row show the same three threads, for a quarter of an hour at least. Nobody could \
      see it from outside: heartbeats kept coming.
      """,
    evidence: [
      "755043e: 31 identical dumps, >= 15 min: main in the interpreter's shutdown, MemoryManager (daemon), "
        + "ShutdownHeartbeatLogger, the log listener",
      "158ca11 made the logger non-daemon; before it the process would have ended",
      "C-MAIN-05: the same pattern with four threads of the screen",
    ],
    inventions: ["why main ended without its clean-up, which no dump tells: here its loop is killed"],
    provokedBy: ["thread-dies"],
    revisions: [
      Revision(
        "original", "the exit waits for the heartbeat logger, which waits for an event that nobody sets any more"
      ) {
        $0.heartbeat = { NonDaemonHeartbeat($0) }
        $0.shutdown = { InterpreterExit($0) }
      },
      .fixed("the heartbeat sees the main loop end and ends the engine itself: the event is set, joins have limits"),
    ],
    landmarks: [.mainLoopGone], signature: .shutdownBounded, isTimeSignature: true,
    consequences: [.intentsSettled, .logComplete, .noLostOrder, .stateRecoverable],
    effects: [
      PartEffect("C-SERV-05/shutdown", turns: "C-SERV-05", .either, why: "the good heartbeat ends with the main loop"),
      PartEffect("C-SERV-05/shutdown", turns: "H-SERV-05", .either, why: "the same fault and check"),
      PartEffect("C-SERV-05", turns: "H-SERV-05", .red, why: "the same fault and check"),
    ],
    fieldSigns: """
      no decision any more, heartbeats go on for ever; the process does not end, and its dump shows main joining heartbeat
      """,
    inTheField: FieldHypothesis(predicts: [.heartbeatsAlone], allows: [.mainLoopGone, .hang]),
    signs: { record in
      let death = record.run.phases.first { $0.name == "chaos" }?.end
      return [
        ("threads left", record.run.threads.count { !$0.isFinished }),
        (
          "heartbeats after the main loop's end",
          record.events(.heartbeat).count { beat in death.map { beat.time > $0 } ?? false }
        ),
      ]
    },
    scenario: { mainDiesMarket.scenario($0) })

  /// A drop every 1.25 s while the main loop lives.
  static let mainDiesMarket = ProofMarket(
    name: "main-dies", duration: .seconds(60),
    waves: [.init(from: .milliseconds(6001), every: .milliseconds(1250), count: 26)],
    pollInterval: .milliseconds(1250),
    settings: [(.mdPollMs, "1250"), (.maxConcurrentPositions, "100"), (.sl, "0.5")])
}
