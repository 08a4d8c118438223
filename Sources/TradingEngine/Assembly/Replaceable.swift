/// A value that knows whether another was put in its place.
@propertyWrapper
public struct Replaceable<Value: Sendable>: Sendable {
  public private(set) var isReplaced = false

  public var wrappedValue: Value {
    didSet { isReplaced = true }
  }

  /// The wrapper itself, to move value and mark together.
  public var projectedValue: Replaceable {
    get { self }
    set { self = newValue }
  }

  public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
}
