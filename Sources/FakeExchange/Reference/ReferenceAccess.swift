import Basics
import Trading

/// What stands between one client and a venue, as plainly as it can be said: limits, keys, clocks and the user stream.
///
/// Every call that arrived is kept, and what follows from the limits is counted from all of them anew. It shares the values of
/// the real venue (calls, profiles) and none of its code; the weights are those of the venues' documents.
final class ReferenceAccess {
  /// What the venue's documents make a call count.
  private static let weights: [VenueCall: Int] = [
    .placeOrder: 1, .cancelOrder: 1, .cancelReplace: 1, .serverTime: 1, .openStream: 2, .renewStream: 2, .queryOrder: 4,
    .fetchTickers: 4, .orderTrades: 5, .fetchBalance: 20, .marketRules: 20, .openOrders: 80,
  ]
  private static let signed: Set<VenueCall> = [
    .placeOrder, .cancelOrder, .cancelReplace, .queryOrder, .openOrders, .fetchBalance, .orderTrades,
  ]

  private struct Arrival {
    var call: VenueCall
    var time: Instant
    /// Whether it counts among the new orders.
    var isOrder: Bool
  }

  /// A connection of the user stream.
  enum Standing { case open, silent, lost }

  let profile: VenueProfile
  /// Those that were counted, in the order of time.
  private var arrivals: [Arrival] = []
  private var pause: Range<Instant>?
  /// Calls within the pause.
  private var violations = 0
  private var ban: Range<Instant>?
  private var banCount = 0
  private var keyRevokedUntil: Instant?
  /// What the client adds to its clock.
  var correction = Duration.zero

  private(set) var standing = Standing.open
  private var openedAt: Instant
  private var keyUntil: Instant

  init(_ profile: VenueProfile, at time: Instant) {
    self.profile = profile
    openedAt = time
    keyUntil = time + profile.streamKeyLife
  }

  // MARK: Limits

  /// What the venue says instead of looking at a call; nil: it looks.
  func refusal(_ call: VenueCall, at time: Instant, stamped stamp: Instant, share: Int) -> VenueError? {
    if let error = tooMany(call, at: time, share) { return error }
    let isKeyed = Self.signed.contains(call) || call == .openStream || call == .renewStream
    if let until = keyRevokedUntil, time < until, isKeyed { return profile.others.first { $0.kind == .unauthorized } }
    guard Self.signed.contains(call) else { return nil }
    let early = stamp > time + .seconds(1)
    let late = stamp + profile.recvWindow < time
    return early || late ? profile.wrongTime : nil
  }

  private func tooMany(_ call: VenueCall, at time: Instant, _ share: Int) -> VenueError? {
    let limits = profile.limits
    if let ban, ban.contains(time) { return banned(at: time) }
    var isPaused = false
    if let pause {
      isPaused = pause.contains(time)
      if !isPaused { (self.pause, violations) = (nil, 0) }
    }
    if isPaused {
      violations += 1
      if violations >= limits.violationsMax { return banned(at: time) }
    }
    arrivals.append(Arrival(call: call, time: time, isOrder: false))
    let window = self.window(of: limits.window, around: time)
    let used = arrivals.filter { window.contains($0.time) && (!limits.isPerCall || $0.call == call) }
      .reduce(0) { $0 + (Self.weights[$1.call] ?? 0) }
    if !isPaused, used > part(limits.weightMax, share) {
      pause = time..<(time + wholeSeconds(window.upperBound - time))
      isPaused = true
    }
    if isPaused, let pause { return profile.tooMuchWeight.retry(after: wholeSeconds(pause.upperBound - time)) }
    guard call == .placeOrder else { return nil }
    arrivals[arrivals.count - 1].isOrder = true
    for (index, rate) in limits.orderRates.enumerated() {
      // An order that a rate refuses is none for the rates behind it.
      let window = self.window(of: rate.window, around: time)
      let refused = refusedByRate[..<index].joined().filter { window.contains($0) }.count
      let orders = arrivals.count { $0.isOrder && window.contains($0.time) } - refused
      if orders > part(rate.ordersMax, share) {
        refusedByRate[index].append(time)
        return profile.tooManyNewOrders.retry(after: wholeSeconds(window.upperBound - time))
      }
    }
    return nil
  }

  /// By rate: orders that it refused.
  private lazy var refusedByRate = Array(repeating: [Instant](), count: profile.limits.orderRates.count)

  /// Each call within a ban begins it anew; every ban is twice as long as the one before.
  private func banned(at time: Instant) -> VenueError {
    if !(ban?.contains(time) ?? false) { banCount += 1 }
    var length = profile.limits.ban
    for _ in 1..<banCount { length = min(length + length, profile.limits.banMax) }
    ban = time..<(time + length)
    return profile.banned.retry(after: length)
  }

  private func window(of length: Duration, around time: Instant) -> Range<Instant> {
    let begin = Instant(nanoseconds: time.nanoseconds - time.nanoseconds % length.nanoseconds)
    return begin..<(begin + length)
  }

  private func wholeSeconds(_ time: Duration) -> Duration {
    let rest = time.nanoseconds % 1_000_000_000
    return rest == 0 ? time : .nanoseconds(time.nanoseconds - rest + 1_000_000_000)
  }

  private func part(_ limit: Int, _ share: Int) -> Int { max(1, limit * share / 1_000_000) }

  // MARK: Keys and the user stream

  /// The account's key may do nothing for a minute, and its stream ends.
  func revokeKey(at time: Instant) {
    keyRevokedUntil = time + .seconds(60)
    endKey(at: time)
  }

  /// The stream's key is no good any more.
  func endKey(at time: Instant) {
    keyUntil = time
    fallSilent()
  }

  func fallSilent() { if standing == .open { standing = .silent } }

  /// The connection is cut; whether its client sees that.
  func cut() -> Bool {
    guard standing == .open else { return false }
    standing = .lost
    return true
  }

  /// Whether a connection has been open for a day, which is the longest.
  func isDayOver(at time: Instant) -> Bool { standing == .open && time - openedAt >= .seconds(24 * 3600) }

  /// Whether an event of that time reaches the client; one behind the key's end ends the connection.
  func hears(at time: Instant) -> Bool {
    if standing == .open, time > keyUntil { standing = .silent }
    return standing == .open
  }

  /// Until when the key of the opened connection lives.
  func open(at time: Instant) -> Instant {
    (standing, openedAt, keyUntil) = (.open, time, time + profile.streamKeyLife)
    return keyUntil
  }

  /// Until when the renewed key lives; nil: it cannot be renewed.
  func renew(at time: Instant) -> Instant? {
    guard time <= keyUntil, standing != .lost else { return nil }
    keyUntil = time + profile.streamKeyLife
    return keyUntil
  }
}
