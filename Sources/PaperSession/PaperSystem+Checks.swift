import Checks
public import Trading

extension PaperSystem {
  /// Checks that judge every arm of every bug: an engine that trades loses no money, does not crash and does not stand still.
  public static let baseChecks = [
    CheckName.noCrash.rawValue, CheckName.noDeadlock.rawValue, CheckName.noStuckWait.rawValue,
    CheckName.fundsConserved.rawValue,
  ]

  /// Tallies that stay 0 where no order was sent: such a session tested nothing.
  public static let worked = ["SENT"]

  /// What the fixed engine is judged by: every check but those that the table leaves out for runs of that kind, or under one
  /// of the faults.
  public static func checks(of kind: JudgedKind, under faults: [String] = []) -> [String] {
    Check.all.map(\.name).filter { name in
      !JudgingException.all.contains { exception in
        exception.check.rawValue == name && exception.kinds.contains(kind)
          && (exception.faults.isEmpty || exception.faults.contains(where: faults.contains))
      }
    }
  }
}

/// Runs of the fixed engine that every check judges unless an exception says otherwise.
public enum JudgedKind: String, Sendable, CaseIterable {
  /// The default market without a fault.
  case healthy
  /// A fault alone.
  case fault
  /// Two faults at once.
  case pair
  /// The fixed arms of a proof.
  case proof
  /// `chaos run` of the fixed engine under the user's faults.
  case run
}

/// A check that does not judge the fixed engine in runs of some kinds, and why: there are no others.
public struct JudgingException: Sendable {
  /// The check that is left out.
  public let check: CheckName
  /// Where it is left out.
  public let kinds: Set<JudgedKind>
  /// Ids of the faults under which it is; empty: whatever the fault.
  public var faults: [String] = []
  /// One sentence that names what makes its verdict worthless there.
  public let why: String

  /// The one list; each line is a hole in the gate and needs a reason that holds for every engine.
  public static let all = single + lostLines + slowBookings

  private static let single = [
    JudgingException(
      check: .lockOrder, kinds: Set(JudgedKind.allCases),
      why: "it judges what 'chaos run --lock-order' finds; elsewhere the order is judged over all schedules of a case"),
    JudgingException(
      check: .callsGivenTime, kinds: [.fault, .pair, .run], faults: ["lock-contention"],
      why: "what a call waits for a lock that is kept from it, it has not for its venue"),
    JudgingException(
      check: .detectedInTime, kinds: [.fault], faults: ["dropped-fills"],
      why: "of an order that trades in parts the next event tells what the lost one did"),
    JudgingException(
      check: .budgetAgrees, kinds: [.fault, .run], faults: ["fees-never-told"],
      why: "an estimate of several trades is rounded once and the venue rounds each, so that nobody owns the last digit"
    ),
    JudgingException(
      check: .entriesWithinLimits, kinds: [.fault, .run], faults: ["fill-told-at-the-end"],
      why: "what a thread that is held up has heard of and not booked is no position yet to whoever decides then"),
    JudgingException(
      check: .intentsSettled, kinds: [.fault, .run], faults: ["given-up-as-it-fills"],
      why: "the thread that settles is held up at every look, and no setting says how much later it is for that"),
    JudgingException(
      check: .detectedInTime, kinds: [.pair],
      why: "what one fault hides the other cannot show: refused orders have no fills to be missed"),
    JudgingException(
      check: .recoveredInTime, kinds: [.pair],
      why: "the time that a fault's file promises is for that fault alone"),
  ]

  /// Under a fault that holds a thread up between hearing of a fill and booking it.
  private static let slowBookings = [
    CheckName.heartbeatsTrue, .stateSurvivesCrash, .positionCosts, .fillsBookedPromptly, .exitsOffered, .signalsActedOn,
  ].map { check in
    JudgingException(
      check: check, kinds: [.fault, .run], faults: ["slow-bookings"],
      why: "a figure of the moment between two bookings that overlap lacks one of them, whatever the engine")
  }

  /// Under a fault that makes the log lose lines.
  private static let lostLines = Check.all.filter { check in
    check.reads.contains(.log) && check.id != .dropsTold && check.id != .levelsKept
  }.map { check in
    JudgingException(
      check: check.id, kinds: [.fault, .run], faults: ["log-overflows"],
      why: "lines that the queue had no room for are missing from the log that it reads")
  }
}
