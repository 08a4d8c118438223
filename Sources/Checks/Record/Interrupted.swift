import Basics
import Trading

extension RunFacts {
  /// An end that somebody asked for before the session's time, by a signal.
  public struct InterruptionFact: Sendable, Equatable {
    /// Its name, such as SIGINT.
    public var signal: String
    /// When the signal came, on the session's clock.
    public var time: Instant
  }

  /// Set when the session ended in order, but early.
  public var interruption: InterruptionFact? {
    guard let item = json["interrupted"], let signal = item["signal"]?.string,
      let time = item["timestamp"]?.string.flatMap({ Instant(iso8601: $0) })
    else { return nil }
    return InterruptionFact(signal: signal, time: time)
  }
}

extension SessionRecord {
  /// What is said of a session that was interrupted; nil: it was not.
  public var interrupted: String? {
    run.interruption.map {
      "the session was interrupted by \($0.signal) after \(seconds(($0.time - run.start).seconds))"
    }
  }
}

extension Check {
  /// What only a session of full length owes: orders get filled, faults are noticed, and all is well again at the end.
  private static let owedAtTheEnd: [CheckName] = [.ordersFilled, .positionsAgree, .detectedInTime, .recoveredInTime]

  /// The verdict as it counts for a session that was interrupted: what it had no time for is not held against it.
  static func tempered(_ verdict: Verdict, _ record: SessionRecord) -> Verdict {
    if let stoodStill = record.stoodStill, verdict.outcome == .fail, let check = CheckName(rawValue: verdict.check),
      !heldByNoClock.contains(check)
    {
      return .open(check, "\(verdict.reason), but \(stoodStill)")
    }
    guard let interrupted = record.interrupted, verdict.outcome == .fail,
      let check = CheckName(rawValue: verdict.check), owedAtTheEnd.contains(check)
    else { return verdict }
    return .open(check, "\(verdict.reason), but \(interrupted)")
  }
}
