import Basics
import Trading

/// Why a setting was refused.
public enum SettingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// No setting has this name; `EngineSettings.names` lists them.
  case unknownName(String)
  /// The text is not of the setting's type.
  case wrongType(name: String, text: String, expected: String)
  /// The value lies outside the setting's range.
  case outOfRange(name: String, text: String, range: String)

  /// The name, what was written, and what would be right.
  public var description: String {
    switch self {
    case .unknownName(let name): "there is no setting \(InputError.shown(name))"
    case .wrongType(let name, let text, let expected): "\(name) is \(expected), not \"\(InputError.shown(text))\""
    case .outOfRange(let name, let text, let range): "\(name) = \(InputError.shown(text)) is out of range (\(range))"
    }
  }
}

/// One row of the table of settings.
public struct SettingDefinition: Sendable {
  typealias Path<Value> = WritableKeyPath<EngineSettings, Value> & Sendable

  enum Access: Sendable {
    case boolean(Path<Bool>)
    case integer(Path<Int>, ClosedRange<Int>)
    case decimal(Path<Decimal>, ClosedRange<Decimal>)
    /// Written in `unit`s.
    case time(Path<Duration>, unit: Duration, ClosedRange<Decimal>)
    case choice(Path<String>, [String])
  }

  /// Which setting the row is about.
  public let setting: SettingName
  /// As config.json has it.
  public var name: String { setting.rawValue }
  /// As the user would write it.
  public let defaultText: String
  /// `s`, `ms`, `bps`, `USDT`, or empty.
  public let unit: String
  /// One sentence.
  public let summary: String
  let access: Access

  init(_ name: SettingName, _ defaultText: String, _ unit: String, _ summary: String, _ access: Access) {
    setting = name
    self.defaultText = defaultText
    self.unit = unit
    self.summary = summary
    self.access = access
  }

  /// `boolean`, `integer`, `decimal`, `time` or `choice`.
  public var type: String {
    switch access {
    case .boolean: "boolean"
    case .integer: "integer"
    case .decimal: "decimal"
    case .time: "time"
    case .choice: "choice"
    }
  }

  /// The values that are taken, in words.
  public var range: String {
    switch access {
    case .boolean: "True or False"
    case .integer(_, let range): "\(range.lowerBound) to \(range.upperBound)"
    case .decimal(_, let range), .time(_, _, let range): "\(range.lowerBound) to \(range.upperBound)"
    case .choice(_, let choices): choices.joined(separator: ", ")
    }
  }

  func reset(_ settings: inout EngineSettings) {
    do throws(SettingError) { try set(&settings, defaultText) } catch {
      preconditionFailure("the table of settings has a bad default: \(error)")
    }
  }

  func set(_ settings: inout EngineSettings, _ text: String) throws(SettingError) {
    switch access {
    case .boolean(let path):
      switch text {
      case "True", "true": settings[keyPath: path] = true
      case "False", "false": settings[keyPath: path] = false
      default: throw .wrongType(name: name, text: text, expected: "True or False")
      }
    case .integer(let path, let range):
      guard let value = Int(text) else { throw .wrongType(name: name, text: text, expected: "a whole number") }
      guard range.contains(value) else { throw .outOfRange(name: name, text: text, range: self.range) }
      settings[keyPath: path] = value
    case .decimal(let path, let range):
      settings[keyPath: path] = try decimal(text, in: range)
    case .time(let path, let unit, let range):
      let value = try decimal(text, in: range)
      // Scaled by 10^12; the range keeps the product far from overflow.
      let nanoseconds = value.coefficient * Int128(unit.nanoseconds) / Decimal.one.coefficient
      settings[keyPath: path] = Duration(nanoseconds: Int64(clamping: nanoseconds))
    case .choice(let path, let choices):
      guard choices.contains(text) else { throw .outOfRange(name: name, text: text, range: range) }
      settings[keyPath: path] = text
    }
  }

  /// The value in force, as the user would write it.
  func text(_ settings: EngineSettings) -> String {
    switch access {
    case .boolean(let path): settings[keyPath: path] ? "True" : "False"
    case .integer(let path, _): String(settings[keyPath: path])
    case .decimal(let path, _): settings[keyPath: path].description
    case .time(let path, let unit, _):
      Decimal(
        coefficient: Int128(settings[keyPath: path].nanoseconds) * Decimal.one.coefficient / Int128(unit.nanoseconds)
      ).description
    case .choice(let path, _): settings[keyPath: path]
    }
  }

  private func decimal(_ text: String, in range: ClosedRange<Decimal>) throws(SettingError) -> Decimal {
    guard let value = Decimal(text) else { throw .wrongType(name: name, text: text, expected: "a number") }
    guard range.contains(value) else { throw .outOfRange(name: name, text: text, range: self.range) }
    return value
  }
}
