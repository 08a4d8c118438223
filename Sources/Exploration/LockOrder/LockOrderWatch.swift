public import Basics
import ChaosRuntime

/// Watches the order of locks over all schedules of a case: one takes them one way round, another the other way, and neither
/// of them alone shows the cycle.
///
/// A cycle is predicted, not brought about: it is a finding unless the same lock is held around it, or spawn and join put one
/// of its threads before another. It costs a schedule what keeping its edges costs, and the case one entry for each of them.
public final class LockOrderWatch {
  private let check: String
  private let mayNest: @Sendable (_ held: String, _ wanted: String) -> Bool
  private let signalsNeedLock: Bool
  private var union = LockOrderUnion()
  private var verdict: Verdict?

  /// A watch that has seen nothing; `check` is what its verdict is called.
  ///
  /// - Parameters:
  ///   - mayNest: whether a lock of one name may be asked for while one of another name is held; any may.
  ///   - signalsNeedLock: whether a condition that is signalled without its lock is a finding.
  public init(
    check: String, mayNest: @escaping @Sendable (_ held: String, _ wanted: String) -> Bool = { _, _ in true },
    signalsNeedLock: Bool = false
  ) {
    self.check = check
    self.mayNest = mayNest
    self.signalsNeedLock = signalsNeedLock
  }

  /// Asks for what the watch reads of a schedule.
  public func prepare(_ request: inout RunRequest) { request.wantsLockOrder = true }

  /// Takes in a schedule; the verdict on all schedules so far where it closes a cycle, and from then on.
  public func note(_ report: RunReport) -> Verdict? {
    guard verdict == nil, let order = report.lockOrder, union.add(order, threadPaths: report.threadPaths) else {
      return verdict
    }
    if let nested = union.order.edges.first(where: { !mayNest(union.order.name($0.held), union.order.name($0.wanted)) })
    {
      let (held, wanted) = (union.order.name(nested.held), union.order.name(nested.wanted))
      verdict = Verdict(
        check: check, outcome: .fail,
        reason: "\(nested.thread) asks for \(wanted) at \(nested.wantedAt) while it holds \(held), taken at "
          + "\(nested.takenAt): whoever waits for \(held) waits for both",
        evidence: [])
      return verdict
    }
    if signalsNeedLock, let loose = union.order.looseSignals.first {
      verdict = Verdict(
        check: check, outcome: .fail,
        reason: "\(loose.thread) signals \(loose.condition) without holding \(loose.lock): whoever is about to "
          + "wait misses it, and what it tells of was changed beside the lock",
        evidence: [])
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
