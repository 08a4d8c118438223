import ChaosRuntime

/// Sets of locks that lead to each other: a cycle lies within one of them.
///
/// Tarjan, "Depth-First Search and Linear Graph Algorithms", SIAM Journal on Computing 1 (1972); with a stack of its own, as
/// orders of locks can be thousands deep. O(locks + edges).
struct LockComponents {
  /// Locks of each set of two or more, ascending; the sets by their smallest lock.
  private(set) var sets: [[Int]] = []

  private var next: [[Int]]
  private var index: [Int]
  private var low: [Int]
  private var isOpen: [Bool]
  private var open: [Int] = []
  private var count = 0

  init(_ order: LockOrder) {
    let size = (order.edges.map { max($0.held, $0.wanted) }.max() ?? -1) + 1
    next = [[Int]](repeating: [], count: size)
    for edge in order.edges where !next[edge.held].contains(edge.wanted) { next[edge.held].append(edge.wanted) }
    index = [Int](repeating: -1, count: size)
    low = index
    isOpen = [Bool](repeating: false, count: size)
    for lock in 0..<size where index[lock] < 0 { visit(lock) }
    sets.sort { $0[0] < $1[0] }
  }

  private mutating func enter(_ lock: Int) {
    index[lock] = count
    low[lock] = count
    count += 1
    open.append(lock)
    isOpen[lock] = true
  }

  private mutating func visit(_ start: Int) {
    var path: [(lock: Int, at: Int)] = [(start, 0)]
    enter(start)
    while let (lock, at) = path.last {
      if at < next[lock].count {
        path[path.count - 1].at += 1
        let wanted = next[lock][at]
        if index[wanted] < 0 {
          enter(wanted)
          path.append((wanted, 0))
        } else if isOpen[wanted] {
          low[lock] = min(low[lock], index[wanted])
        }
        continue
      }
      path.removeLast()
      if let parent = path.last?.lock { low[parent] = min(low[parent], low[lock]) }
      if low[lock] == index[lock] { close(lock) }
    }
  }

  private mutating func close(_ root: Int) {
    var locks: [Int] = []
    while let lock = open.popLast() {
      isOpen[lock] = false
      locks.append(lock)
      if lock == root { break }
    }
    if locks.count > 1 { sets.append(locks.sorted()) }
  }
}
