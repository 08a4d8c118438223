import Basics
import Trading

/// Why an order failed.
public struct OrderFailure: Sendable {
  /// The venue's number or the engine's word.
  public var code: String
  /// `Type:code:text`.
  public var text: String
  /// Whether the venue refused the order and can only refuse it again.
  public var isRefusedForGood: Bool
  /// Whether it says that the venue never had the order: wrong once the venue has named it.
  public var isOfUntakenOrder: Bool

  /// A failure as given.
  public init(code: String, text: String, isRefusedForGood: Bool = false, isOfUntakenOrder: Bool = false) {
    self.code = code
    self.text = text
    self.isRefusedForGood = isRefusedForGood
    self.isOfUntakenOrder = isOfUntakenOrder
  }

  /// The intent waited too long for the router.
  public static let stale = OrderFailure(code: "STALE", text: "Stale:STALE:not sent within the stale threshold")
  /// The engine ended before the order was sent.
  public static let shutdown = OrderFailure(code: "SHUTDOWN", text: "Shutdown:SHUTDOWN:the engine ends")
  /// The venue does not know the order, though its placing had no answer.
  public static let notFound = OrderFailure(
    code: "NOT_FOUND", text: "UnknownOutcome:NOT_FOUND:the venue does not know the order", isOfUntakenOrder: true)

  /// An order that the venue ended unfilled, or not completely filled. That it was refused a report tells without the reason.
  public init(ended status: OrderStatus) {
    self.init(
      code: status.rawValue, text: "OrderEnded:\(status.rawValue):the order ended before it was filled",
      isRefusedForGood: status == .rejected)
  }

  /// A call that failed.
  public init(_ failure: CallFailure) {
    switch failure {
    case .venue(let error): self.init(error)
    case .unknownOutcome(let why): self.init(code: "UNKNOWN", text: "UnknownOutcome:UNKNOWN:\(why)")
    }
  }

  /// A refusal by the venue.
  public init(_ error: VenueError) {
    self.init(code: String(error.code), text: error.description, isRefusedForGood: error.isPermanent)
  }
}

/// Carries intents out and tells of every failure.
public protocol OrderRouter: EnginePart {
  /// Places the intent's order; called for every `order.intent`.
  func submit(_ intent: OrderIntent) throws(Stopped)

  /// Every failure of an order ends here, whoever found out: ORDER_FAILED and `order.failed`, once per intent.
  func fail(_ id: String, _ failure: OrderFailure) throws(Stopped)
}

extension OrderRouter {
  /// Hands every intent on the bus to `submit`, on the router's lane. The table of parts does this for any router.
  func listen(on bus: any EventBus) {
    bus.subscribe(.orderIntent, on: .router) { [self] event throws(Stopped) in
      guard case .orderIntent(let intent) = event else { return }
      try submit(intent)
    }
  }
}
