import Basics
import Trading

/// How important a record is; the raw value is how logs write it.
public enum LogLevel: String, Sendable, CaseIterable {
  case debug = "DEBUG"
  case info = "INFO"
  case warning = "WARNING"
  case error = "ERROR"
}

/// The value of one field of a record.
public enum LogValue: Sendable {
  case text(String)
  /// Money, prices and quantities: a JSON string.
  case decimal(Decimal)
  case integer(Int)
  /// Times in seconds or milliseconds: a JSON number with at most three digits behind the point.
  case number(Double)
  case flag(Bool)
  case time(Instant)
  case symbol(Symbol)
  case side(Side)
  case texts([String])
  case null
}

/// One field of a record.
public struct LogField: Sendable {
  public var key: FieldName
  public var value: LogValue

  public init(_ key: FieldName, _ value: LogValue) {
    self.key = key
    self.value = value
  }

  /// A text field; nil is written as `null`.
  public init(_ key: FieldName, _ text: String?) {
    self.key = key
    value = text.map { .text($0) } ?? .null
  }
}

/// One line of the event log, before it is rendered.
public struct LogRecord: Sendable {
  public var time: Instant
  public var level: LogLevel
  public var event: EventName
  public var fields: [LogField]
  /// Whether the record also goes to `logs/jsonl/orders.jsonl`.
  public var isOrderEvent: Bool

  public init(time: Instant, level: LogLevel, event: EventName, fields: [LogField], isOrderEvent: Bool = false) {
    self.time = time
    self.level = level
    self.event = event
    self.fields = fields
    self.isOrderEvent = isOrderEvent
  }
}
