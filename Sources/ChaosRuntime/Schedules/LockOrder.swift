/// Which lock was asked for while which other was held: what a run shows of its program's lock order.
///
/// Locks are told apart by their number of birth, so that two of one name stay two.
public struct LockOrder: Sendable {
  /// `thread` held `held` and asked for `wanted`.
  public struct Edge: Sendable, Hashable {
    /// Number of birth of the lock that was held.
    public var held: Int
    /// Number of birth of the lock that was asked for.
    public var wanted: Int
    /// Path of the thread.
    public var thread: String
    /// Everything that the thread held, `held` included.
    public var holding: [Int]
    /// `file:line` where `held` was taken.
    public var takenAt: String
    /// `file:line` where `wanted` was asked for.
    public var wantedAt: String
    /// Births and joins that came before: one number for each thread by number of birth, missing is none.
    var clock: [Int32]
    var threadId: Int

    /// Whether spawn and join put this edge before `other` in every schedule.
    public func isOrdered(before other: Edge) -> Bool {
      guard threadId < other.clock.count, threadId < clock.count else { return false }
      return threadId != other.threadId && clock[threadId] <= other.clock[threadId]
    }
  }

  /// `thread` told the waiters of `condition` of a change without holding `lock`, under which they look: one that is about to
  /// wait misses it.
  public struct LooseSignal: Sendable, Hashable {
    /// Name of the condition.
    public var condition: String
    /// Name of its lock.
    public var lock: String
    /// Path of the thread.
    public var thread: String
  }

  /// Different edges kept at most; more are counted.
  public static let edgesMax = 4096

  /// Names by number of birth.
  public internal(set) var names: [String] = []
  /// What was seen, in the order of first sight; each combination of thread, locks and what else was held occurs once
  /// between two spawns or joins of its thread.
  public internal(set) var edges: [Edge] = []
  /// Edges beyond `edgesMax`, which `edges` lacks: with any, absence of a cycle says nothing.
  public internal(set) var droppedCount = 0
  /// Signals without their lock, each once, in the order of first sight; at most `edgesMax`.
  public internal(set) var looseSignals: [LooseSignal] = []

  /// An order without edges.
  public init() {}

  /// The name of a lock by number of birth; `?` for one that was not seen.
  public func name(_ lock: Int) -> String { lock < names.count ? names[lock] : "?" }

  /// Whether it is a new one. O(signals that are known).
  @discardableResult
  mutating func add(_ signal: LooseSignal) -> Bool {
    guard looseSignals.count < Self.edgesMax, !looseSignals.contains(signal) else { return false }
    looseSignals.append(signal)
    return true
  }
}

/// Keeps the lock order of one world, and what spawn and join put in order.
final class LockOrderRecorder {
  private(set) var order = LockOrder()
  private var known: Set<Key> = []
  private var clocks: [[Int32]] = []

  /// What makes an edge a new one: its places may differ.
  private struct Key: Hashable {
    let thread: Int
    let tick: Int32
    let held: Int
    let wanted: Int
    let holding: [Int]
  }

  func born(_ lock: Lock) {
    while order.names.count <= lock.number { order.names.append("?") }
    order.names[lock.number] = lock.name
  }

  /// The current thread is about to ask for `lock`.
  func wanted(_ lock: Lock, by thread: SimThread, _ file: StaticString, _ line: UInt32) {
    let holding = (0..<thread.held.pointee.count).map { thread.held.pointee[$0] }
    guard !holding.isEmpty else { return }
    let numbers = holding.map { $0.lock.number }
    let clock = clock(of: thread.id)
    for held in holding where held.lock !== lock {
      let key = Key(
        thread: thread.id, tick: clock[thread.id], held: held.lock.number, wanted: lock.number, holding: numbers)
      guard known.insert(key).inserted else { continue }
      guard order.edges.count < LockOrder.edgesMax else {
        order.droppedCount += 1
        continue
      }
      order.edges.append(
        LockOrder.Edge(
          held: held.lock.number, wanted: lock.number, thread: thread.path, holding: numbers,
          takenAt: "\(held.file):\(held.line)", wantedAt: "\(file):\(line)", clock: clock, threadId: thread.id))
    }
  }

  /// The current thread signals `condition`, whose lock it does not hold.
  func signalled(_ condition: Condition, by thread: SimThread) {
    order.add(LockOrder.LooseSignal(condition: condition.name, lock: condition.lock.name, thread: thread.path))
  }

  /// What the parent did before comes before all of the child; what it does from now on does not.
  func spawned(_ child: SimThread, by parent: Int) {
    guard parent >= 0 else { return }
    let inherited = clock(of: parent)
    _ = clock(of: child.id)
    for index in inherited.indices where index != child.id { clocks[child.id][index] = inherited[index] }
    clocks[parent][parent] += 1
  }

  /// All of a thread that was joined comes before what the joiner does from now on.
  func joined(_ child: SimThread, by joiner: SimThread) {
    let ended = clock(of: child.id)
    _ = clock(of: joiner.id)
    for index in ended.indices where ended[index] > clocks[joiner.id][index] {
      clocks[joiner.id][index] = ended[index]
    }
  }

  private func clock(of thread: Int) -> [Int32] {
    while clocks.count <= thread {
      for index in clocks.indices { clocks[index].append(-1) }
      clocks.append([Int32](repeating: -1, count: clocks.count) + [0])
    }
    return clocks[thread]
  }
}
