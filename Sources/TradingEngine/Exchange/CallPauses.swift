import Basics
import Synchronization
import Trading

/// When the engine may call the venue again: one pause for all calls, because the venue counts them together.
///
/// A pause that the venue names is kept to the end. A ban without a time is answered with two minutes, the shortest that Binance
/// has, and each further one with twice as many. A bare 429 pauses the kind of call alone that it answered, if that only looks at
/// something: orders and cancels have pauses of their own.
public final class CallPauses: Sendable {
  /// What a ban without a time lasts at least.
  public static let ban = Duration.seconds(120)
  private static let banMax = Duration.seconds(3600)
  private static let lookMax = Duration.seconds(60)

  private struct State {
    var until = Instant(nanoseconds: .min)
    var nextBan = CallPauses.ban
    var bannedUntil = Instant(nanoseconds: .min)
    /// By call: the pause that comes after the next refusal, and the end of the one in force.
    var looks: [String: (pause: Duration, until: Instant)] = [:]
  }

  private let state = Mutex(State())

  init() {}

  /// Whether no call may be made at all.
  public func isPaused(at time: Instant) -> Bool { state.withLock { time < $0.until } }

  /// When the last pause for all calls ends or has ended; long ago where there was none.
  public var end: Instant { state.withLock { $0.until } }

  /// Whether a call of that kind must wait.
  func mustWait(_ call: String, at time: Instant) -> Bool {
    state.withLock { state in time < state.until || state.looks[call].map { time < $0.until } ?? false }
  }

  /// Takes in how a call ended; the pause for all calls when it has become longer.
  func ended(_ call: String, looksOnly: Bool, _ error: VenueError?, at time: Instant) -> Duration? {
    state.withLock { state in
      guard let error, error.failureClass == .limit else {
        if error == nil, !state.looks.isEmpty { state.looks[call] = nil }
        return nil
      }
      var pause = error.retryAfter
      if pause == nil, error.httpStatus == 418 {
        // A call that was under way when the ban came is no further one.
        if time < state.bannedUntil { return nil }
        pause = state.nextBan
        state.bannedUntil = time + state.nextBan
        state.nextBan = min(state.nextBan + state.nextBan, Self.banMax)
      }
      if let pause {
        guard time + pause > state.until else { return nil }
        state.until = time + pause
        return pause
      }
      if looksOnly {
        let next = state.looks[call]?.pause ?? .seconds(1)
        state.looks[call] = (min(next + next, Self.lookMax), time + next)
      }
      return nil
    }
  }
}
