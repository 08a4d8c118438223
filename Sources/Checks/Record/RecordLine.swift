import Basics
import Trading

/// Fields of a JSON object, read from its bytes when they are asked for.
public protocol FieldLookup {
  /// The bytes of the field's value; nil when there is no such field.
  func raw(_ key: FieldName) -> ArraySlice<UInt8>?
}

/// One line of a log; each look-up walks the line.
public protocol RecordLine: FieldLookup, Sendable {
  /// From 1.
  var line: Int { get }
  /// Its `timestamp`.
  var time: Instant { get }
  /// The line as it was written, a JSON object.
  var bytes: ArraySlice<UInt8> { get }
}

extension FieldLookup {
  /// The field's value; nil when there is no such field.
  public func value(_ key: FieldName) -> JSON? {
    raw(key).flatMap { try? JSON.parse($0) }
  }

  /// The field's text with its escapes resolved; nil when there is no such field or it is no text.
  public func text(_ key: FieldName) -> String? {
    guard let raw = raw(key), raw.first == 0x22 else { return nil }
    let inside = raw.dropFirst().dropLast()
    return inside.contains(0x5C) ? value(key)?.string : String(decoding: inside, as: UTF8.self)
  }

  /// A number up to `RecordLimits`; nil for anything else.
  public func number(_ key: FieldName) -> Double? {
    guard let raw = raw(key), let first = raw.first, first == 0x2D || first < 0x3A, first != 0x22 else { return nil }
    return Double(String(decoding: raw, as: UTF8.self)).flatMap { RecordLimits.number.contains($0) ? $0 : nil }
  }

  /// A whole number up to `RecordLimits`; nil for anything else.
  public func integer(_ key: FieldName) -> Int? {
    numberText(key).flatMap { Int($0) }.flatMap { RecordLimits.integer.contains($0) ? $0 : nil }
  }

  /// The field's truth value; nil for anything else.
  public func flag(_ key: FieldName) -> Bool? {
    guard let raw = raw(key), raw.count == 4 || raw.count == 5 else { return nil }
    return raw.elementsEqual("true".utf8) ? true : raw.elementsEqual("false".utf8) ? false : nil
  }

  /// Money: a string, or a number's text.
  public func decimal(_ key: FieldName) -> Decimal? {
    raw(key).flatMap(RecordLimits.decimal)
  }

  /// A record whose message timed out: fields other than ids and codes may be absent.
  public var isVague: Bool { flag(.formatterTimeout) == true }

  /// A text, or a number as it is written.
  public func code(_ key: FieldName) -> String? { text(key) ?? numberText(key) }

  /// A number as it is written; nil for anything else.
  private func numberText(_ key: FieldName) -> String? {
    guard let raw = raw(key), let first = raw.first, first == 0x2D || (0x30...0x39).contains(first) else { return nil }
    return String(decoding: raw, as: UTF8.self)
  }
}

extension RecordLine {
  /// The whole line as a value; parses it at each call.
  public var fields: JSON { (try? JSON.parse(bytes)) ?? .null }

  /// Walks the line from its start to the field; of two fields of one name the first counts. O(bytes of the line).
  public func raw(_ key: FieldName) -> ArraySlice<UInt8>? {
    var name = key.rawValue
    let found = name.withUTF8 { name in
      bytes.withUnsafeBufferPointer { text in
        var scanner = LineScanner(text)
        var found: Range<Int>?
        _ = scanner.members { member, value in
          guard member.count == name.count else { return true }
          for i in 0..<name.count where text[member.lowerBound + i] != name[i] { return true }
          found = value
          return false
        }
        return found
      }
    }
    return found.map { bytes[(bytes.startIndex + $0.lowerBound)..<(bytes.startIndex + $0.upperBound)] }
  }
}

/// The fields of one line after another, found in one walk a line: for readers that want many fields of each.
struct FieldIndex: FieldLookup {
  private(set) var time = Instant.simulationEpoch
  private var bytes: ArraySlice<UInt8> = []
  private var members: [(name: Range<Int>, value: Range<Int>)] = []

  mutating func load(_ line: some RecordLine) {
    time = line.time
    bytes = line.bytes
    members.removeAll(keepingCapacity: true)
    var found = members
    members = []
    bytes.withUnsafeBufferPointer { text in
      var scanner = LineScanner(text)
      _ = scanner.members { name, value in
        found.append((name, value))
        return true
      }
    }
    members = found
  }

  func raw(_ key: FieldName) -> ArraySlice<UInt8>? {
    var name = key.rawValue
    let found: Range<Int>? = name.withUTF8 { name in
      bytes.withUnsafeBufferPointer { text in
        search: for member in members where member.name.count == name.count {
          for i in 0..<name.count where text[member.name.lowerBound + i] != name[i] { continue search }
          return member.value
        }
        return nil
      }
    }
    return found.map { bytes[(bytes.startIndex + $0.lowerBound)..<(bytes.startIndex + $0.upperBound)] }
  }
}

extension JSON {
  /// Money in a nested value: a string, or a number's text.
  var decimal: Decimal? {
    switch self {
    case .string(let text), .number(let text): RecordLimits.decimal(text)
    default: nil
    }
  }
}

/// What a record's figures can be: beyond, a line has no such figure, so that sums over a whole log cannot overflow.
enum RecordLimits {
  static let number = -1e15...1e15
  static let integer = -1_000_000_000_000...1_000_000_000_000
  private static let money = Decimal(1_000_000_000_000_000)

  /// Of a value as it stands in a line.
  static func decimal(_ raw: ArraySlice<UInt8>) -> Decimal? {
    (raw.first == 0x22 ? raw.dropFirst().dropLast() : raw).withUnsafeBufferPointer { decimal($0) }
  }

  static func decimal(_ bytes: UnsafeBufferPointer<UInt8>) -> Decimal? {
    Decimal(bytes).flatMap { $0.magnitude <= money ? $0 : nil }
  }

  static func decimal(_ text: String) -> Decimal? {
    Decimal(text).flatMap { $0.magnitude <= money ? $0 : nil }
  }
}
