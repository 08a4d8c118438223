public import Basics

/// A plain variable that threads share without a lock, so that a simulation can show what comes of it.
///
/// Simulated, each `get` and `set` is a scheduling point of its own: whatever two threads do to it in between is explored.
/// Only variables of this type are; a race on any other one stays invisible to a simulation, since all its threads take
/// turns on one OS thread. Live it is a plain access, with every danger of one: a data race there is undefined behaviour,
/// which a sanitizer may see. Use it to study a race, and a lock to end it.
public final class Shared<Value: Sendable>: @unchecked Sendable {
  /// Names the variable in recordings and at scheduling points.
  public let name: String
  private let world: World?
  private let object: Int
  @exclusivity(unchecked) private var value: Value

  /// A variable with its first value.
  public init(_ runtime: Runtime, _ name: String, _ value: Value) {
    self.name = name
    world = runtime.world
    object = runtime.world?.intern(name) ?? 0
    self.value = value
  }

  /// Reads the value; simulated, another thread may run just before.
  public func get() throws(Stopped) -> Value {
    if let world { try world.point(.read, object: object) }
    return value
  }

  /// Writes the value; simulated, another thread may run just before.
  public func set(_ value: Value) throws(Stopped) {
    if let world { try world.point(.write, object: object) }
    self.value = value
  }
}
