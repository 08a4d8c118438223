import Basics
import Synchronization

/// Where a subscriber's handler runs.
public enum BusLane: Sendable {
  /// On the publisher's thread, with no lock held: for handlers that never wait for the venue.
  case publisher
  /// On the thread `order-router`, which serves this lane; for a sale on one of its own.
  case router
}

/// Carries events between parts.
public protocol EventBus: EnginePart {
  /// Adds a handler; handlers of one topic run in the order of subscription. Only called while the parts are made.
  func subscribe(
    _ topic: Topic, on lane: BusLane, _ handler: @escaping @Sendable (EngineEvent) throws(Stopped) -> Void)

  /// Adds a handler for the first event only; it is over when the handler is called.
  func subscribeOnce(
    _ topic: Topic, on lane: BusLane, _ handler: @escaping @Sendable (EngineEvent) throws(Stopped) -> Void)

  /// Runs or queues the event for every subscriber of its topic.
  func publish(_ event: EngineEvent) throws(Stopped)

  /// Body of the thread `order-router`: runs the router lane's handlers; returns once the bus is closed and the lane empty.
  func serveRouterLane() throws(Stopped)

  /// Ends the router lane; what is queued is still served.
  func close() throws(Stopped)

  /// Lets go of every handler, since handlers hold parts that hold the bus. Called when no thread of the engine runs any more.
  func forgetHandlers()
}

extension EventBus {
  /// Starts the thread `order-router`.
  public func start(on threads: EngineThreads) throws(Stopped) {
    try threads.keep(.orderRouter) { [self] () throws(Stopped) in try serveRouterLane() }
  }

  /// A handler that is over keeps its place, so that nobody behind it is missed.
  public func subscribeOnce(
    _ topic: Topic, on lane: BusLane, _ handler: @escaping @Sendable (EngineEvent) throws(Stopped) -> Void
  ) {
    let latch = FirstCall()
    subscribe(topic, on: lane) { event throws(Stopped) in
      if latch.isFirst() { try handler(event) }
    }
  }
}

/// Lets one caller through.
private final class FirstCall: Sendable {
  private let isTaken = Atomic<Bool>(false)

  func isFirst() -> Bool { !isTaken.exchange(true, ordering: .relaxed) }
}
