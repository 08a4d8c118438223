/// A value of a TOML document and where it stands.
public struct TOMLValue: Sendable {
  public enum Kind: Sendable {
    case string(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)
    /// As written; checked, not computed with.
    case dateTime(String, DateTimeKind)
    case array([TOMLValue])
    case table(TOMLTable)
  }

  /// The four date-time types of TOML 1.0.
  public enum DateTimeKind: String, Sendable {
    case offsetDateTime = "datetime"
    case localDateTime = "datetime-local"
    case localDate = "date-local"
    case localTime = "time-local"
  }

  public let kind: Kind
  /// First byte of the value in its document.
  public let offset: Int

  /// What the value is, for messages.
  public var kindName: String {
    switch kind {
    case .string: "text"
    case .integer: "an integer"
    case .float: "a float"
    case .boolean: "a boolean"
    case .dateTime: "a date or time"
    case .array: "an array"
    case .table: "a table"
    }
  }

  public var string: String? { if case .string(let text) = kind { text } else { nil } }
  public var integer: Int64? { if case .integer(let number) = kind { number } else { nil } }
  public var boolean: Bool? { if case .boolean(let value) = kind { value } else { nil } }
  public var array: [TOMLValue]? { if case .array(let values) = kind { values } else { nil } }
  public var table: TOMLTable? { if case .table(let table) = kind { table } else { nil } }
}

/// A table in the order of its document; keys are compared byte by byte.
public struct TOMLTable: Sendable {
  public struct Entry: Sendable {
    public let key: String
    /// First byte of the key in its document.
    public let offset: Int
    public let value: TOMLValue
  }

  public private(set) var entries: [Entry] = []
  private var positions: [[UInt8]: Int] = [:]

  init() {}

  public subscript(key: String) -> TOMLValue? { positions[Array(key.utf8)].map { entries[$0].value } }

  mutating func append(_ entry: Entry) {
    positions[Array(entry.key.utf8)] = entries.count
    entries.append(entry)
  }
}

/// A TOML 1.0 document with its text, so that whoever reads meaning into it can point at places.
public struct TOMLDocument: Sendable {
  /// Bytes of the largest document that is read.
  public static let bytesMax = 1 << 20
  /// Levels of arrays and inline tables, and parts of a dotted key.
  public static let depthMax = 64

  public let source: SourceText
  public let root: TOMLTable

  public init(parsing bytes: [UInt8], file: String) throws(SourceError) {
    source = SourceText(file: file, bytes: bytes)
    guard bytes.count <= Self.bytesMax else {
      throw SourceText(file: file, bytes: []).error(
        at: 0, "the document has \(bytes.count) bytes; at most \(Self.bytesMax) are read")
    }
    if let offset = InputFile.firstInvalidByte(bytes[...]) {
      throw source.error(at: offset, "a byte that is not UTF-8")
    }
    var reader = TOMLReader(source)
    root = try reader.document()
  }

  public init(parsing text: String, file: String) throws(SourceError) {
    try self.init(parsing: Array(text.utf8), file: file)
  }

  /// A number as it is written, without its underscores: floating point would round a long one.
  public func written(_ value: TOMLValue) -> String {
    let token = source.bytes[value.offset...].prefix { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
      default: "ABCDEF_+-.".utf8.contains(byte)
      }
    }
    return String(decoding: token.filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
  }

  public func error(at value: TOMLValue, _ message: String, meant: String? = nil) -> SourceError {
    source.error(at: value.offset, message, meant: meant)
  }

  public func error(at entry: TOMLTable.Entry, _ message: String, meant: String? = nil) -> SourceError {
    source.error(at: entry.offset, message, meant: meant)
  }
}
