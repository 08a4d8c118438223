import Basics

/// A replaceable part of the engine.
///
/// A part's initialiser only stores the context: the other parts need not exist yet. Bus subscriptions are made in `wire`,
/// which runs before any thread starts.
public protocol EnginePart: AnyObject, Sendable {
  /// Connects the part to the others.
  func wire() throws(Stopped)
}

extension EnginePart {
  public func wire() throws(Stopped) {}
}
