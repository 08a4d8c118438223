public import ChaosRuntime

/// A cycle of lock requests that some schedule may close, predicted from a run in which nothing happened.
public struct LockCycle: Sendable, Equatable {
  public enum Standing: Sendable, Equatable {
    /// No common lock, no order by spawn and join: a schedule may close it.
    case possible
    /// The threads can never be at their second locks together: all of these locks are held by two of them.
    case guarded(by: [String])
    /// Spawn and join put one of its threads before another.
    case ordered
  }

  /// In order: each wants what the next one holds.
  public var edges: [LockOrder.Edge]
  /// Names of the locks, in the same order: what each edge holds.
  public var locks: [String]
  public var standing: Standing

  /// `a -> b (first) , b -> a (second)`.
  public var text: String {
    edges.indices.map { "\(locks[$0]) -> \(locks[($0 + 1) % locks.count]) (\(edges[$0].thread))" }
      .joined(separator: ", ")
  }

  /// What makes two cycles the same rule broken: sorted lock names.
  public var fingerprint: String { locks.sorted().joined(separator: "|") }

  /// Threads in a cycle at most: longer ones are rare and their number explodes.
  static let lengthMax = 5
  /// Cycles kept at most.
  static let countMax = 200

  /// All cycles of `order`, the shortest first, each set of locks and threads once.
  public static func all(in order: LockOrder) -> [LockCycle] {
    var search = CycleSearch(order: order)
    for length in 2...lengthMax { search.find(length: length) }
    return search.found
  }

  /// Cycles between names whose instances differ: a rule broken, whether or not these instances can meet. Numbers at the
  /// end of names do not count: `account-3` and `account-7` are of one class.
  public static func classCycles(in order: LockOrder) -> [[String]] {
    func name(_ lock: Int) -> String { String(Directed.stem(order.name(lock))) }
    var pairs: [[String]] = []
    for a in order.edges {
      let (held, wanted) = (name(a.held), name(a.wanted))
      guard held < wanted else { continue }
      let reverse = order.edges.contains { name($0.held) == wanted && name($0.wanted) == held }
      let isOnInstances = order.edges.contains { $0.held == a.wanted && $0.wanted == a.held }
      if reverse, !isOnInstances, !pairs.contains([held, wanted]) { pairs.append([held, wanted]) }
    }
    return pairs
  }
}

/// Depth-first over the edges; a cycle starts at its smallest lock, so that each is met once.
private struct CycleSearch {
  let order: LockOrder
  private let next: [Int: [LockOrder.Edge]]
  private let starts: [Int]
  private(set) var found: [LockCycle] = []
  private var path: [LockOrder.Edge] = []
  private var known: Set<[String]> = []

  init(order: LockOrder) {
    self.order = order
    var next: [Int: [LockOrder.Edge]] = [:]
    for edge in order.edges { next[edge.held, default: []].append(edge) }
    self.next = next
    starts = next.keys.sorted()
  }

  mutating func find(length: Int) {
    for start in starts { extend(from: start, to: start, length: length) }
  }

  private mutating func extend(from lock: Int, to start: Int, length: Int) {
    guard found.count < LockCycle.countMax else { return }
    for edge in next[lock] ?? [] where !path.contains(where: { $0.thread == edge.thread }) {
      if path.count == length - 1 {
        if edge.wanted == start { close(with: edge) }
      } else if edge.wanted > start, !path.contains(where: { $0.held == edge.wanted }), edge.wanted != lock {
        path.append(edge)
        extend(from: edge.wanted, to: start, length: length)
        path.removeLast()
      }
    }
  }

  private mutating func close(with edge: LockOrder.Edge) {
    let edges = path + [edge]
    let locks = edges.map { order.name($0.held) }
    let standing = standing(of: edges)
    let key = edges.flatMap { ["\($0.held)", $0.thread] }
    if let index = found.firstIndex(where: { cycle in cycle.edges.flatMap { ["\($0.held)", $0.thread] } == key }) {
      // Another place of the same threads and locks: the weakest guard counts.
      if found[index].standing != .possible, standing == .possible {
        found[index] = LockCycle(edges: edges, locks: locks, standing: standing)
      }
      return
    }
    found.append(LockCycle(edges: edges, locks: locks, standing: standing))
  }

  private func standing(of edges: [LockOrder.Edge]) -> LockCycle.Standing {
    var guards: [Int] = []
    for (index, a) in edges.enumerated() {
      for b in edges[(index + 1)...] {
        if a.isOrdered(before: b) || b.isOrdered(before: a) { return .ordered }
        for lock in a.holding where b.holding.contains(lock) && !guards.contains(lock) { guards.append(lock) }
      }
    }
    return guards.isEmpty ? .possible : .guarded(by: guards.map { order.name($0) })
  }
}
