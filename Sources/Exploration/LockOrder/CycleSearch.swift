import ChaosRuntime

/// All short cycles within one set of locks: depth-first over the edges; a cycle starts at its smallest lock, so that each is
/// met once.
struct CycleSearch {
  /// Threads in a cycle at most: the number of longer ones explodes.
  static let lengthMax = 5
  /// Cycles of one set at most.
  static let countMax = 200
  /// Edges followed at most: dense orders have more paths than anybody waits for.
  static let stepsMax = 200_000

  let order: LockOrder
  private let next: [Int: [LockOrder.Edge]]
  private let starts: [Int]
  private(set) var found: [LockCycle] = []
  /// Whether a limit ended the search.
  private(set) var isCut = false
  private var steps = 0
  private var path: [LockOrder.Edge] = []

  init(order: LockOrder, edges: [LockOrder.Edge]) {
    self.order = order
    let next = Dictionary(grouping: edges, by: \.held)
    self.next = next
    starts = next.keys.sorted()
  }

  /// The shortest first.
  mutating func findShort() {
    for length in 2...min(Self.lengthMax, max(2, starts.count)) {
      for start in starts { extend(from: start, to: start, length: length) }
    }
  }

  private mutating func extend(from lock: Int, to start: Int, length: Int) {
    for edge in next[lock] ?? [] where !path.contains(where: { $0.thread == edge.thread }) {
      steps += 1
      if found.count >= Self.countMax || steps > Self.stepsMax { isCut = true }
      if isCut { return }
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
    let cycle = LockCycle(path + [edge], in: order)
    let key = cycle.key
    if let index = found.firstIndex(where: { $0.key == key }) {
      // Another place of the same threads and locks: the weakest guard counts.
      if found[index].standing != .possible, cycle.standing == .possible { found[index] = cycle }
      return
    }
    found.append(cycle)
  }
}

extension LockCycle {
  /// Locks and threads in order: the same ones are the same cycle, wherever in the program.
  fileprivate var key: [String] { edges.flatMap { ["\($0.held)", $0.thread] } }
}
