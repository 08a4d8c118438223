/// `name=value` pairs as URLs and forms have them, in their order (application/x-www-form-urlencoded).
public struct QueryItems: Sendable, Equatable {
  /// Names and values, decoded.
  public private(set) var items: [(name: String, value: String)] = []

  /// No pairs.
  public init() {}

  /// Reads a query or a form; what is no valid escape stays as it is. O(bytes).
  public init(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      items.reserveCapacity(8)
      var start = 0
      while start < bytes.count {
        let end = Self.index(of: UInt8(ascii: "&"), in: bytes, from: start, to: bytes.count)
        if end > start {
          let equals = Self.index(of: UInt8(ascii: "="), in: bytes, from: start, to: end)
          let value = UnsafeBufferPointer(rebasing: bytes[min(equals + 1, end)..<end])
          add(Self.decoded(UnsafeBufferPointer(rebasing: bytes[start..<equals])), Self.decoded(value))
        }
        start = end + 1
      }
    }
  }

  /// Where the byte stands; `end` where it does not.
  private static func index(of byte: UInt8, in bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) -> Int {
    var at = start
    while at < end, bytes[at] != byte { at += 1 }
    return at
  }

  /// The first value of that name; nil when there is none. O(pairs).
  public subscript(name: String) -> String? {
    // Most names differ in length: comparing longer ones is a call.
    let count = name.utf8.count
    for item in items where item.name.utf8.count == count && item.name == name { return item.value }
    return nil
  }

  /// The first name that stands more than once; nil: none does. O(the square of pairs).
  public var doubled: String? {
    for index in items.indices {
      let name = items[index].name
      let count = name.utf8.count
      for other in items[..<index] where other.name.utf8.count == count && other.name == name { return name }
    }
    return nil
  }

  /// Appends a pair.
  public mutating func add(_ name: String, _ value: String) { items.append((name, value)) }

  /// Appends the pairs of others.
  public mutating func add(_ others: QueryItems) { items += others.items }

  /// Equal in names, values and order.
  public static func == (left: QueryItems, right: QueryItems) -> Bool {
    left.items.elementsEqual(right.items) { $0.name == $1.name && $0.value == $1.value }
  }

  /// The pairs as a query, with everything escaped that is not a letter, a digit or one of `-._~`.
  public var text: String {
    items.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
  }

  /// A text with `%XX` and `+` resolved.
  public static func decoded(_ text: some StringProtocol) -> String {
    var text = String(text)
    return text.withUTF8 { decoded($0) }
  }

  private static func decoded(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    var isPlain = true
    for byte in bytes where byte == UInt8(ascii: "%") || byte == UInt8(ascii: "+") { isPlain = false }
    if isPlain { return String(decoding: bytes, as: UTF8.self) }
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var at = 0
    while at < bytes.count {
      if bytes[at] == UInt8(ascii: "%"), at + 2 < bytes.count,
        let byte = Base64.bytes(hexadecimal: bytes[(at + 1)...(at + 2)])
      {
        out += byte
        at += 3
      } else {
        out.append(bytes[at] == UInt8(ascii: "+") ? 0x20 : bytes[at])
        at += 1
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  private static func encoded(_ text: String) -> String {
    var out = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: out.append(Character(Unicode.Scalar(byte)))
      default: out += "%" + Base64.hexadecimal([byte]).uppercased()
      }
    }
    return out
  }
}
