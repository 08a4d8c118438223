import Synchronization

/// A named place at which faults can act. Disarmed it costs one relaxed load.
public final class Site: Sendable {
  /// Name, keys, actions and what is known of the values.
  public let definition: SiteDefinition
  @usableFromInline let isArmed = Atomic<Bool>(false)
  private let rules = Mutex<[ArmedRule]>([])

  /// A disarmed site.
  public init(_ definition: SiteDefinition) { self.definition = definition }

  /// What fault files call it.
  public var name: String { definition.name }
  /// Selector keys, in the order in which `decide` wants their values.
  public var keys: [String] { definition.keys }
  /// What it can be told to do.
  public var actions: [FaultActionKind] { definition.actions }

  /// What the faults that are armed here want done at this hit; nil: nothing. `values` stand in the order of the keys.
  ///
  /// The caller acts, with no lock held.
  @inlinable public func decide(_ values: @autoclosure () -> [SiteValue]) -> FaultAction? {
    guard isArmed.load(ordering: .relaxed) else { return nil }
    return decideArmed(values())
  }

  @usableFromInline func decideArmed(_ values: [SiteValue]) -> FaultAction? {
    precondition(
      values.count == definition.keys.count, "site '\(name)' was hit with another number of values than keys")
    // Matches beside what the definition says of the values were refused.
    assert(
      zip(keys, values).allSatisfy { definition.values(of: $0).canBe($1.text) },
      "site '\(name)' was hit with a value that its definition rules out: \(values.map(\.text))")
    // Several rules at one site: the first that wants something wins, later ones still count their hit.
    let armed = rules.withLock { $0 }
    var result: FaultAction?
    for rule in armed {
      if let action = rule.decide(values, at: name, isTaken: result != nil) { result = action }
    }
    return result
  }

  func arm(_ rule: ArmedRule) {
    rules.withLock { $0.append(rule) }
    isArmed.store(true, ordering: .releasing)
  }

  /// Takes this rule away; those of others stay.
  func disarm(_ rule: ArmedRule) {
    rules.withLock { rules in
      rules.removeAll { $0 === rule }
      if rules.isEmpty { isArmed.store(false, ordering: .releasing) }
    }
  }
}
