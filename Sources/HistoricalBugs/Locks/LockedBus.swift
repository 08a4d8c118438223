import Basics
import ChaosRuntime
import Synchronization
import Trading
import TradingEngine

/// The bus as the review claimed it to be: its lock is held while the subscribers run.
private final class LockedBus: EventBus, @unchecked Sendable {
  private struct Subscriber {
    let topic: Topic
    let handler: @Sendable (EngineEvent) throws(Stopped) -> Void
  }

  private let lock: Lock
  /// Written while the parts are made, before threads run.
  private let subscribers = Mutex<[Subscriber]>([])

  init(_ parts: EngineAssembly) { lock = Lock(parts.context.runtime, "bus") }

  func subscribe(
    _ topic: Topic, on lane: BusLane, _ handler: @escaping @Sendable (EngineEvent) throws(Stopped) -> Void
  ) {
    subscribers.withLock { $0.append(Subscriber(topic: topic, handler: handler)) }
  }

  func publish(_ event: EngineEvent) throws(Stopped) {
    try lock.withLock { () throws(Stopped) in
      for subscriber in subscribers.withLock({ $0 }) where subscriber.topic == event.topic {
        try subscriber.handler(event)
      }
    }
  }

  /// There was no lane: every subscriber ran on the publisher's thread.
  func serveRouterLane() throws(Stopped) {}

  func start(on threads: EngineThreads) throws(Stopped) {}

  func close() throws(Stopped) {}

  func forgetHandlers() { subscribers.withLock { $0 = [] } }
}

extension HistoricalBug {
  /// C-INFRA-01 as it was claimed: the bus's lock is held over the callbacks.
  static let lockedCallbacks = HistoricalBug(
    id: "C-INFRA-01-lock", title: "the bus holds its lock while it calls its subscribers", standing: .mechanismExhibit,
    story: """
      The review that led to 158ca11 claimed a lock held during callbacks. The bot's bus released its lock first, and the \
      lock was re-entrant, so that one thread could not have stopped itself. The exhibit shows what the claim means with a \
      plain lock: the router runs as a subscriber of order.intent, inside the callback, with the bus locked. As long as \
      orders are taken all is well. The first refused order makes it publish order.failed, for which it needs the bus: it \
      waits for itself, and the user stream, which has fills to tell, queues up behind it.
      """,
    evidence: [
      "claimed by the review before 158ca11; its diff shows that the lock was released before the callbacks",
      "the lock was a re-entrant one: recursion on one thread would not have blocked",
      "0 of 115 dumps show a lock cycle (HISTORY 3)",
    ],
    provokedBy: ["insufficient-balance"],
    revisions: [
      Revision("original", "a plain lock is held while the subscribers run on the publisher's thread") {
        $0.bus = { LockedBus($0) }
      },
      .fixed("no lock is held over a handler; the router has a thread and a queue of its own"),
    ],
    landmarks: [.orderRefused], signature: .noDeadlock,
    fieldSigns: """
      the first refused order is the last line of the main loop; fills are no longer booked; the process lives
      """,
    inTheField: FieldHypothesis(predicts: [.stopsAtRefusal], oneOf: [.everythingStops, .lockCycle]),
    scenario: { lockedCallbacksMarket.scenario($0) })

  /// Two entries before the fault, then one every 3 s under it.
  private static let lockedCallbacksMarket = ProofMarket(
    name: "refused-inside-a-callback", duration: .seconds(40),
    waves: [
      .init(from: .milliseconds(1), every: .milliseconds(1_900), count: 2),
      .init(from: .seconds(5), every: .seconds(2), count: 11),
    ],
    settings: [(.maxConcurrentPositions, "100"), (.sl, "0.5")])
}
