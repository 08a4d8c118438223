import Basics
import Trading

/// The message of a record after formatting.
public enum RenderedMessage: Sendable, Equatable {
  /// The formatter had nothing to say.
  case none
  /// What the formatter said, unescaped.
  case text(String)
  /// The formatter took too long; the fields stay.
  case timedOut
}

/// Writes records as compact JSON lines.
public enum LogLine {
  /// Appends the line of a record, newline included.
  public static func append(_ record: LogRecord, message: RenderedMessage, into bytes: inout [UInt8]) {
    var line = ByteWriter(capacity: 512)
    append(record, message: message, into: &line)
    bytes.append(contentsOf: line.bytes())
  }

  /// Appends the line of a record, newline included.
  public static func append(_ record: LogRecord, message: RenderedMessage, into line: inout ByteWriter) {
    line.text("{\"timestamp\":\"")
    line.time(record.time)
    line.text("\",\"level\":\"")
    switch record.level {
    case .debug: line.text("DEBUG")
    case .info: line.text("INFO")
    case .warning: line.text("WARNING")
    case .error: line.text("ERROR")
    }
    line.text("\",\"event_type\":\"")
    line.text(record.event.rawValue)
    line.byte(UInt8(ascii: "\""))
    for field in record.fields {
      line.key(field.key)
      append(field.value, into: &line)
    }
    switch message {
    case .none: break
    case .text(let text):
      line.key("message")
      line.quoted(text)
    case .timedOut: line.text(",\"message\":\"[formatter timed out]\",\"formatter_timeout\":true")
    }
    line.text("}\n")
  }

  private static func append(_ value: LogValue, into line: inout ByteWriter) {
    switch value {
    case .text(let text): line.quoted(text)
    case .decimal(let decimal): line.quoted(decimal)
    case .integer(let integer): line.integer(integer)
    case .number(let number): append(number, into: &line)
    case .flag(let flag): line.text(flag ? "true" as StaticString : "false")
    case .time(let time):
      line.byte(UInt8(ascii: "\""))
      line.time(time)
      line.byte(UInt8(ascii: "\""))
    case .symbol(let symbol): line.quoted(symbol)
    case .side(let side): line.text(side == .buy ? "\"buy\"" as StaticString : "\"sell\"")
    case .texts(let texts):
      line.byte(UInt8(ascii: "["))
      for (index, text) in texts.enumerated() {
        if index > 0 { line.byte(UInt8(ascii: ",")) }
        line.quoted(text)
      }
      line.byte(UInt8(ascii: "]"))
    case .null: line.text("null")
    }
  }

  /// At most three digits behind the point.
  private static func append(_ number: Double, into line: inout ByteWriter) {
    guard number.isFinite, abs(number) < 1e15 else { return line.text("null") }
    line.fixed(Int64((number * 1000).rounded()), places: 3)
  }
}
