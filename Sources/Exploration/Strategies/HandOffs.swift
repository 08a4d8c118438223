import ChaosRuntime

/// A strategy that notes the hand-offs of the run that it decides.
protocol HandOffWatcher: Strategy {
  var observed: HandOffs { get }
}

/// Who handed what to whom: the reads of shared variables with the write they saw, and the takings of locks with the release
/// before them.
///
/// An event is a thread, named without its number, an operation and an object, and how often the thread had done it (twice
/// or more is one). Events are hashes of names: the same in every run, however threads and objects are numbered.
public struct HandOffs: Sendable, Equatable {
  /// `from` 0 is the initial value.
  public struct Pair: Sendable, Hashable {
    /// Hash of the name of the variable or lock.
    public var object: UInt64
    /// The write or release that gave.
    public var from: UInt64
    /// The read or taking that received.
    public var to: UInt64

    /// A pair as given.
    public init(object: UInt64, from: UInt64, to: UInt64) {
      self.object = object
      self.from = from
      self.to = to
    }
  }

  /// A receiver or a giver.
  public struct Event: Sendable, Hashable {
    /// Hash of the name of the variable or lock.
    public var object: UInt64
    /// Hash of thread, object, operation and count.
    public var id: UInt64
    /// Whether a lock was given back or taken; else a variable was written or read.
    public var isLock: Bool
  }

  /// Different ones kept at most; how often further ones were met is counted.
  static let max = 4096

  /// Different pairs, in the order of first sight.
  public private(set) var pairs: [Pair] = []
  /// Different reads and takings, in the order of first sight.
  public private(set) var receivers: [Event] = []
  /// Different writes and releases, in the order of first sight.
  public private(set) var givers: [Event] = []
  /// How often a pair, a receiver or a giver was met that is not kept.
  public private(set) var droppedCount = 0
  private var known: Set<Pair> = []
  private var knownReceivers: Set<Event> = []
  private var knownGivers: Set<Event> = []

  /// Nothing seen.
  public init() {}

  /// Equal in what was seen and its order; how much was not kept does not count.
  public static func == (a: HandOffs, b: HandOffs) -> Bool {
    a.pairs == b.pairs && a.receivers == b.receivers && a.givers == b.givers
  }

  /// True: it was new.
  @discardableResult
  mutating func add(_ pair: Pair) -> Bool { Self.add(pair, to: &pairs, &known, &droppedCount) }

  mutating func add(receiver: Event) { Self.add(receiver, to: &receivers, &knownReceivers, &droppedCount) }

  mutating func add(giver: Event) { Self.add(giver, to: &givers, &knownGivers, &droppedCount) }

  @discardableResult
  private static func add<Item: Hashable>(
    _ item: Item, to list: inout [Item], _ known: inout Set<Item>, _ dropped: inout Int
  ) -> Bool {
    guard list.count < max else {
      if !known.contains(item) { dropped += 1 }
      return false
    }
    guard known.insert(item).inserted else { return false }
    list.append(item)
    return true
  }

  /// How many pairs of `other` were new.
  @discardableResult
  mutating func merge(_ other: HandOffs) -> Int {
    droppedCount += other.droppedCount
    for event in other.receivers { add(receiver: event) }
    for event in other.givers { add(giver: event) }
    return other.pairs.reduce(0) { $0 + (add($1) ? 1 : 0) }
  }
}
