import Basics
import Trading

/// How many requests a venue takes, and what it says beyond.
///
/// Binance: 6000 of weight a minute, 50 new orders in 10 s and 160,000 a day (spot API, "Limits" and `exchangeInfo`). MEXC: 500 of
/// weight in 10 s for each endpoint (spot v3, "Limits"). Both answer 429 with `Retry-After`, and 418 to who goes on.
public struct VenueLimits: Sendable {
  /// New orders in a stretch of time.
  public struct OrderRate: Sendable {
    /// Orders at most.
    public var ordersMax: Int
    /// In so long.
    public var window: Duration

    /// A rate as given.
    public init(ordersMax: Int, window: Duration) {
      self.ordersMax = ordersMax
      self.window = window
    }
  }

  /// Weight in one window at most.
  public var weightMax: Int
  /// Windows begin at multiples of it since the epoch.
  public var window: Duration
  /// Whether each call has a window of its own.
  public var isPerCall: Bool
  /// New orders at most, in windows of their own.
  public var orderRates: [OrderRate]
  /// Calls within the pause of a 429 after which the venue bans.
  public var violationsMax: Int
  /// The first ban; each later one is twice as long, up to `banMax`.
  public var ban: Duration
  /// The longest ban.
  public var banMax: Duration

  /// Limits as given.
  public init(
    weightMax: Int, window: Duration, isPerCall: Bool, orderRates: [OrderRate], violationsMax: Int = 5,
    ban: Duration = .seconds(120), banMax: Duration = .seconds(3 * 86_400)
  ) {
    self.weightMax = weightMax
    self.window = window
    self.isPerCall = isPerCall
    self.orderRates = orderRates
    self.violationsMax = violationsMax
    self.ban = ban
    self.banMax = banMax
  }

  /// What a call counts: Binance's figures, which MEXC's follow. All open orders of all symbols are the dearest.
  static func weight(_ call: VenueCall) -> Int {
    switch call {
    case .placeOrder, .cancelOrder, .cancelReplace, .serverTime: 1
    case .queryOrder, .fetchTickers: 4
    case .openOrders: 80
    case .fetchBalance, .marketRules: 20
    case .openStream, .renewStream: 2
    // Of one order; of a whole symbol 20.
    case .orderTrades: 5
    }
  }
}

/// How far one client has used the limits up.
struct LimitUse: Sendable {
  private struct Window {
    var number: Int64 = -1
    var used = 0

    mutating func add(_ amount: Int, at time: Instant, _ length: Duration) -> Int {
      let current = time.nanoseconds / max(1, length.nanoseconds)
      if current != number { (number, used) = (current, 0) }
      used += amount
      return used
    }

    /// To the next window, in whole seconds as `Retry-After` has them.
    func rest(at time: Instant, _ length: Duration) -> Duration {
      let rest = length.nanoseconds - time.nanoseconds % max(1, length.nanoseconds)
      return .seconds((rest + 999_999_999) / 1_000_000_000)
    }
  }

  private var weights = [Window](repeating: Window(), count: VenueCall.allCases.count)
  private var orders: [Window] = []
  private var pausedUntil: Instant?
  private var violations = 0
  private var bannedUntil: Instant?
  private var bans = 0

  /// What the venue says to the call instead of looking at it; nil: it looks.
  ///
  /// - Parameter share: of the limits that are left to this client, in millionths; a fault lowers it.
  mutating func refusal(
    _ call: VenueCall, at time: Instant, of profile: VenueProfile, share: Int = 1_000_000
  ) -> VenueError? {
    let limits = profile.limits
    if let until = bannedUntil, time < until { return banned(limits, at: time, profile) }
    let isPaused = pausedUntil.map { time < $0 } ?? false
    if isPaused {
      violations += 1
      if violations >= limits.violationsMax { return banned(limits, at: time, profile) }
    } else if pausedUntil != nil {
      (pausedUntil, violations) = (nil, 0)
    }
    let place = limits.isPerCall ? VenueHistory.position(call) : 0
    let used = weights[place].add(VenueLimits.weight(call), at: time, limits.window)
    if isPaused || used > Self.part(limits.weightMax, share) {
      let rest = weights[place].rest(at: time, limits.window)
      if !isPaused { pausedUntil = time + rest }
      let left = pausedUntil.map { $0 - time } ?? rest
      return profile.tooMuchWeight.retry(after: .seconds((left.nanoseconds + 999_999_999) / 1_000_000_000))
    }
    return call == .placeOrder ? orderRefusal(at: time, profile, share) : nil
  }

  private mutating func orderRefusal(at time: Instant, _ profile: VenueProfile, _ share: Int) -> VenueError? {
    let rates = profile.limits.orderRates
    while orders.count < rates.count { orders.append(Window()) }
    for (index, rate) in rates.enumerated() {
      let used = orders[index].add(1, at: time, rate.window)
      if used > Self.part(rate.ordersMax, share) {
        return profile.tooManyNewOrders.retry(after: orders[index].rest(at: time, rate.window))
      }
    }
    return nil
  }

  /// Whoever calls during a ban begins it anew.
  private mutating func banned(_ limits: VenueLimits, at time: Instant, _ profile: VenueProfile) -> VenueError {
    if bannedUntil.map({ time >= $0 }) ?? true { bans += 1 }
    var length = limits.ban
    for _ in 1..<max(2, min(bans, 20)) where bans > 1 { length = min(length + length, limits.banMax) }
    bannedUntil = time + length
    return profile.banned.retry(after: length)
  }

  private static func part(_ limit: Int, _ share: Int) -> Int { max(1, limit * share / 1_000_000) }
}
