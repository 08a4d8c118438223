import Basics
public import FakeExchange
public import FaultInjection
public import HTTP
public import Trading

/// What a served exchange is.
public struct ServerSettings: Sendable {
  /// `binance` or `mexc`.
  public var venue: String
  /// Where it listens.
  public var address: EndpointAddress
  /// Who trades; the first is the one that a bot is given.
  public var accounts: [WireAccount]
  /// Symbols of the generated market.
  public var symbols: [Symbol]
  /// Recorded quotes instead of the generated market.
  public var recorded: TickReplayer?
  /// Of the market, and of the faults' draws.
  public var seed: UInt64
  /// Faults that can be armed.
  public var faults: [Fault]
  /// Whether weights and order rates are limited as the venue has it.
  public var hasLimits: Bool
  /// What control needs besides a client of this machine; nil: nothing.
  public var controlToken: String?
  /// What the market maker offers.
  public var depth: MarketDepth
  /// How long a listen key is good without being renewed.
  public var listenKeyLife: Duration
  /// Connections at once.
  public var connectionsMax: Int

  /// Settings with one account that has 10,000 of the first symbol's quote asset.
  public init(
    venue: String = "binance", address: EndpointAddress, accounts: [WireAccount], symbols: [Symbol], seed: UInt64
  ) {
    self.venue = venue
    self.address = address
    self.accounts = accounts
    self.symbols = symbols
    self.seed = seed
    recorded = nil
    faults = []
    hasLimits = true
    controlToken = nil
    depth = MarketDepth(levels: 20, notional: Decimal(2000), spacingBps: 2, refill: .seconds(1))
    connectionsMax = 2000
    listenKeyLife = .seconds(3600)
  }

  /// Symbols that are traded without further words.
  public static let standardSymbols: [Symbol] = ["BTC", "ETH", "SOL", "BNB", "XRP", "DOGE", "ADA", "LINK"].compactMap {
    Symbol(base: $0, quote: "USDT")
  }
}

/// Why an exchange cannot be served.
public enum ServerError: Error, Sendable, CustomStringConvertible {
  /// The address cannot be had.
  case endpoint(EndpointError)
  /// Accounts and symbols do not fit together.
  case setup(VenueSetupError)
  /// A fault does not fit the sites of a served exchange.
  case fault(InjectionError)
  /// There is no dialect of that venue.
  case unknownVenue(String)

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .endpoint(let error): error.text
    case .setup(let error): error.description
    case .fault(let error): "\(error)"
    case .unknownVenue(let name):
      "no dialect speaks '\(name)'; there are \(WireProfiles.names.joined(separator: " and "))"
    }
  }
}
