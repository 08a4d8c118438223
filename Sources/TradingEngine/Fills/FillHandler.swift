import Basics
import Trading

/// Where the engine learned of an order's state.
public enum NewsSource: Sendable {
  /// An event that the venue sent by itself.
  case userStream
  /// The answer to a question of the reconciler's: the event was lost, or is late.
  case query
  /// The answer to a cancel request.
  case cancelReply
}

/// Books what the venue did: positions, budget, the end of orders.
public protocol FillHandler: EnginePart {
  /// Takes an event of the user stream; called on the thread `user-stream`.
  func handle(_ event: UserEvent) throws(Stopped)

  /// Takes an order's state that a call returned; called by the reconciler.
  func apply(_ report: OrderReport, from source: NewsSource) throws(Stopped)
}
