import Basics
public import ChaosRuntime

/// Who holds a lock and is about to take another gives way until no other thread can run: each takes its first lock before
/// any takes its second, which closes a cycle of any length.
///
/// Else it is the walk of `Directed` without targets, and shows hand-offs as that does. In schedules with stalls nobody being
/// left is not the end, as others may sleep: the thread is held up for a length drawn per run, log-uniformly between 1 ms and
/// 500 ms, at all such moments, one in two, one in ten, or none, and for 3 s in all. The pauses are those by which Joshi, Park,
/// Sen and Naik, "A Randomized Dynamic Program Analysis Technique for Detecting Real Deadlocks", PLDI 2009, close a cycle
/// that they have predicted; here nothing is predicted.
public final class HoldAndWait: HandOffWatcher {
  private let walk: Directed
  private let hasPauses: Bool
  @exclusivity(unchecked) private var pause: Int64 = 0
  @exclusivity(unchecked) private var pauseProbability = 0.0
  /// Time that pauses may still take, in nanoseconds.
  @exclusivity(unchecked) private var pausesLeft: Int64 = 0
  private static let pausesMax: Int64 = 3_000_000_000

  /// The pauses are the only stalls, and there are none where `noise` has none.
  public init(noise: StrategyPlan.Noise) {
    walk = Directed(targets: [], noise: noise == .none ? .none : .latencies)
    hasPauses = noise == .stalls
  }

  /// Draws the walk, the length of the pauses and how often there is one.
  public func begin(seed: UInt64) {
    walk.begin(seed: seed)
    var draws = SplitMix(seed: Mixing.mix(seed, 0x401D))
    pause = TimeNoise.length(draws.next())
    pauseProbability = hasPauses ? [0, 0.1, 0.5, 1][Mixing.index(draws.next(), below: 4)] : 0
    pausesLeft = Self.pausesMax
  }

  /// A thread that has a lock and wants another runs when no other can.
  public func next(_ point: borrowing SchedulingPoint) -> Decision {
    walk.givingWay.pass()
    guard point.canProceed else { return walk.next(point) }
    guard point.operation == .lock, point.heldCount > 0 else {
      walk.givingWay.remove(point.thread)
      return walk.next(point)
    }
    walk.givingWay.insert(point.thread)
    guard pausesLeft >= pause, walk.givingWay.isAll(of: point),
      Mixing.unit(Mixing.mix(point.draw ^ 0x401D)) < pauseProbability
    else { return walk.next(point) }
    pausesLeft -= pause
    return .stall(pause)
  }

  /// As the noise has it.
  public func latency(draw: UInt64) -> Int { walk.latency(draw: draw) }

  /// As the noise has it.
  public func wakesSpuriously(draw: UInt64) -> Bool { walk.wakesSpuriously(draw: draw) }

  /// What this run showed.
  public var observed: HandOffs { walk.observed }

  /// Name, pauses and the walk drawn for this run.
  public var summary: String {
    "hold and wait, pause \(pause) ns, pause probability \(pauseProbability), over \(walk.summary)"
  }
}

/// Threads that give way to others, by number.
struct GivingWay {
  /// Points after which a thread gives way no longer: others may wait for it without blocking.
  static let patience = 10_000

  /// By thread: the point at which it began to give way; 0: it does not.
  private var since: [Int] = []
  private var points = 0

  mutating func removeAll() {
    since.removeAll(keepingCapacity: true)
    points = 0
  }

  /// One more point.
  mutating func pass() { points += 1 }

  mutating func insert(_ thread: Int) {
    while since.count <= thread { since.append(0) }
    since[thread] = points
  }

  mutating func remove(_ thread: Int) { if thread < since.count { since[thread] = 0 } }

  func contains(_ thread: Int) -> Bool {
    thread < since.count && since[thread] > 0 && points - since[thread] < Self.patience
  }

  /// Whether every thread that could run instead gives way as well.
  func isAll(of point: borrowing SchedulingPoint) -> Bool {
    for index in 0..<point.runnableCount where !contains(point.runnable(index).thread) { return false }
    return true
  }
}
