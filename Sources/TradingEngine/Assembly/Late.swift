/// A property that is set once, after its owner was made and before anybody reads it.
@propertyWrapper
public struct Late<Value> {
  private var value: Value?

  /// The value; reading it before it is set is the caller's mistake.
  public var wrappedValue: Value {
    get {
      guard let value else { preconditionFailure("an engine part was used before the engine was put together") }
      return value
    }
    set { value = newValue }
  }

  public init() {}

  mutating func forget() { value = nil }
}
