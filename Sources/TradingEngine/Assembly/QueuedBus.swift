import Basics
import ChaosRuntime

/// A bus whose router lane has a thread of its own, so that no publisher waits for the venue.
final class QueuedBus: EventBus, @unchecked Sendable {
  private struct Subscriber {
    let lane: BusLane
    let handler: @Sendable (EngineEvent) throws(Stopped) -> Void
  }

  /// Events that may wait for the router; the intents' own limit is lower.
  private static let laneCapacity = 16_384

  private let lane: Channel<EngineEvent>
  /// By topic; written while the parts are made, before threads run.
  private var intentSubscribers: [Subscriber] = []
  private var filledSubscribers: [Subscriber] = []
  private var failedSubscribers: [Subscriber] = []

  init(_ parts: EngineAssembly) {
    lane = Channel(parts.context.runtime, "bus-router-lane", capacity: Self.laneCapacity)
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
        if !isQueued { try lane.send(event) }
        isQueued = true
      }
    }
  }

  func serveRouterLane() throws(Stopped) {
    while let event = try lane.receive() {
      for subscriber in subscribers(event.topic) where subscriber.lane == .router { try subscriber.handler(event) }
    }
  }

  func close() throws(Stopped) {
    try lane.close()
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
