/// A value of a JSON file from outside, with its place: each reading states the range, and says file and key otherwise.
///
/// Members that are absent or `null` are nil; members of another type, or beyond their range, are errors.
public struct InputValue: Sendable {
  /// Name of the file that the value came from, for errors.
  public let file: String
  /// Such as `inputs.faults[2].text`; empty for the whole document.
  public let path: String
  /// The value itself, unchecked.
  public let json: JSON

  /// A value at a place; without `path` it is the whole document.
  public init(_ json: JSON, file: String, path: String = "") {
    self.json = json
    self.file = file
    self.path = path
  }

  /// Reads a document; a mistake in it is shown as `file:line:column`.
  ///
  /// - Throws: `InputError` with that place.
  public init(parsing bytes: [UInt8], file: String) throws(InputError) {
    do throws(JSONError) { self.init(try JSON.parse(bytes), file: file) } catch {
      throw InputError(file: file, place: "\(error.line):\(error.column)", "no JSON: \(error.message)")
    }
  }

  /// The member of that name, with its path; nil when it is absent, `null`, or this is no object.
  public subscript(key: String) -> InputValue? {
    guard let value = json[key], value != .null else { return nil }
    return InputValue(value, file: file, path: path.isEmpty ? key : "\(path).\(key)")
  }

  /// A member that must be there.
  ///
  /// - Throws: `InputError` when this is no object, or the member is absent or `null`.
  public func required(_ key: String) throws(InputError) -> InputValue {
    guard case .object = json else { throw expected("an object with '\(key)'") }
    guard let value = self[key] else { throw fail("'\(key)' is missing") }
    return value
  }

  /// An error at this value.
  public func fail(_ message: String) -> InputError { InputError(file: file, place: path, message) }

  /// An error that says what should stand here.
  public func expected(_ what: String) -> InputError {
    let found =
      switch json {
      case .null: "null"
      case .bool(let flag): "\(flag)"
      case .number(let text): InputError.shown(text)
      case .string(let text): "'\(InputError.shown(text))'"
      case .array: "an array"
      case .object: "an object"
      }
    return fail("expects \(what), not \(found)")
  }

  // MARK: Values

  /// Text of at most `max` bytes.
  ///
  /// - Throws: `InputError` for another type or a longer text.
  public func text(max: Int = 1 << 16) throws(InputError) -> String {
    guard let text = json.string else { throw expected("a text in quotes") }
    guard text.utf8.count <= max else { throw fail("the text has more than \(max) bytes") }
    return text
  }

  /// `true` or `false`; throws for anything else, `0` and `"true"` included.
  public func flag() throws(InputError) -> Bool {
    guard let flag = json.bool else { throw expected("true or false") }
    return flag
  }

  /// A whole number; throws outside `range`, which the message states, and for fractions such as `1.0`.
  public func integer(in range: ClosedRange<Int>) throws(InputError) -> Int {
    guard let value = json.int, range.contains(value) else {
      throw expected("a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A number, rounded to a double; throws outside `range`, which the message states.
  public func number(in range: ClosedRange<Double>) throws(InputError) -> Double {
    guard let value = json.double, range.contains(value) else {
      throw expected("a number from \(JSON.double(range.lowerBound).text) to \(JSON.double(range.upperBound).text)")
    }
    return value
  }

  /// A seed: 64 bits without a sign, exact.
  ///
  /// - Throws: `InputError` for anything else; the number is never rounded.
  public func seed() throws(InputError) -> UInt64 {
    guard let value = json.numberText.flatMap({ UInt64($0) }) else {
      throw expected("a seed, a whole number from 0 to \(UInt64.max)")
    }
    return value
  }

  /// A moment within `Instant.recorded`.
  ///
  /// - Throws: `InputError` for anything else, a moment outside that range included.
  public func time() throws(InputError) -> Instant {
    guard let text = json.string, let time = Instant(iso8601: text), Instant.recorded.contains(time) else {
      throw expected("a time from 1970 to 2199 such as 2025-01-01T00:00:00.000000Z")
    }
    return time
  }

  // MARK: Lists

  /// The elements with their paths; throws for another type and for more than `max` elements.
  public func items(max: Int = 1_000_000) throws(InputError) -> [InputValue] {
    guard let array = json.array else { throw expected("an array") }
    guard array.count <= max else { throw fail("the array has more than \(max) items") }
    return array.enumerated().map { InputValue($1, file: file, path: "\(path)[\($0)]") }
  }

  /// The members with their paths, in the order of the file; throws for another type and for more than `max` members.
  public func members(max: Int = 10_000) throws(InputError) -> [(key: String, value: InputValue)] {
    guard let members = json.members else { throw expected("an object") }
    guard members.count <= max else { throw fail("the object has more than \(max) members") }
    return members.map { key, value in
      let name = InputError.shown(key)
      return (key, InputValue(value, file: file, path: path.isEmpty ? name : "\(path).\(name)"))
    }
  }
}

extension Instant {
  /// The moments that files may name: their differences, and sums with any limit, fit.
  public static let recorded = Instant(nanoseconds: 0)...Instant(nanoseconds: 7_258_118_399_999_999_999)
}
