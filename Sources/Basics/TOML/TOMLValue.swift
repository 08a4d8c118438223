/// A value of a TOML document and where it stands.
public struct TOMLValue: Sendable {
  /// The types of TOML 1.0, with what was read.
  public enum Kind: Sendable {
    /// Any of the four kinds of string, escapes resolved.
    case string(String)
    /// Decimal, hexadecimal, octal or binary; 64 bits with a sign.
    case integer(Int64)
    /// Rounded to a double, `inf` and `nan` included; `TOMLDocument.written(_:)` has the exact digits.
    case float(Double)
    /// `true` or `false`.
    case boolean(Bool)
    /// As written; checked, not computed with.
    case dateTime(String, DateTimeKind)
    /// Elements in their order; their types may differ.
    case array([TOMLValue])
    /// A table in brackets, an inline table, or one that a dotted key made.
    case table(TOMLTable)
  }

  /// The four date-time types of TOML 1.0.
  public enum DateTimeKind: String, Sendable {
    /// Date, time and offset from UTC: one moment.
    case offsetDateTime = "datetime"
    /// Date and time without an offset.
    case localDateTime = "datetime-local"
    /// A calendar day.
    case localDate = "date-local"
    /// A time of day.
    case localTime = "time-local"
  }

  /// Type and content.
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

  /// The text; nil when this is no string.
  public var string: String? { if case .string(let text) = kind { text } else { nil } }
  /// The whole number; nil when this is no integer, and for a float that happens to be whole.
  public var integer: Int64? { if case .integer(let number) = kind { number } else { nil } }
  /// The truth value; nil when this is no boolean.
  public var boolean: Bool? { if case .boolean(let value) = kind { value } else { nil } }
  /// The elements; nil when this is no array.
  public var array: [TOMLValue]? { if case .array(let values) = kind { values } else { nil } }
  /// The table; nil when this is none.
  public var table: TOMLTable? { if case .table(let table) = kind { table } else { nil } }
}

/// A table in the order of its document; keys are compared byte by byte.
public struct TOMLTable: Sendable {
  /// One key of a table with its value.
  public struct Entry: Sendable {
    /// The key as it is compared: quotes and escapes are resolved.
    public let key: String
    /// First byte of the key in its document.
    public let offset: Int
    /// What the key stands for.
    public let value: TOMLValue
  }

  /// All entries in the order of the document; a key occurs once.
  public private(set) var entries: [Entry] = []
  private var positions: [[UInt8]: Int] = [:]

  init() {}

  /// The value of a key; nil when the table lacks it. O(length of the key).
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

  /// The document's text and name, for errors that point into it.
  public let source: SourceText
  /// The top-level table.
  public let root: TOMLTable

  /// Reads a whole document.
  ///
  /// - Throws: `SourceError` at the first mistake; also for more than `bytesMax` bytes, nesting beyond `depthMax`, and
  ///   bytes that are not UTF-8.
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

  /// Reads a whole document from text; throws as the one for bytes does.
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

  /// An error that points at a value; `meant` is appended as "did you mean".
  public func error(at value: TOMLValue, _ message: String, meant: String? = nil) -> SourceError {
    source.error(at: value.offset, message, meant: meant)
  }

  /// An error that points at a key; `meant` is appended as "did you mean".
  public func error(at entry: TOMLTable.Entry, _ message: String, meant: String? = nil) -> SourceError {
    source.error(at: entry.offset, message, meant: meant)
  }
}
