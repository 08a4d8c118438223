import Basics
import Trading

/// How important a record is; the raw value is how logs write it.
public enum LogLevel: String, Sendable, CaseIterable {
  /// Of interest to a developer alone.
  case debug = "DEBUG"
  /// What happened in the ordinary course.
  case info = "INFO"
  /// Something went wrong and the engine deals with it.
  case warning = "WARNING"
  /// Something went wrong that somebody should look at.
  case error = "ERROR"
}

/// The value of one field of a record.
public enum LogValue: Sendable {
  /// A JSON string.
  case text(String)
  /// Money, prices and quantities: a JSON string.
  case decimal(Decimal)
  /// A JSON number without a fraction.
  case integer(Int)
  /// Times in seconds or milliseconds: a JSON number with at most three digits behind the point.
  case number(Double)
  /// `true` or `false`.
  case flag(Bool)
  /// A JSON string, RFC 3339 with microseconds.
  case time(Instant)
  /// A JSON string, `BASE/QUOTE`.
  case symbol(Symbol)
  /// `"buy"` or `"sell"`.
  case side(Side)
  /// An array of JSON strings.
  case texts([String])
  /// `null`: the field is known to have no value.
  case null
}

/// One field of a record.
public struct LogField: Sendable {
  /// The field's name in the line.
  public var key: FieldName
  /// What is written; how is decided by its case.
  public var value: LogValue

  /// A field; nothing is rendered before the line is written.
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

extension CallFailure {
  /// What went wrong with a call to the venue, and what follows from it.
  public var fields: [LogField] {
    [LogField(.error, description), LogField(.errorClass, failureClass.rawValue)]
  }
}

/// One line of the event log, before it is rendered.
public struct LogRecord: Sendable {
  /// When it happened, which is before it is written.
  public var time: Instant
  /// How important it is.
  public var level: LogLevel
  /// What happened, in capitals, such as `ORDER_SENT`.
  public var event: EventName
  /// In the order of the line.
  public var fields: [LogField]
  /// Whether the record also goes to `logs/jsonl/orders.jsonl`.
  public var isOrderEvent: Bool

  /// A record as given.
  public init(time: Instant, level: LogLevel, event: EventName, fields: [LogField], isOrderEvent: Bool = false) {
    self.time = time
    self.level = level
    self.event = event
    self.fields = fields
    self.isOrderEvent = isOrderEvent
  }
}
