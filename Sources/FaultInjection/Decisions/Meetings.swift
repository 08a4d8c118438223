import Synchronization

/// Barriers and signals of one run, by name; they last for the whole run.
final class Meetings: Sendable {
  private struct State {
    var signalled: Set<String> = []
    var come: [String: Int] = [:]
  }

  private let state = Mutex(State())

  /// Whether the signal was given, or the barrier's last thread has come.
  func isSignalled(_ name: String) -> Bool { state.withLock { $0.signalled.contains(name) } }

  /// Gives the signal for good.
  func signal(_ name: String) { state.withLock { _ = $0.signalled.insert(name) } }

  /// One more thread at the barrier; true: it is the last that is needed, or nobody waits there any more.
  func come(to name: String, of threads: Int) -> Bool {
    state.withLock { state in
      if state.signalled.contains(name) { return true }
      state.come[name, default: 0] += 1
      return state.come[name, default: 0] >= threads
    }
  }
}
