public import Basics
import ChaosRuntime

/// Watches the order of locks over all schedules of a case: one takes them one way round, another the other way, and neither
/// of them alone shows the cycle.
///
/// A cycle is predicted, not brought about: it is a finding unless the same lock is held around it, or spawn and join put one
/// of its threads before another. It costs a schedule what keeping its edges costs, and the case one entry for each of them.
public final class LockOrderWatch {
  private let check: String
  private var union = LockOrderUnion()
  private var verdict: Verdict?

  /// A watch that has seen nothing; `check` is what its verdict is called.
  public init(check: String) { self.check = check }

  /// Asks for what the watch reads of a schedule.
  public func prepare(_ request: inout RunRequest) { request.wantsLockOrder = true }

  /// Takes in a schedule; the verdict on all schedules so far where it closes a cycle, and from then on.
  public func note(_ report: RunReport) -> Verdict? {
    guard verdict == nil, let order = report.lockOrder, union.add(order, threadPaths: report.threadPaths) else {
      return verdict
    }
    let cycles = LockCycles(union.order).cycles.filter { $0.standing == .possible }
    guard let first = cycles.first else { return nil }
    verdict = Verdict(
      check: check, outcome: .fail,
      reason: "over all schedules so far threads take \(first.locks.count) locks in a cycle: \(first.text)",
      evidence: cycles.prefix(10).flatMap { cycle in
        cycle.edges.map { edge in
          "\(edge.thread) holds \(union.order.name(edge.held)) since \(edge.takenAt) and asks for "
            + "\(union.order.name(edge.wanted)) at \(edge.wantedAt)"
        }
      })
    return verdict
  }

  /// Orders of two locks that were seen.
  public var edgeCount: Int { union.order.edges.count }
}
