import Basics
import Trading

/// Where the engine learned of an order's state.
public enum NewsSource: Sendable {
  case userStream
  case query
  case cancelReply
}

/// Books what the venue did: positions, budget, the end of orders.
public protocol FillHandler: EnginePart {
  /// Takes an event of the user stream; called on the thread `user-stream`.
  func handle(_ event: UserEvent) throws(Stopped)

  /// Takes an order's state that a call returned; called by the reconciler.
  func apply(_ report: OrderReport, from source: NewsSource) throws(Stopped)
}
