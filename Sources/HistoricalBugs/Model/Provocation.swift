public import Trading

/// What makes a bug show itself: faults, each of them alone, or a condition of the scenario.
public enum Provocation: Sendable {
  /// Ids of fault files; the bug's scenario itself is harmless.
  case faults([String])
  /// No fault: the bug's scenario has the condition, and `calm` is the same without it.
  case condition(ProvokingCondition)

  /// Ids of the faults; none for a condition.
  public var faults: [String] { if case .faults(let ids) = self { ids } else { [] } }

  /// The condition; nil where faults provoke the bug.
  public var condition: ProvokingCondition? { if case .condition(let condition) = self { condition } else { nil } }

  /// As lists and stories name it.
  public var text: String { condition?.name ?? faults.joined(separator: ", ") }
}

extension Provocation: ExpressibleByArrayLiteral {
  /// `["deadlock", "slow-state-disk"]`: ids of fault files.
  public init(arrayLiteral ids: String...) { self = .faults(ids) }
}

/// Something about a scenario that provokes a bug without any fault.
public struct ProvokingCondition: Sendable {
  /// What holds in the bug's scenario and not in the calm one, such as `six signals at once`.
  public let name: String
  /// Checks that judge every arm besides the signature, as a fault's file names them for its own.
  public let checks: [String]
  /// The scenario without the condition: a pure function of the scenario seed.
  public let calm: @Sendable (UInt64) -> Scenario

  /// A condition; `calm` gives the same scenario without it.
  public init(_ name: String, checks: [CheckName], calm: @escaping @Sendable (UInt64) -> Scenario) {
    self.name = name
    self.checks = checks.map(\.rawValue)
    self.calm = calm
  }
}
