import FakeExchange
import Trading
public import TradingEngine

/// Settings that are none of the engine's: they say what it trades on.
public struct SessionSettings: Sendable, Equatable {
  /// `VENUE`: whose codes, fees, limits and filters the venue has.
  public private(set) var venue = VenueProfile.mexc.name
  /// `MARKET_FILL`: what stands between two recorded quotes.
  public private(set) var marketFill = TickReplayer.Fill.none

  /// Names, with what each may be and its default first.
  public static let all: [(name: String, choices: [String], summary: String)] = [
    ("VENUE", VenueProfile.all.map(\.name), "Whose codes, fees, limits and filters the fake exchange has."),
    (
      "MARKET_FILL", TickReplayer.Fill.allCases.map(\.rawValue),
      "Between two recorded quotes: the last one stands (none), or prices move on the straight line (linear)."
    ),
  ]

  /// The defaults.
  public init() {}

  /// Takes a setting in; false: it is none of these.
  ///
  /// - Throws: `SettingError` for a value that is no choice.
  public mutating func set(_ name: String, _ text: String) throws(SettingError) -> Bool {
    guard let setting = Self.all.first(where: { $0.name == name }) else { return false }
    guard setting.choices.contains(text) else {
      throw .outOfRange(name: name, text: text, range: setting.choices.joined(separator: ", "))
    }
    if name == "VENUE" { venue = text } else { marketFill = TickReplayer.Fill(rawValue: text) ?? .none }
    return true
  }

  var profile: VenueProfile { VenueProfile.named(venue) ?? .mexc }
}
