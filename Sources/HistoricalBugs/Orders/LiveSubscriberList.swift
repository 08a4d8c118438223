import Basics
import Synchronization
import Trading
import TradingEngine

/// The bus as it was: it walks the list of subscribers itself, which a subscriber may shorten meanwhile.
private final class LiveListBus: EventBus {
  private typealias Handler = @Sendable (EngineEvent) throws(Stopped) -> Void

  private struct Subscriber {
    let number: Int
    let isOnce: Bool
    let handler: Handler
  }

  private struct State {
    var subscribers: [Topic: [Subscriber]] = [:]
    var made = 0

    func subscriber(_ topic: Topic, _ index: Int) -> Subscriber? {
      guard let list = subscribers[topic], index < list.count else { return nil }
      return list[index]
    }
  }

  private let state = Mutex(State())

  func subscribe(
    _ topic: Topic, on lane: BusLane, _ handler: @escaping @Sendable (EngineEvent) throws(Stopped) -> Void
  ) {
    add(topic, isOnce: false, handler)
  }

  func subscribeOnce(
    _ topic: Topic, on lane: BusLane, _ handler: @escaping @Sendable (EngineEvent) throws(Stopped) -> Void
  ) {
    add(topic, isOnce: true, handler)
  }

  /// No copy of the list: whoever takes itself off moves the next one to a place that was passed already.
  func publish(_ event: EngineEvent) throws(Stopped) {
    var index = 0
    while let subscriber = state.withLock({ $0.subscriber(event.topic, index) }) {
      index += 1
      if subscriber.isOnce { remove(subscriber.number, event.topic) }
      try subscriber.handler(event)
    }
  }

  /// There was no lane: every subscriber ran on the publisher's thread.
  func serveRouterLane() throws(Stopped) {}

  func start(on threads: EngineThreads) throws(Stopped) {}

  func close() throws(Stopped) {}

  func forgetHandlers() { state.withLock { $0.subscribers = [:] } }

  private func add(_ topic: Topic, isOnce: Bool, _ handler: @escaping Handler) {
    state.withLock { state in
      state.subscribers[topic, default: []].append(
        Subscriber(number: state.made, isOnce: isOnce, handler: handler))
      state.made += 1
    }
  }

  private func remove(_ number: Int, _ topic: Topic) {
    state.withLock { $0.subscribers[topic]?.removeAll { $0.number == number } }
  }
}

extension HistoricalBug {
  /// C-INFRA-01 as the code was: a subscriber that leaves makes the bus skip the next one.
  static let liveSubscriberList = HistoricalBug(
    id: "C-INFRA-01", title: "a subscriber that leaves makes the bus skip the next", standing: .readInCode,
    story: """
      A review said that the event bus held its lock while it called its subscribers. It did not: it gave the lock back \
      first, and then walked the list itself instead of a copy. A callback that took its own subscription off made the walk \
      step over the subscriber behind it, once, without a word. When the one behind it is the intent book, and the event is \
      the first fill of the session, that order's intent is never cleared. 158ca11 walks a copy. The review's own claim is \
      the exhibit C-INFRA-01-lock.
      """,
    evidence: [
      "diff of 158ca11: the lock was released before the callbacks; the loop ran over the live list, the fix copies it",
      "the bus was synchronous: the publisher's thread ran every callback (dumps of aea7fb8 show the router there)",
      "no field log shows a skipped callback; the case needs a subscriber that leaves inside its callback",
    ],
    provokedBy: .condition(
      ProvokingCondition(
        "a subscriber that takes itself off inside its callback",
        checks: [.fundsConserved, .positionsAgree], calm: { liveListMarket(reports: false).scenario($0) })),
    revisions: [
      Revision("original", "walks the live list of subscribers while callbacks shorten it") {
        $0.bus = { _ in LiveListBus() }
      },
      .fixed("a subscription that is over keeps its place and is passed over"),
    ],
    landmarks: [.firstFill], signature: .intentsSettled,
    consequences: [.budgetBalances, .shutdownBounded, .exitsOffered],
    fieldSigns: """
      one intent of a filled order stays in pending_buy_intents until the stale sweep; the position is right, and no line \
      says what is missing: ORDER_FILLED without its INTENT_CLEARED
      """,
    inTheField: FieldHypothesis(predicts: [.filledStaysPending], allows: [.staleSweep], forbids: [.fillUnseen]),
    scenario: { liveListMarket(reports: true).scenario($0) })

  /// A drop every 2 s; the first fill makes the report of it leave the bus.
  private static func liveListMarket(reports: Bool) -> ProofMarket {
    ProofMarket(
      name: "first-fill", duration: .seconds(40),
      waves: [.init(from: .milliseconds(4001), every: .seconds(2), count: 14)],
      settings: [
        (.maxConcurrentPositions, "100"), (.sl, "0.5"), (.firstFillReport, reports ? "True" : "False"),
      ])
  }
}
