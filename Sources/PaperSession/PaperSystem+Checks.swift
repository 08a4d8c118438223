import Checks
import Trading

extension PaperSystem {
  /// Checks that judge every arm of every bug: an engine that trades loses no money, does not crash and does not stand still.
  public static let baseChecks = [
    CheckName.noCrash.rawValue, CheckName.noDeadlock.rawValue, CheckName.noStuckWait.rawValue,
    CheckName.fundsConserved.rawValue,
  ]

  /// Tallies that stay 0 where no order was sent: such a session tested nothing.
  public static let worked = ["SENT"]

  /// Checks that do not judge a run under a fault, and why.
  public static let exceptions = [
    (check: CheckName.ordersFilled.rawValue, why: "a venue that refuses or does not fill is not the engine's fault"),
    (check: CheckName.lockOrder.rawValue, why: "needs the order of locks, which --lock-order keeps"),
  ]

  /// What judges the engine under a fault by default: every check but the exceptions.
  public static var checksOfRun: [String] {
    Check.all.map(\.name).filter { name in !exceptions.contains { $0.check == name } }
  }
}
