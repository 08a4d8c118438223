import Basics
public import Trading

/// What the engine was set to, as config.json says: the source of every limit that a check derives.
public struct SettingsInForce: Sendable {
  /// Longer times are no settings of an engine; sums of a few of them stay far from the end of time.
  private static let secondsMax = 1e7

  private let values: [(key: String, value: JSON)]

  /// Reads the members of config.json; a file that is absent or no JSON has none.
  init(_ config: KeyedFile?) {
    values = config.flatMap { try? JSON.parse($0.bytes) }?.members ?? []
  }

  /// The value as it is written; nil when it is not there.
  public func text(_ name: SettingName) -> String? {
    values.first { $0.key == name.rawValue }.flatMap { $0.value.string ?? $0.value.numberText }
  }

  /// A time in seconds (`..._S`) or milliseconds (`..._MS`); nil when it is absent or no such time.
  public func time(_ name: SettingName) -> Duration? {
    guard let value = number(name) else { return nil }
    let seconds = name.rawValue.hasSuffix("_MS") ? value / 1000 : value
    guard seconds >= 0, seconds <= Self.secondsMax else { return nil }
    return .nanoseconds(Int64((seconds * 1e9).rounded()))
  }

  /// A count from 0 to a million; nil when it is absent or no such count.
  public func count(_ name: SettingName) -> Int? {
    text(name).flatMap { Int($0) }.flatMap { (0...1_000_000).contains($0) ? $0 : nil }
  }

  /// nil when it is absent or neither true nor false.
  public func flag(_ name: SettingName) -> Bool? {
    switch text(name)?.lowercased() {
    case "true": true
    case "false": false
    default: nil
    }
  }

  private func number(_ name: SettingName) -> Double? { text(name).flatMap { Double($0) } }
}
