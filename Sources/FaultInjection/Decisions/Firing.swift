public import Basics

/// One firing of a fault.
public struct Firing: Sendable, Equatable {
  public var fault: String
  /// Index of the inject in its fault.
  public var inject: Int
  public var site: String
  /// Value of the `per` key; empty without.
  public var per: String
  /// Eligible hits before this one under the same `per`.
  public var hit: Int
  public var time: Instant
  public var action: FaultAction
  public var thread: String
}
