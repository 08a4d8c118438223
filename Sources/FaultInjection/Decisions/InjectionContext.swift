import Basics
import ChaosRuntime
import Synchronization

/// What the rules of one injector share: the beginning of the chaos phase, and what fired.
final class InjectionContext: Sendable {
  /// Firings kept; later ones are only counted.
  static let firingsMax = 100_000

  let runtime: Runtime
  let catalogue: SiteCatalogue
  private let state: Mutex<State>

  private struct State {
    var armedAt: Instant
    var firings: [Firing] = []
    var unkept = 0
    /// By fault: the note that a dump shows, and its value.
    var counts: [(fault: String, note: Int?, count: Int)] = []
  }

  init(runtime: Runtime, catalogue: SiteCatalogue) {
    self.runtime = runtime
    self.catalogue = catalogue
    state = Mutex(State(armedAt: runtime.now))
  }

  /// When the fault was armed; windows and times to live count from here.
  var armedAt: Instant { state.withLock { $0.armedAt } }
  var firings: [Firing] { state.withLock { $0.firings } }
  var unkeptFirings: Int { state.withLock { $0.unkept } }

  func arm(_ faults: [String], at now: Instant) {
    state.withLock { state in
      state.armedAt = now
      for fault in faults where !state.counts.contains(where: { $0.fault == fault }) {
        state.counts.append((fault, runtime.notes.add("firings of fault \(fault)"), 0))
      }
    }
  }

  func record(_ firing: Firing) {
    state.withLock { state in
      if let index = state.counts.firstIndex(where: { $0.fault == firing.fault }) {
        state.counts[index].count += 1
        runtime.notes.set(state.counts[index].note, to: state.counts[index].count)
      }
      if state.firings.count < Self.firingsMax { state.firings.append(firing) } else { state.unkept += 1 }
    }
  }
}
