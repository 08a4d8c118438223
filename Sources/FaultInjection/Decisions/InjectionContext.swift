import Basics
import ChaosRuntime
import Synchronization

/// What the rules of one injector share: the beginning of the chaos phase, and what fired.
final class InjectionContext: Sendable {
  /// Firings kept; later ones are only counted.
  static let firingsMax = 100_000

  let runtime: Runtime
  let catalogue: SiteCatalogue
  private let state: Mutex<(armedAt: Instant, firings: [Firing], unkept: Int)>

  init(runtime: Runtime, catalogue: SiteCatalogue) {
    self.runtime = runtime
    self.catalogue = catalogue
    state = Mutex((runtime.now, [], 0))
  }

  /// When the fault was armed; windows and times to live count from here.
  var armedAt: Instant { state.withLock { $0.armedAt } }
  var firings: [Firing] { state.withLock { $0.firings } }
  var unkeptFirings: Int { state.withLock { $0.unkept } }

  func arm(at now: Instant) { state.withLock { $0.armedAt = now } }

  func record(_ firing: Firing) {
    state.withLock { state in
      if state.firings.count < Self.firingsMax { state.firings.append(firing) } else { state.unkept += 1 }
    }
  }
}
