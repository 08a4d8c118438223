import ChaosRuntime
import Synchronization

/// Starts the engine's threads and remembers them.
public final class EngineThreads: Sendable {
  private let runtime: Runtime
  private let handles = Mutex<[ThreadHandle]>([])

  init(_ runtime: Runtime) {
    self.runtime = runtime
  }

  @discardableResult
  public func start(
    _ name: String, _ body: @escaping @Sendable () throws(Stopped) -> Void
  ) throws(Stopped) -> ThreadHandle {
    let handle = try runtime.spawn(name, body)
    handles.withLock { $0.append(handle) }
    return handle
  }

  /// All threads so far, in the order they were started.
  public var all: [ThreadHandle] { handles.withLock { $0 } }

  /// The thread of that name that was started last; nil when there is none.
  public func named(_ name: String) -> ThreadHandle? {
    handles.withLock { $0.last { $0.name == name } }
  }
}
