/// Plain values: what a run is asked to do.
public struct Scenario: Sendable {
  /// A scheduled fall of one price.
  public struct Drop: Sendable, Equatable {
    public var symbol: Symbol
    /// Time since the start of the session.
    public var at: Duration
    /// Share of the price that is lost, 0.02 is 2 %.
    public var depth: Decimal
    /// After this time the price is back where it was; nil: it goes on as markets do.
    public var lasts: Duration?

    public init(symbol: Symbol, at: Duration, depth: Decimal, lasts: Duration? = nil) {
      self.symbol = symbol
      self.at = at
      self.depth = depth
      self.lasts = lasts
    }
  }

  /// Where prices come from.
  public enum MarketKind: Sendable, Equatable {
    /// Generated from the seed and the drops.
    case generated
    /// Replayed from the tick files of a directory.
    case replay(directory: String)
  }

  public var name: String
  public var symbols: [Symbol]
  /// Market data is a pure function of it.
  public var seed: UInt64
  /// Virtual time that the session lasts.
  public var duration: Duration
  public var startingBalances: [Balance]
  public var drops: [Drop]
  /// Engine settings that differ from their defaults, in the order they are applied.
  public var settings: [(name: String, value: String)]
  /// Time between two polls of the market; 2.5 s is the field's.
  public var pollInterval: Duration
  public var market: MarketKind

  public init(
    name: String, symbols: [Symbol], seed: UInt64, duration: Duration, startingBalances: [Balance], drops: [Drop] = [],
    settings: [(name: String, value: String)] = [], pollInterval: Duration = .milliseconds(2500),
    market: MarketKind = .generated
  ) {
    self.name = name
    self.symbols = symbols
    self.seed = seed
    self.duration = duration
    self.startingBalances = startingBalances
    self.drops = drops
    self.settings = settings
    self.pollInterval = pollInterval
    self.market = market
  }
}
