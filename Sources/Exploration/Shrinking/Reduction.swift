/// A smaller program that a failure may still show in.
public struct Reduction<System: SystemUnderTest> {
  public enum Kind: Sendable {
    /// The same program for a shorter time.
    case horizon
    /// With less in it: symbols, orders, threads.
    case scenario
  }

  public var kind: Kind
  /// What is left out, such as `symbol AIX/USDT`; the same words are the same reduction.
  public var what: String
  public var system: System

  public init(_ kind: Kind, _ what: String, _ system: System) {
    self.kind = kind
    self.what = what
    self.system = system
  }
}
