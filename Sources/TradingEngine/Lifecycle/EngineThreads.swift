import Basics
import ChaosRuntime
import Synchronization
public import Trading

/// Starts the engine's threads, remembers them, and tells when the last has ended.
public final class EngineThreads: Sendable {
  private struct State {
    var handles: [ThreadHandle] = []
    var running = 0
    var atEnd: (@Sendable () -> Void)?
  }

  private let runtime: Runtime
  private let state = Mutex(State())

  init(_ runtime: Runtime) {
    self.runtime = runtime
  }

  /// Starts one of the engine's threads.
  @discardableResult
  public func start(
    _ name: ThreadName, _ body: @escaping @Sendable () throws(Stopped) -> Void
  ) throws(Stopped) -> ThreadHandle { try start(name.rawValue, body) }

  /// Starts a thread of a part that is none of the engine's own.
  @discardableResult
  public func start(
    _ name: String, _ body: @escaping @Sendable () throws(Stopped) -> Void
  ) throws(Stopped) -> ThreadHandle {
    state.withLock { $0.running += 1 }
    let handle: ThreadHandle
    do throws(Stopped) {
      handle = try runtime.spawn(name) { [self] () throws(Stopped) in
        defer { ended() }
        try body()
      }
    } catch {
      ended()
      throw error
    }
    state.withLock { $0.handles.append(handle) }
    return handle
  }

  /// All threads so far, in the order they were started.
  public var all: [ThreadHandle] { state.withLock { $0.handles } }

  /// The thread of that name that was started last; nil when there is none.
  public func named(_ name: ThreadName) -> ThreadHandle? {
    state.withLock { $0.handles.last { $0.name == name.rawValue } }
  }

  /// Runs `action` once no thread runs any more, now or when the last one ends.
  func whenAllHaveEnded(_ action: @escaping @Sendable () -> Void) {
    let isOver = state.withLock { state in
      if state.running > 0 { state.atEnd = action }
      return state.running == 0
    }
    if isOver { action() }
  }

  private func ended() {
    let action = state.withLock { state in
      state.running -= 1
      guard state.running == 0 else { return nil as (@Sendable () -> Void)? }
      defer { state.atEnd = nil }
      return state.atEnd
    }
    action?()
  }
}
