/// One program under its faults, and what judges it.
public struct RevisionSubject {
  /// What it is put together from.
  public var inputs: PaperInputs
  /// Of the directory.
  public var name: String
  /// Program, for the last words of a trap.
  public var what: String
  var signature: String?
  var isTimeSignature = false
  /// Names of the checks that judge it, in this order.
  public var checks: [String]
  /// Names of those that judge it besides and that no screen names.
  public var general: [String] = []
  /// First lines of the screen.
  public var head: String

  /// Everything that judges it.
  public var allChecks: [String] { checks + general }

  /// Whether every revision is the fixed one.
  public var isFixed: Bool { !inputs.revisions.contains { $0.revision != "fixed" } }
}
