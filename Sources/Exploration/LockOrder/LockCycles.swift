public import ChaosRuntime

/// The cycles of a lock order: of each set of locks that lead to each other at least one, of any length, and the short ones
/// besides.
public struct LockCycles: Sendable {
  /// Of each set of locks the most likely one first, among these the shortest; then the others.
  public private(set) var cycles: [LockCycle] = []
  /// Sets of locks that lead to each other.
  public private(set) var setCount = 0
  /// Sets whose short cycles were not all looked for, as there are too many.
  public private(set) var cutSetCount = 0
  /// Cycles that were found and are not listed.
  public private(set) var unlistedCount = 0
  /// Sets of which no listed cycle has a thread of its own for each lock, though a longer one may.
  public private(set) var openSetCount = 0
  /// Sets whose shortest cycles cannot happen by the threads that were tried, and not all were.
  public private(set) var cutWaySetCount = 0

  /// Cycles listed besides the one of each set, at most.
  static let furtherMax = 200

  /// Looks for the cycles of an order. Linear for the sets themselves; the search for short cycles is cut at a bound,
  /// and says so in `cuts`.
  public init(_ order: LockOrder) {
    var further: [LockCycle] = []
    let sets = LockComponents(order).sets
    setCount = sets.count
    let byLock = Dictionary(grouping: order.edges, by: \.held)
    for locks in sets {
      let members = Set(locks)
      let edges = locks.flatMap { byLock[$0] ?? [] }.filter { members.contains($0.wanted) }
      guard edges.contains(where: { $0.thread != edges[0].thread }) else { continue }
      var search = CycleSearch(order: order, edges: edges)
      search.findShort()
      if search.isCut { cutSetCount += 1 }
      var found = search.found
      if !found.contains(where: { $0.standing == .possible }), search.isCut || locks.count > CycleSearch.lengthMax {
        let (long, isCut) = ShortestCycle(order: order, locks: locks, edges: edges).best()
        if isCut { cutWaySetCount += 1 }
        if let long, !found.contains(long) { found.append(long) }
        if found.isEmpty { openSetCount += 1 }
      }
      guard let first = found.indices.min(by: { found[$0].rank < found[$1].rank }) else { continue }
      cycles.append(found.remove(at: first))
      further += found
    }
    further.sort { $0.rank < $1.rank }
    unlistedCount = max(0, further.count - Self.furtherMax)
    cycles += further.prefix(Self.furtherMax)
  }

  /// What was left out, a sentence each; empty: nothing.
  public var cuts: [String] {
    var texts: [String] = []
    if cutSetCount > 0 {
      texts.append(
        "of \(cutSetCount) of \(setCount) sets of locks that lead to each other not all cycles were looked for")
    }
    if unlistedCount > 0 { texts.append("\(unlistedCount) cycles were found and are not listed") }
    if openSetCount > 0 {
      texts.append(
        "of \(openSetCount) sets of locks the shortest cycles lack threads, and longer ones were not looked for")
    }
    if cutWaySetCount > 0 {
      texts.append(
        "of \(cutWaySetCount) sets of locks not all threads that could close a shortest cycle were tried, and none tried can"
      )
    }
    return texts
  }
}

extension LockCycle {
  /// The lowest is looked at first: what may happen before what cannot, short before long.
  fileprivate var rank: Int {
    switch standing {
    case .possible: edges.count
    case .guarded: 1_000_000 + edges.count
    case .ordered: 2_000_000 + edges.count
    }
  }
}
