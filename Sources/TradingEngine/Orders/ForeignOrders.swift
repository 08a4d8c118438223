import Basics
import Synchronization
import Trading

/// Orders of the account that this engine did not make: another bot has its key, or somebody trades by hand.
///
/// They are told by the user stream, and by the list of open orders, which is asked for at the start and whenever the stream had
/// to be opened again. What they hold and bring is not the engine's.
public final class ForeignOrders: Sendable {
  /// Orders that are told once; then they may be told again.
  private static let knownMax = 1024
  /// Orders that are to be canceled at a time, and how often each is tried.
  private static let openMax = 64
  private static let cancelsMax = 6
  private static let interval = Duration.seconds(10)

  private struct Open {
    var report: OrderReport
    var next: Instant
    var cancels = 0
  }

  private struct State {
    var known: Set<String> = []
    var open: [Open] = []
    /// When the open orders are to be asked for; nil: not now.
    var census: Instant? = Instant(nanoseconds: .min)
  }

  private let state = Mutex(State())

  init() {}

  /// Takes in what the venue says of such an order; true when nobody was told of it yet.
  func meet(_ report: OrderReport, cancels: Bool, at now: Instant) -> Bool {
    state.withLock { state in
      if report.status.isTerminal { state.open.removeAll { $0.report.orderId == report.orderId } }
      guard !state.known.contains(report.orderId) else { return false }
      if state.known.count == Self.knownMax { state.known = [] }
      state.known.insert(report.orderId)
      if cancels, !report.status.isTerminal, state.open.count < Self.openMax {
        state.open.append(Open(report: report, next: now))
      }
      return true
    }
  }

  /// The orders that are to be canceled now.
  func due(at now: Instant) -> [OrderReport] {
    state.withLock { state in
      state.open.removeAll { $0.cancels == Self.cancelsMax }
      var due: [OrderReport] = []
      for index in state.open.indices where state.open[index].next <= now {
        state.open[index].next = now + Self.interval
        state.open[index].cancels += 1
        due.append(state.open[index].report)
      }
      return due
    }
  }

  /// The venue has taken it back, or does not have it any more.
  func forget(_ report: OrderReport) {
    state.withLock { $0.open.removeAll { $0.report.orderId == report.orderId } }
  }

  /// Something may have happened of which nobody told: the open orders are to be asked for.
  func doubt(from time: Instant) { state.withLock { $0.census = min($0.census ?? time, time) } }

  /// Nobody answered.
  func doubt(afterFailureAt now: Instant) { doubt(from: now + Self.interval) }

  /// Whether the open orders are to be asked for now.
  func isInDoubt(at now: Instant) -> Bool { state.withLock { $0.census.map { $0 <= now } ?? false } }

  /// Whether the open orders are to be asked for now, by whoever is told so first.
  func takeDoubt(at now: Instant) -> Bool {
    state.withLock { state in
      guard let census = state.census, census <= now else { return false }
      state.census = nil
      return true
    }
  }
}
