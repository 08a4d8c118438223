import Basics
import Trading

extension RunFacts {
  /// A stretch of a live session in which nothing in the process ran.
  public struct StandstillFact: Sendable, Equatable {
    /// When it began, on the session's clock.
    public var time: Instant
    /// How long it took.
    public var seconds: Double
    /// `stopped`: from outside, as by SIGSTOP; `suspended`: the machine slept.
    public var cause: String
  }

  /// Stretches in which the process stood still, in order.
  public var standstills: [StandstillFact] {
    (json["standstills"]?.array ?? []).compactMap { item in
      guard let time = item["timestamp"]?.string.flatMap({ Instant(iso8601: $0) }),
        let seconds = item["seconds"]?.double, seconds > 0
      else { return nil }
      return StandstillFact(time: time, seconds: seconds, cause: item["cause"]?.string ?? "")
    }
  }
}

extension SessionRecord {
  /// What is said of a session that spent a part of its time frozen; nil: it did not.
  public var stoodStill: String? {
    guard let longest = run.standstills.max(by: { $0.seconds < $1.seconds }) else { return nil }
    let more = run.standstills.count == 1 ? "" : ", the longest of \(run.standstills.count)"
    let cause = longest.cause == "suspended" ? "the machine slept" : "stopped from outside"
    return
      "the process stood still for \(Checks.seconds(longest.seconds)) after "
      + "\(Checks.seconds((longest.time - run.start).seconds)) (\(cause)\(more)), so its times prove nothing"
  }
}

extension Check {
  /// Checks that are red whatever the clock did; the others read times, or what happens in time.
  static let heldByNoClock: Set<CheckName> = [
    .noCrash, .fundsConserved, .venueBooks, .fillsAtMarket, .fillsAgree, .budgetBalances, .noDuplicateOrders,
    .exposureWithinLimits, .validOrdersSent, .noFutileRetries, .idempotentKeys, .entriesWithinLimits, .noDeadlock,
    .noStuckWait, .lockOrder, .stateRecoverable, .logComplete,
  ]
}
