import ChaosRuntime
import Trading

/// The message of a record after formatting.
public enum RenderedMessage: Sendable, Equatable {
  case none
  case text(String)
  /// The formatter took too long; the fields stay.
  case timedOut
}

/// Writes records as compact JSON lines, straight into bytes.
public enum LogLine {
  /// Appends the line of a record, newline included.
  public static func append(_ record: LogRecord, message: RenderedMessage, into bytes: inout [UInt8]) {
    append("{\"timestamp\":\"", &bytes)
    record.time.writeISO8601(into: &bytes)
    append("\",\"level\":\"", &bytes)
    switch record.level {
    case .debug: append("DEBUG", &bytes)
    case .info: append("INFO", &bytes)
    case .warning: append("WARNING", &bytes)
    case .error: append("ERROR", &bytes)
    }
    append("\",\"event_type\":\"", &bytes)
    append(record.event, &bytes)
    append("\"", &bytes)
    for field in record.fields {
      JSONBytes.appendKey(field.key, into: &bytes)
      append(field.value, &bytes)
    }
    switch message {
    case .none: break
    case .text(let text):
      append(",\"message\":", &bytes)
      JSONBytes.appendQuoted(text, into: &bytes)
    case .timedOut: append(",\"message\":\"[formatter timed out]\",\"formatter_timeout\":true", &bytes)
    }
    append("}\n", &bytes)
  }

  private static func append(_ value: LogValue, _ bytes: inout [UInt8]) {
    switch value {
    case .text(let text): JSONBytes.appendQuoted(text, into: &bytes)
    case .decimal(let decimal):
      bytes.append(UInt8(ascii: "\""))
      decimal.append(to: &bytes)
      bytes.append(UInt8(ascii: "\""))
    case .integer(let integer): JSONBytes.appendInt(Int64(integer), into: &bytes)
    case .number(let number): append(number, &bytes)
    case .flag(let flag): append(flag ? "true" : "false", &bytes)
    case .time(let time):
      bytes.append(UInt8(ascii: "\""))
      time.writeISO8601(into: &bytes)
      bytes.append(UInt8(ascii: "\""))
    case .symbol(let symbol):
      // Symbols hold letters, digits, - and _ only: nothing to escape.
      bytes.append(UInt8(ascii: "\""))
      bytes.append(contentsOf: symbol.base.utf8)
      bytes.append(UInt8(ascii: "/"))
      bytes.append(contentsOf: symbol.quote.utf8)
      bytes.append(UInt8(ascii: "\""))
    case .side(let side): append(side == .buy ? "\"buy\"" : "\"sell\"", &bytes)
    case .texts(let texts):
      bytes.append(UInt8(ascii: "["))
      for (index, text) in texts.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        JSONBytes.appendQuoted(text, into: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .null: append("null", &bytes)
    }
  }

  /// At most three digits behind the point.
  private static func append(_ number: Double, _ bytes: inout [UInt8]) {
    guard number.isFinite, abs(number) < 1e15 else { return append("null", &bytes) }
    JSONBytes.appendFixed(Int64((number * 1000).rounded()), places: 3, into: &bytes)
  }

  static func append(_ text: StaticString, _ bytes: inout [UInt8]) {
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }
}
