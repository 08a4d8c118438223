import ChaosRuntime
import Trading

/// Why an order failed.
public struct OrderFailure: Sendable {
  /// The venue's number or the engine's word.
  public var code: String
  /// `Type:code:text`.
  public var text: String

  public init(code: String, text: String) {
    self.code = code
    self.text = text
  }

  /// A refusal by the venue.
  public init(_ error: VenueError) {
    self.init(code: String(error.code), text: error.description)
  }
}

/// Carries intents out and tells of every failure.
public protocol OrderRouter: EnginePart {
  /// Places the intent's order; the handler of `order.intent`.
  func submit(_ intent: OrderIntent) throws(Stopped)

  /// Every failure of an order ends here, whoever found out: ORDER_FAILED and `order.failed`, once per intent.
  func fail(_ id: String, _ failure: OrderFailure) throws(Stopped)
}
