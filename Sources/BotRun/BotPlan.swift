import Basics
public import ExchangeServer
import HTTP
public import Trading

/// What is to be run: a bot's command, the exchange that it meets, and for how long.
public struct BotPlan: Sendable {
  /// As a shell reads it; `{http}`, `{ws}`, `{key}`, `{secret}`, `{symbols}` and `{session}` are filled in.
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
  /// Where the bot tells what it has, as `BeliefSource` reads it, with the same places as the command; nil: it does not tell.
  /// `{port}` stands for a free port, in the command too.
  public var belief: String?
  /// How much later than the venue the bot may know of a change.
  public var beliefLag = Duration.seconds(2)

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

  /// What stands for a place of the command, and the variable that says the same.
  public struct Place: Sendable, Equatable {
    /// As in `{http}`.
    public var name: String
    /// As in `CHAOS_HTTP`.
    public var variable: String
    /// What it stands for.
    public var value: String

    /// A place as given.
    public init(name: String, variable: String, value: String) {
      (self.name, self.variable, self.value) = (name, variable, value)
    }
  }

  /// What a bot needs to know of a run in a directory.
  func places(port: UInt16, directory: String) -> [Place] {
    let account = settings.accounts[0]
    let host = settings.address.host
    let symbols = settings.symbols.map { $0.base + $0.quote }.joined(separator: ",")
    var places = [
      Place(name: "{http}", variable: "CHAOS_HTTP", value: "http://\(host):\(port)"),
      Place(name: "{ws}", variable: "CHAOS_WS", value: "ws://\(host):\(port)"),
      Place(name: "{key}", variable: "CHAOS_API_KEY", value: account.key),
      Place(name: "{secret}", variable: "CHAOS_API_SECRET", value: account.secret),
      Place(name: "{symbols}", variable: "CHAOS_SYMBOLS", value: symbols),
      Place(name: "{session}", variable: "CHAOS_SESSION", value: directory),
    ]
    guard let belief else { return places }
    if belief.contains("{port}"), let free = Self.freePort() {
      places.append(Place(name: "{port}", variable: "CHAOS_BELIEF_PORT", value: "\(free)"))
    }
    let source = Self.filled(belief, places)
    places.append(Place(name: "{belief}", variable: "CHAOS_BELIEF", value: source))
    return places
  }

  /// A text with its places filled in.
  public static func filled(_ text: String, _ places: [Place]) -> String {
    places.reduce(text) { replacing($1.name, by: $1.value, in: $0) }
  }

  /// Free a moment ago: nothing keeps it from others.
  private static func freePort() -> UInt16? {
    do throws(EndpointError) {
      return try Listener(at: EndpointAddress(host: "127.0.0.1", port: 0), kind: "belief", backlog: 1).port
    } catch { return nil }
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
