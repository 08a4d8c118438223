/// What the schedules of a sweep have shown of a program, by kind and stable name, so that sweeps can be merged.
///
/// A name is counted once per schedule. Merging adds counts and keeps the earliest schedule: it is commutative, and what was
/// seen is the union.
public struct Coverage: Sendable, Equatable {
  /// In the order of the screen.
  public enum Kind: String, Sendable, CaseIterable {
    /// One lock asked for while another is held.
    case lockOrder = "lock-order pairs"
    /// A lock given back by one thread and taken next by another.
    case handOff = "hand-offs"
    /// Where a running thread was preempted.
    case preemption = "preemption sites"
    /// Where a fault fired, and what the program was doing then.
    case faultState = "fault site x state"
    /// Two consecutive states of one thing of the program.
    case transition = "state transitions"
    /// Something that should be seen sometimes.
    case sometimes = "sometimes"
  }

  /// One thing that can be covered.
  public struct Item: Sendable, Hashable {
    /// Which list of the screen it stands in.
    public var kind: Kind
    /// What was covered, the same in every run: names of threads, locks and sites, no numbers of birth.
    public var name: String

    /// An item as given.
    public init(_ kind: Kind, _ name: String) {
      self.kind = kind
      self.name = name
    }
  }

  /// Of one item: in how many schedules it was seen, and in which first.
  public struct Sighting: Sendable, Equatable {
    /// Schedules in which it was seen.
    public var count: Int
    /// Index of the earliest of them, from 0.
    public var first: Int
  }

  /// Names kept per kind at most; more are counted.
  public static let namesMax = 20_000

  /// Schedules added or merged so far.
  public private(set) var schedules = 0
  /// Items beyond `namesMax` of their kind, counted each time that one was met: with any, `seen` is a lower bound.
  public private(set) var dropped = 0
  private var seen: [Item: Sighting] = [:]
  private var sizes: [Kind: Int] = [:]
  /// What could be seen and was not, besides what was.
  private var possible: Set<Item> = []

  /// Coverage of no schedule.
  public init() {}

  /// Takes up one schedule; `expected` are items that should be seen at some time.
  public mutating func add(_ items: [Item], expected: [Item] = []) {
    let number = schedules
    schedules += 1
    for item in Set(items) { note(item, count: 1, first: number) }
    for item in expected where !possible.contains(item) {
      if possible.count < Self.namesMax { possible.insert(item) } else { dropped += 1 }
    }
  }

  /// Adds the schedules of another sweep; both count from 0, so that `first` of the sum is the earlier of the two.
  /// O(items of `other`).
  public mutating func merge(_ other: Coverage) {
    for (item, sighting) in other.seen { note(item, count: sighting.count, first: sighting.first) }
    possible.formUnion(other.possible)
    schedules += other.schedules
    dropped += other.dropped
  }

  mutating func restore(_ item: Item, _ sighting: Sighting) {
    note(item, count: sighting.count, first: sighting.first)
  }

  mutating func restore(schedules: Int, dropped: Int) {
    self.schedules = schedules
    self.dropped = dropped
  }

  mutating func expect(_ items: [Item]) { possible.formUnion(items) }

  private mutating func note(_ item: Item, count: Int, first: Int) {
    if let known = seen[item] {
      seen[item] = Sighting(count: known.count + count, first: min(known.first, first))
    } else if sizes[item.kind, default: 0] < Self.namesMax {
      seen[item] = Sighting(count: count, first: first)
      sizes[item.kind, default: 0] += 1
    } else {
      dropped += 1
    }
  }

  /// Whether some schedule has shown it.
  public func contains(_ item: Item) -> Bool { seen[item] != nil }

  /// Names of a kind with how often and when first, sorted by name.
  public func sightings(_ kind: Kind) -> [(name: String, sighting: Sighting)] {
    seen.filter { $0.key.kind == kind }.map { ($0.key.name, $0.value) }.sorted { $0.name < $1.name }
  }

  /// Names that were expected and never seen, sorted.
  public func neverHit(_ kind: Kind) -> [String] {
    possible.filter { $0.kind == kind && seen[$0] == nil }.map(\.name).sorted()
  }

  /// The figures of one kind.
  public func figures(_ kind: Kind) -> Figures {
    let all = sightings(kind).map(\.sighting)
    let late = schedules - schedules / 10
    return Figures(
      seen: all.count, recent: all.count { $0.first >= late }, once: all.count { $0.count == 1 },
      observations: all.reduce(0) { $0 + $1.count }, neverHit: neverHit(kind).count)
  }

  /// What a screen says of one kind.
  public struct Figures: Sendable, Equatable {
    /// Different names seen.
    public var seen: Int
    /// Seen first in the last tenth of the schedules.
    public var recent: Int
    /// Seen in one schedule only.
    public var once: Int
    /// Sightings of all names: one for each name and schedule.
    public var observations: Int
    /// Names that were expected and never seen.
    public var neverHit: Int

    /// Good and Turing's estimate of the share of future observations that would be new ones: f1 / n. Source: Good, "The
    /// Population Frequencies of Species and the Estimation of Population Parameters", Biometrika 40 (1953).
    public var unseenMass: Double { observations == 0 ? 1 : Double(once) / Double(observations) }
  }
}
