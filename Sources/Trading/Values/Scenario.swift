/// Plain values: what a run is asked to do.
public struct Scenario: Sendable {
  /// A scheduled fall of one price.
  public struct Drop: Sendable, Equatable {
    /// Whose price falls.
    public var symbol: Symbol
    /// Time since the start of the session.
    public var at: Duration
    /// Share of the price that is lost, 0.02 is 2 %.
    public var depth: Decimal
    /// After this time the price is back where it was; nil: it goes on as markets do.
    public var lasts: Duration?
    /// How it goes on; nil: as the market's seed draws it.
    public var course: Course?

    /// A fall as given; the market generator wants a `depth` in 0..<1.
    public init(symbol: Symbol, at: Duration, depth: Decimal, lasts: Duration? = nil, course: Course? = nil) {
      self.symbol = symbol
      self.at = at
      self.depth = depth
      self.lasts = lasts
      self.course = course
    }
  }

  /// Where a price goes after its fall.
  public enum Course: Sendable, Equatable {
    /// Up, far enough for a profit to be taken.
    case rises
    /// Further down, far enough for a loss to be stopped.
    case falls
  }

  /// Where prices come from.
  public enum MarketKind: Sendable, Equatable {
    /// Generated from the seed and the drops.
    case generated
    /// Replayed from the tick files of a directory.
    case replay(directory: String)
  }

  /// What lists and recordings call it, such as `MD-4`.
  public var name: String
  /// The markets that exist in the session and that the engine may trade.
  public var symbols: [Symbol]
  /// Market data is a pure function of it.
  public var seed: UInt64
  /// Virtual time that the session lasts.
  public var duration: Duration
  /// What the account holds at the start, one entry per asset.
  public var startingBalances: [Balance]
  /// Scheduled falls, which a generated market has on top of its own movement.
  public var drops: [Drop]
  /// Engine settings that differ from their defaults, in the order they are applied.
  public var settings: [(name: String, value: String)]
  /// Time between two polls of the market; 2.5 s is the field's.
  public var pollInterval: Duration
  /// Generated prices, or recorded ones.
  public var market: MarketKind
  /// In what asset the venue takes its fees.
  public var feeMode = FeeMode.quote
  /// What the market maker offers at its best price, in quote asset; nil: the venue's own figure.
  public var depthNotional: Decimal?

  /// A scenario as given; names and ranges of settings are checked by whoever runs it, not here.
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
