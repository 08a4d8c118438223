import Basics

/// Says warnings and errors in words: the event and its fields as `key=value`.
final class PlainFormatter: LogFormatter {
  /// Needs nothing: a message is a function of its record.
  init() {}

  /// Nil for debug and info, whose fields say it all.
  func message(for record: LogRecord) throws(Stopped) -> String? {
    switch record.level {
    case .debug, .info: return nil
    case .warning, .error: break
    }
    var text = record.event.rawValue
    for field in record.fields { text += " \(field.key)=\(Self.text(field.value))" }
    return text
  }

  private static func text(_ value: LogValue) -> String {
    switch value {
    case .text(let text): text
    case .decimal(let decimal): decimal.description
    case .integer(let integer): String(integer)
    case .number(let number): JSON.double(number).text
    case .flag(let flag): flag ? "true" : "false"
    case .time(let time): time.iso8601()
    case .symbol(let symbol): symbol.description
    case .side(let side): side.rawValue
    case .texts(let texts): texts.joined(separator: ",")
    case .null: "null"
    }
  }
}
