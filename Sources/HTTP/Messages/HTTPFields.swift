/// The header fields of a message, in their order; names are kept in lower case.
public struct HTTPFields: Sendable, Equatable {
  /// One line.
  public struct Field: Sendable, Equatable {
    /// In lower case.
    public var name: String
    /// Without white space around it.
    public var value: String

    /// A field as given.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// As they stand in the message.
  public var list: [Field] = []

  /// No fields.
  public init() {}

  /// The first value of that name, which must be in lower case; nil when there is none. O(fields).
  public subscript(name: String) -> String? {
    // Most names differ in length: comparing longer ones is a call.
    let count = name.utf8.count
    for field in list where field.name.utf8.count == count && field.name == name { return field.value }
    return nil
  }

  /// All values of that name.
  public func all(_ name: String) -> [String] { list.filter { $0.name == name }.map(\.value) }

  /// Appends a field.
  public mutating func add(_ name: String, _ value: String) { list.append(Field(name: name, value: value)) }

  /// Whether a comma-separated field has that word, in any case (RFC 9110, section 5.6.1).
  public func has(_ name: String, word: String) -> Bool {
    if self[name] == nil { return false }
    return all(name).contains { value in
      value.split(separator: ",").contains {
        HTTPFields.trimmed($0.utf8[...]).elementsEqual(word.utf8) { $0 | 0x20 == $1 }
      }
    }
  }

  static func trimmed<Bytes: BidirectionalCollection<UInt8>>(_ bytes: Bytes) -> Bytes.SubSequence {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    var part = bytes[...]
    while let first = part.first, isBlank(first) { part = part.dropFirst() }
    while let last = part.last, isBlank(last) { part = part.dropLast() }
    return part
  }

  /// Reads one field line without its end; nil when it is none: an empty name, white space before the colon, a line that
  /// continues the one before it, a control character (RFC 9112, section 5).
  static func field(_ line: ArraySlice<UInt8>) -> Field? {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else { return nil }
    var name: [UInt8] = []
    name.reserveCapacity(colon - line.startIndex)
    for byte in line[..<colon] {
      guard HTTPFields.isToken(byte) else { return nil }
      name.append((0x41...0x5A).contains(byte) ? byte | 0x20 : byte)
    }
    let value = trimmed(line[(colon + 1)...])
    guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { return nil }
    return Field(name: String(decoding: name, as: UTF8.self), value: String(decoding: value, as: UTF8.self))
  }

  /// A letter of a token (RFC 9110, section 5.6.2).
  static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D: true
    default: "!#$%&'*+.^_`|~".utf8.contains(byte)
    }
  }
}
