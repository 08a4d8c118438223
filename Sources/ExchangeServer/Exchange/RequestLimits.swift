import Basics

/// Weights and order counts by the venue's rules, for one client address; who goes on after a 429 is banned.
///
/// Binance spot: 6000 of weight a minute, 50 orders in ten seconds, 160,000 a day; a ban lasts two minutes at first and
/// twice as long each time.
struct RequestLimits: Sendable {
  /// What a request may do.
  enum Verdict: Equatable {
    case allowed
    /// 429; seconds until the window is over.
    case tooMuchWeight(retryAfter: Int)
    case tooManyOrders(retryAfter: Int, isDay: Bool)
    /// 418; when the ban ends, milliseconds since 1970.
    case banned(until: Int64, retryAfter: Int)
  }

  static let weightMax = 6000
  static let ordersMax = 50
  static let dayOrdersMax = 160_000
  /// Requests after a 429 within its window that make a ban of it.
  private static let patience = 20

  /// Whether anything is limited; counts go on without.
  var isOn: Bool
  private(set) var weight = 0
  private(set) var orders = 0
  private(set) var dayOrders = 0
  private var minute: Int64 = 0
  private var tenSeconds: Int64 = 0
  private var day: Int64 = 0
  private var refusedInWindow = 0
  private var bannedUntil: Int64 = 0
  private var banSeconds: Int64 = 120

  init(isOn: Bool) { self.isOn = isOn }

  /// Counts a request and says whether it goes through; `share` is what a fault leaves of the limits, in millionths.
  mutating func count(weight cost: Int, isOrder: Bool, share: Int = 1_000_000, at now: Instant) -> Verdict {
    let isOn = isOn || share < 1_000_000
    func part(_ limit: Int) -> Int { limit * share / 1_000_000 }
    let second = now.nanoseconds / 1_000_000_000
    turn(second)
    if second < bannedUntil { return .banned(until: bannedUntil * 1000, retryAfter: Int(bannedUntil - second)) }
    weight += cost
    if isOn, weight > part(Self.weightMax) {
      refusedInWindow += 1
      if refusedInWindow > Self.patience { return ban(second) }
      return .tooMuchWeight(retryAfter: Int(60 - second % 60))
    }
    guard isOrder else { return .allowed }
    if isOn, orders >= part(Self.ordersMax) { return .tooManyOrders(retryAfter: Int(10 - second % 10), isDay: false) }
    if isOn, dayOrders >= Self.dayOrdersMax {
      return .tooManyOrders(retryAfter: Int(86_400 - second % 86_400), isDay: true)
    }
    orders += 1
    dayOrders += 1
    return .allowed
  }

  /// Bans the client from now on, as a fault does too.
  mutating func ban(_ second: Int64) -> Verdict {
    bannedUntil = second + banSeconds
    let seconds = banSeconds
    banSeconds = min(banSeconds * 2, 259_200)
    refusedInWindow = 0
    return .banned(until: bannedUntil * 1000, retryAfter: Int(seconds))
  }

  private mutating func turn(_ second: Int64) {
    if second / 60 != minute { (minute, weight, refusedInWindow) = (second / 60, 0, 0) }
    if second / 10 != tenSeconds { (tenSeconds, orders) = (second / 10, 0) }
    if second / 86_400 != day { (day, dayOrders) = (second / 86_400, 0) }
  }
}
