public import Basics

/// One firing of a fault.
public struct Firing: Sendable, Equatable {
  /// Id of the fault.
  public var fault: String
  /// Index of the inject in its fault.
  public var inject: Int
  /// Name of the site.
  public var site: String
  /// Value of the `per` key; empty without.
  public var per: String
  /// Eligible hits before this one under the same `per`.
  public var hit: Int
  /// When it fired, in the time of the run.
  public var time: Instant
  /// What the site was told to do.
  public var action: FaultAction
  /// Name of the thread that hit the site.
  public var thread: String

  /// A firing as given.
  public init(
    fault: String, inject: Int, site: String, per: String, hit: Int, time: Instant, action: FaultAction, thread: String
  ) {
    self.fault = fault
    self.inject = inject
    self.site = site
    self.per = per
    self.hit = hit
    self.time = time
    self.action = action
    self.thread = thread
  }
}
