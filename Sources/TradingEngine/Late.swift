/// A property that is set once, after its owner was made and before anybody reads it.
@propertyWrapper
struct Late<Value> {
  private var value: Value?

  var wrappedValue: Value {
    get {
      guard let value else { preconditionFailure("an engine part was used before the engine was put together") }
      return value
    }
    set { value = newValue }
  }

  mutating func forget() { value = nil }
}
