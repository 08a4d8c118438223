import Basics

/// A replaceable part of the engine.
///
/// Its initialiser takes from the `EngineAssembly` the other parts that it uses, and subscribes to the bus.
public protocol EnginePart: AnyObject, Sendable {
  /// Starts the part's threads; called once, in the order of `PartTable`, when every part is made.
  func start(on threads: EngineThreads) throws(Stopped)
}

extension EnginePart {
  /// A part without a thread.
  public func start(on threads: EngineThreads) throws(Stopped) {}
}
