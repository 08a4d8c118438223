import ChaosRuntime
import Synchronization

/// The value of one selector key at a hit.
public struct SiteValue: Sendable {
  public let text: String

  public init(_ text: String) { self.text = text }
  public init(_ number: Int) { text = String(number) }

  public var number: Double? { Double(text) }
}

/// What a catalogue says of a site: its name, the selector keys of a hit in order, and the actions that it understands.
public struct SiteDefinition: Sendable, Equatable {
  public let name: String
  public let keys: [String]
  public let actions: [FaultActionKind]
  /// One sentence for `chaos list --sites`.
  public let summary: String

  public init(name: String, keys: [String], actions: [FaultActionKind], summary: String) {
    self.name = name
    self.keys = keys
    self.actions = actions
    self.summary = summary
  }
}

/// A named place at which faults can act. Disarmed it costs one relaxed load.
public final class Site: Sendable {
  public let definition: SiteDefinition
  @usableFromInline let isArmed = Atomic<Bool>(false)
  private let rules = Mutex<[ArmedRule]>([])

  public init(_ definition: SiteDefinition) { self.definition = definition }

  public var name: String { definition.name }

  /// What the faults that are armed here want done at this hit; nil: nothing. `values` stand in the order of the keys.
  ///
  /// The caller acts, with no lock held.
  @inlinable public func decide(_ values: @autoclosure () -> [SiteValue]) -> FaultAction? {
    guard isArmed.load(ordering: .relaxed) else { return nil }
    return decideArmed(values())
  }

  @usableFromInline func decideArmed(_ values: [SiteValue]) -> FaultAction? {
    // Several rules at one site: the first that wants something wins, later ones still count their hit.
    let armed = rules.withLock { $0 }
    var result: FaultAction?
    for rule in armed {
      if let action = rule.decide(values, isTaken: result != nil) { result = action }
    }
    return result
  }

  func arm(_ rule: ArmedRule) {
    rules.withLock { $0.append(rule) }
    isArmed.store(true, ordering: .releasing)
  }

  func disarm() {
    isArmed.store(false, ordering: .releasing)
    rules.withLock { $0.removeAll() }
  }
}

/// The sites of one run. Each run has its own, so that two runs never share a counter.
public final class SiteCatalogue: Sendable {
  public let sites: [Site]
  private let byName: [String: Site]

  public init(_ definitions: [SiteDefinition]) {
    sites = definitions.map { Site($0) }
    byName = Dictionary(sites.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  public subscript(name: String) -> Site? { byName[name] }

  /// The site of a name that the program itself defined.
  public func required(_ name: String) -> Site {
    guard let site = byName[name] else { fatalError("the site catalogue of this run lacks '\(name)'") }
    return site
  }
}
