/// A smaller program that a failure may still show in.
public struct Reduction<System: SystemUnderTest> {
  /// In which way the program gets smaller; the shrinker tries time first.
  public enum Kind: Sendable {
    /// The same program for a shorter time.
    case horizon
    /// With less in it: symbols, orders, threads.
    case scenario
  }

  /// Shorter, or with less in it.
  public var kind: Kind
  /// What is left out, such as `symbol AIX/USDT`; the same words are the same reduction.
  public var what: String
  /// The smaller program.
  public var system: System

  /// A proposal; the shrinker keeps it only when the failure stays the same.
  public init(_ kind: Kind, _ what: String, _ system: System) {
    self.kind = kind
    self.what = what
    self.system = system
  }
}
