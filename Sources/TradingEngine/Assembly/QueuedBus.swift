import Basics
import ChaosRuntime

/// A bus whose router lane has threads of its own, so that no publisher waits for the venue. Entries wait for each other, exits
/// for nobody: each symbol's has a thread.
final class QueuedBus: EventBus, @unchecked Sendable {
  private struct Subscriber {
    let lane: BusLane
    let handler: @Sendable (EngineEvent) throws(Stopped) -> Void
  }

  /// Events that may wait for the router; the intents' own limit is lower.
  private static let laneCapacity = 16_384

  private let lane: Channel<EngineEvent>
  private let exits: OrderThreads
  /// By topic; written while the parts are made, before threads run.
  private var intentSubscribers: [Subscriber] = []
  private var filledSubscribers: [Subscriber] = []
  private var failedSubscribers: [Subscriber] = []

  init(_ parts: EngineAssembly) {
    let context = parts.context
    lane = Channel(context.runtime, "bus-router-lane", capacity: Self.laneCapacity)
    exits = OrderThreads(context, .orderExit, threadsMax: context.markets.count)
  }

  func subscribe(
    _ topic: Topic, on lane: BusLane, _ handler: @escaping @Sendable (EngineEvent) throws(Stopped) -> Void
  ) {
    let subscriber = Subscriber(lane: lane, handler: handler)
    switch topic {
    case .orderIntent: intentSubscribers.append(subscriber)
    case .orderFilled: filledSubscribers.append(subscriber)
    case .orderFailed: failedSubscribers.append(subscriber)
    }
  }

  func publish(_ event: EngineEvent) throws(Stopped) {
    var isQueued = false
    for subscriber in subscribers(event.topic) {
      switch subscriber.lane {
      case .publisher: try subscriber.handler(event)
      case .router:
        // One entry serves every router-lane subscriber of the topic.
        if !isQueued { try hand(event) }
        isQueued = true
      }
    }
  }

  func serveRouterLane() throws(Stopped) {
    while let event = try lane.receive() { try serve(event) }
  }

  func close() throws(Stopped) {
    try lane.close()
    try exits.close()
  }

  private func hand(_ event: EngineEvent) throws(Stopped) {
    if case .orderIntent(let intent) = event, intent.side == .sell {
      try exits.run { [self] () throws(Stopped) in try serve(event) }
    } else {
      try lane.send(event)
    }
  }

  private func serve(_ event: EngineEvent) throws(Stopped) {
    for subscriber in subscribers(event.topic) where subscriber.lane == .router { try subscriber.handler(event) }
  }

  func forgetHandlers() {
    intentSubscribers = []
    filledSubscribers = []
    failedSubscribers = []
  }

  private func subscribers(_ topic: Topic) -> [Subscriber] {
    switch topic {
    case .orderIntent: intentSubscribers
    case .orderFilled: filledSubscribers
    case .orderFailed: failedSubscribers
    }
  }
}
