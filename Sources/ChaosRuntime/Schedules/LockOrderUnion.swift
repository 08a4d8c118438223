/// The lock order of a program over many runs, each of which shows a part of it.
///
/// Locks are told apart by their names and threads by their paths, as numbers of birth differ from run to run. A lock that
/// shares its name with another of its run is left out: of two runs nobody can say which of them is which.
public struct LockOrderUnion: Sendable {
  /// What all runs showed, in the order of first sight.
  public private(set) var order = LockOrder()
  private var locks: [String: Int] = [:]
  private var threads: [String: Int] = [:]
  private var known: Set<Key> = []

  private struct Key: Hashable {
    let thread: Int
    let tick: Int32
    let held: Int
    let wanted: Int
    let holding: [Int]
  }

  /// The order of no run.
  public init() {}

  /// Adds what a run showed; `threadPaths` are its threads in the order of their births. Answers whether something was new.
  /// O(edges × threads).
  public mutating func add(_ run: LockOrder, threadPaths: [String]) -> Bool {
    let before = order.edges.count
    var isNew = false
    for signal in run.looseSignals where order.add(signal) { isNew = true }
    order.droppedCount += run.droppedCount
    var twice: Set<String> = ["?"]
    var once: Set<String> = []
    for name in run.names where !once.insert(name).inserted { twice.insert(name) }
    for edge in run.edges {
      let holding = edge.holding.map { run.name($0) }
      let (held, wanted) = (run.name(edge.held), run.name(edge.wanted))
      guard !twice.contains(held), !twice.contains(wanted), !holding.contains(where: { twice.contains($0) }) else {
        continue
      }
      add(edge, held, wanted, holding, threadPaths)
    }
    return isNew || order.edges.count > before
  }

  private mutating func add(
    _ edge: LockOrder.Edge, _ held: String, _ wanted: String, _ holding: [String], _ threadPaths: [String]
  ) {
    var copy = edge
    copy.held = lock(held)
    copy.wanted = lock(wanted)
    copy.holding = holding.map { lock($0) }
    copy.threadId = thread(edge.thread)
    let tick = edge.threadId < edge.clock.count ? edge.clock[edge.threadId] : -1
    let key = Key(
      thread: copy.threadId, tick: tick, held: copy.held, wanted: copy.wanted, holding: copy.holding)
    guard known.insert(key).inserted else { return }
    guard order.edges.count < LockOrder.edgesMax else {
      order.droppedCount += 1
      return
    }
    for path in threadPaths { _ = thread(path) }
    copy.clock = [Int32](repeating: -1, count: threads.count)
    for (id, path) in threadPaths.enumerated() where id < edge.clock.count { copy.clock[thread(path)] = edge.clock[id] }
    order.edges.append(copy)
  }

  private mutating func lock(_ name: String) -> Int {
    if let number = locks[name] { return number }
    locks[name] = order.names.count
    order.names.append(name)
    return order.names.count - 1
  }

  private mutating func thread(_ path: String) -> Int {
    if let number = threads[path] { return number }
    threads[path] = threads.count
    return threads.count - 1
  }
}
