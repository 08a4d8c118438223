import ChaosRuntime

/// Closes a predicted cycle: each of its threads is held up just before it asks for its second lock, so that the others can
/// take their first ones (after Joshi, Park, Sen and Naik, "A Randomized Dynamic Program Analysis Technique for Detecting
/// Real Deadlocks", PLDI 2009).
///
/// Everything else stays nominal, so that the recording has the pauses alone.
final class CycleDirector: Strategy {
  private let edges: [LockOrder.Edge]
  private let locks: [String]
  /// How long each thread is held up, in nanoseconds.
  private let pause: Int64
  /// Passages of each edge let through first.
  private let skip: Int
  private var passed: [Int]

  /// Nanoseconds: short ones suffice for busy threads, long ones for those that timers drive.
  private static let pauses: [Int64] = [10_000_000, 200_000_000, 1_000_000_000, 5_000_000_000]

  /// Attempts differ in the length of the pause and in the passage that is paused at.
  init(_ cycle: LockCycle, attempt: Int) {
    edges = cycle.edges
    locks = cycle.locks
    pause = Self.pauses[attempt % Self.pauses.count]
    skip = attempt / Self.pauses.count
    passed = edges.map { _ in 0 }
  }

  func begin(seed: UInt64) { passed = edges.map { _ in 0 } }

  func next(_ point: borrowing SchedulingPoint) -> Decision {
    guard point.canProceed, point.operation == .lock, point.heldCount > 0 else { return .proceed }
    let path = point.threadPath
    for (index, edge) in edges.enumerated() where edge.thread == path {
      guard point.objectName(point.object) == locks[(index + 1) % locks.count] else { continue }
      let isHolding = (0..<point.heldCount).contains { point.objectName(point.held($0)) == locks[index] }
      guard isHolding else { continue }
      passed[index] += 1
      if passed[index] == skip + 1 { return .stall(pause) }
    }
    return .proceed
  }

  func latency(draw: UInt64) -> Int { 0 }

  var summary: String { "cycle director, pause \(pause) ns, skip \(skip)" }
}
