public import ChaosRuntime

/// A cycle of lock requests that some schedule may close, predicted from a run in which nothing happened.
public struct LockCycle: Sendable, Equatable {
  /// What is known of whether a schedule can close the cycle.
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
  /// Whether it can happen, as far as one run tells.
  public var standing: Standing

  /// `a -> b (first) , b -> a (second)`.
  public var text: String {
    edges.indices.map { "\(locks[$0]) -> \(locks[($0 + 1) % locks.count]) (\(edges[$0].thread))" }
      .joined(separator: ", ")
  }

  /// What makes two cycles the same rule broken: sorted lock names.
  public var fingerprint: String { locks.sorted().joined(separator: "|") }

  init(_ edges: [LockOrder.Edge], in order: LockOrder) {
    self.edges = edges
    locks = edges.map { order.name($0.held) }
    standing = Self.standing(of: edges, in: order)
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

  private static func standing(of edges: [LockOrder.Edge], in order: LockOrder) -> LockCycle.Standing {
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
