import Basics
import ChaosRuntime
import Trading

/// What routers do alike, whatever they make of the venue's answer.
public struct OrderPlacing: Sendable {
  private let runtime: Runtime
  private let log: EventLog
  private let bus: any EventBus
  private let intents: any IntentBook

  /// What a router needs of the other parts.
  public init(_ parts: EngineAssembly) {
    runtime = parts.context.runtime
    log = parts.events
    bus = parts.bus
    intents = parts.intents
  }

  /// Notes that an intent is about to be sent; its progress, or nil when it is not to be placed any more.
  public func begin(_ intent: OrderIntent, attempt: Int) throws(Stopped) -> OrderProgress? {
    let now = runtime.now
    let item = try intents.update(intent.id) { progress in
      guard progress.phase != .settling else { return }
      progress.phase = .placing
      progress.attempts = attempt
      progress.placedAt = now
      progress.lastNews = now
    }
    guard let progress = item?.progress, progress.phase == .placing else { return nil }
    return progress
  }

  /// Notes that the venue has the order; ORDER_ACK unless another source told of it before.
  public func acknowledged(_ intent: OrderIntent, _ ack: OrderAck) throws(Stopped) {
    let now = runtime.now
    var isNews = false
    try intents.update(intent.id) { progress in
      isNews = progress.orderId == nil
      progress.orderId = progress.orderId ?? ack.orderId
      if progress.phase == .placing { progress.phase = .acknowledged }
      progress.lastNews = now
    }
    if isNews { try log.acknowledged(intent, orderId: ack.orderId) }
  }

  /// Settles an intent as failed: ORDER_FAILED in the log and on the bus; nothing when it was settled before.
  public func fail(_ id: String, _ failure: OrderFailure) throws(Stopped) {
    guard let failed = try intents.settle(id, ifUntaken: failure.isOfUntakenOrder) else { return }
    try log.failed(failed, failure)
    try bus.publish(
      .orderFailed(
        OrderFailed(
          intentId: id, symbol: failed.intent.symbol, side: failed.intent.side, code: failure.code,
          reason: failure.text, isRefusedForGood: failure.isRefusedForGood)))
  }
}
