import Basics
public import ExchangeServer
public import Trading

/// What is to be run: a bot's command, the exchange that it meets, and for how long.
public struct BotPlan: Sendable {
  /// As a shell reads it; `{http}`, `{ws}`, `{key}`, `{secret}` and `{symbols}` are filled in.
  public var command: String
  /// The exchange; its faults are armed in the chaos phase.
  public var settings: ServerSettings
  /// Baseline, chaos and settle together, from the bot's first request on.
  public var duration: Duration
  /// `NAME=VALUE` of the process that runs this.
  public var environment: [String]
  /// Quote asset that the bot may tie up; nil: no limit.
  public var exposureMax: Decimal?
  /// How long an order of the bot may be open; nil: no limit.
  public var orderAgeMax: Duration?

  /// A plan as given.
  public init(
    command: String, settings: ServerSettings, duration: Duration, environment: [String], exposureMax: Decimal? = nil,
    orderAgeMax: Duration? = nil
  ) {
    self.command = command
    self.settings = settings
    self.duration = duration
    self.environment = environment
    self.exposureMax = exposureMax
    self.orderAgeMax = orderAgeMax
  }

  /// How long a bot may take to its first request: as long as the run, from 3 to 20 seconds.
  var startLimit: Duration { min(max(duration, .seconds(3)), .seconds(20)) }
  /// How long a bot may take to end once it is asked.
  static let endLimit = Duration.seconds(5)
  /// Shares of the baseline, and of baseline and chaos together, in percent.
  static let shares = (baseline: 20, chaos: 70)

  func share(_ percent: Int) -> Duration { Duration(nanoseconds: duration.nanoseconds / 100 * Int64(percent)) }

  /// What a bot needs to know, as variables.
  func variables(port: UInt16) -> [(name: String, value: String)] {
    let account = settings.accounts[0]
    let host = settings.address.host
    return [
      ("CHAOS_HTTP", "http://\(host):\(port)"), ("CHAOS_WS", "ws://\(host):\(port)"), ("CHAOS_API_KEY", account.key),
      ("CHAOS_API_SECRET", account.secret),
      ("CHAOS_SYMBOLS", settings.symbols.map { $0.base + $0.quote }.joined(separator: ",")),
    ]
  }

  /// The command with its places filled in.
  func filled(port: UInt16) -> String {
    var text = command
    for (name, value) in variables(port: port) {
      let place = [
        "CHAOS_HTTP": "{http}", "CHAOS_WS": "{ws}", "CHAOS_API_KEY": "{key}", "CHAOS_API_SECRET": "{secret}",
      ]
      text = Self.replacing(place[name] ?? "{symbols}", by: value, in: text)
    }
    return text
  }

  private static func replacing(_ place: String, by value: String, in text: String) -> String {
    var (out, rest) = ("", text[...])
    while let found = rest.firstRange(of: place) {
      out += rest[..<found.lowerBound] + value
      rest = rest[found.upperBound...]
    }
    return out + rest
  }
}
