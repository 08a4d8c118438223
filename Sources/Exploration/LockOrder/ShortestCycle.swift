import ChaosRuntime

/// A shortest cycle of one set of locks, of any length: breadth-first from every lock, then a thread of its own for each
/// edge.
///
/// Which threads can close a cycle together is a matching of edges and threads (Kuhn's augmenting paths). Of two cycles of
/// one length the one that no common lock guards is the better one.
struct ShortestCycle {
  /// Cycles of locks to which threads are given, and ways of giving them, at most.
  static let candidatesMax = 64
  static let waysMax = 32

  let order: LockOrder
  private let locks: [Int]
  /// By held lock, then by wanted lock.
  private let edges: [Int: [Int: [LockOrder.Edge]]]

  init(order: LockOrder, locks: [Int], edges: [LockOrder.Edge]) {
    self.order = order
    self.locks = locks
    self.edges = Dictionary(grouping: edges, by: \.held).mapValues { Dictionary(grouping: $0, by: \.wanted) }
  }

  /// The cycle is nil when none of the shortest ones has a thread for each of its locks; `isCut`: none that was looked at may
  /// happen, and not all ways of giving threads to the shortest ones were.
  func best() -> (cycle: LockCycle?, isCut: Bool) {
    var best: LockCycle?
    var isCut = false
    var tried: Set<[Int]> = []
    let candidates = locks.compactMap { shortest(from: $0) }.sorted { ($0.count, $0[0]) < ($1.count, $1[0]) }
    for candidate in candidates where tried.insert(candidate.sorted()).inserted {
      if tried.count > Self.candidatesMax { return (best, true) }
      var ways: Set<[Int]> = []
      for way in 0..<Self.waysMax {
        guard let cycle = withThreads(candidate, way: way) else { break }
        ways.insert(turns(candidate, way: way))
        if cycle.standing == .possible { return (cycle, false) }
        if best == nil || (best?.standing == .ordered && cycle.standing != .ordered) { best = cycle }
      }
      if !ways.isEmpty, ways.count < wayCount(candidate) { isCut = true }
    }
    return (best, isCut)
  }

  /// In how many ways edges can be put first for each lock of the cycle; saturates.
  private func wayCount(_ cycle: [Int]) -> Int {
    cycle.indices.reduce(1) { count, index in
      let (product, isOver) = count.multipliedReportingOverflow(by: max(1, all(cycle, index).count))
      return isOver ? .max : product
    }
  }

  /// The edges from a lock of the cycle to its next.
  private func all(_ cycle: [Int], _ index: Int) -> [LockOrder.Edge] {
    edges[cycle[index]]?[cycle[(index + 1) % cycle.count]] ?? []
  }

  /// Which edge of each lock comes first.
  private func turns(_ cycle: [Int], way: Int) -> [Int] {
    cycle.indices.map { (way * ($0 + 1)) % max(1, all(cycle, $0).count) }
  }

  /// The locks of a shortest way from a lock back to itself.
  private func shortest(from start: Int) -> [Int]? {
    var parents: [Int: Int] = [:]
    var queue = [start]
    var at = 0
    while at < queue.count {
      let lock = queue[at]
      at += 1
      for wanted in (edges[lock] ?? [:]).keys.sorted() {
        if wanted == start {
          var cycle = [lock]
          while let last = cycle.last, last != start, let parent = parents[last] { cycle.append(parent) }
          return cycle.reversed()
        }
        if parents[wanted] == nil {
          parents[wanted] = lock
          queue.append(wanted)
        }
      }
    }
    return nil
  }

  /// An edge of another thread for each lock of the cycle; `way` chooses among several.
  private func withThreads(_ cycle: [Int], way: Int) -> LockCycle? {
    let turns = turns(cycle, way: way)
    let choices = cycle.indices.map { index -> [LockOrder.Edge] in
      let all = all(cycle, index)
      return Array(all[turns[index]...] + all[..<turns[index]])
    }
    var owner: [String: Int] = [:]
    var chosen = [LockOrder.Edge?](repeating: nil, count: cycle.count)
    for index in cycle.indices {
      var seen: Set<String> = []
      guard Self.assign(index, choices, &owner, &chosen, &seen) else { return nil }
    }
    return LockCycle(chosen.compactMap { $0 }, in: order)
  }

  private static func assign(
    _ index: Int, _ choices: [[LockOrder.Edge]], _ owner: inout [String: Int], _ chosen: inout [LockOrder.Edge?],
    _ seen: inout Set<String>
  ) -> Bool {
    for edge in choices[index] where seen.insert(edge.thread).inserted {
      if let other = owner[edge.thread], !assign(other, choices, &owner, &chosen, &seen) { continue }
      owner[edge.thread] = index
      chosen[index] = edge
      return true
    }
    return false
  }
}
