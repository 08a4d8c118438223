import Basics
import ChaosRuntime
import Synchronization
public import Trading

/// Starts the engine's threads, remembers them, and tells when the last has ended.
public final class EngineThreads: Sendable {
  /// What a thread does.
  public typealias Body = @Sendable () throws(Stopped) -> Void

  /// A thread that has ended though it should run.
  struct Lost {
    let name: String
    /// What it did; nil: whoever started it starts another one by itself.
    let body: Body?
  }

  /// One start of a thread.
  private final class Run: Sendable {
    let name: String
    let keptBody: Body?
    let hasReturned = Atomic<Bool>(false)

    init(name: String, keptBody: Body?) {
      self.name = name
      self.keptBody = keptBody
    }
  }

  private struct State {
    var handles: [ThreadHandle] = []
    /// Those that may still be lost, in the order they were started.
    var watched: [(run: Run, handle: ThreadHandle)] = []
    var running = 0
    var atEnd: (@Sendable () -> Void)?
  }

  private let runtime: Runtime
  private let state = Mutex(State())

  init(_ runtime: Runtime) {
    self.runtime = runtime
  }

  /// Starts a thread that has to run until the engine ends: the supervisor starts it again should it end before.
  @discardableResult
  public func keep(_ name: ThreadName, _ body: @escaping Body) throws(Stopped) -> ThreadHandle {
    try start(Run(name: name.rawValue, keptBody: body), body)
  }

  /// Starts a thread that ends when its work is done; should it end by an error, the supervisor says so.
  @discardableResult
  public func start(_ name: ThreadName, _ body: @escaping Body) throws(Stopped) -> ThreadHandle {
    try start(name.rawValue, body)
  }

  /// Starts a thread of a part that is none of the engine's own.
  @discardableResult
  public func start(_ name: String, _ body: @escaping Body) throws(Stopped) -> ThreadHandle {
    try start(Run(name: name, keptBody: nil), body)
  }

  private func start(_ run: Run, _ body: @escaping Body) throws(Stopped) -> ThreadHandle {
    state.withLock { $0.running += 1 }
    let handle: ThreadHandle
    do throws(Stopped) {
      handle = try runtime.spawn(run.name) { [self] () throws(Stopped) in
        defer { ended() }
        try body()
        run.hasReturned.store(true, ordering: .releasing)
      }
    } catch {
      ended()
      throw error
    }
    state.withLock {
      $0.handles.append(handle)
      $0.watched.append((run, handle))
    }
    return handle
  }

  /// Starts a lost thread again.
  func start(again lost: Lost) throws(Stopped) {
    guard let body = lost.body else { return }
    _ = try start(Run(name: lost.name, keptBody: body), body)
  }

  /// The threads that were lost since the last call: they ended by an error, or without one though they were to be kept.
  ///
  /// - Parameter isStopping: whether the engine ends, when a kept thread that returns has done its work.
  func takeLost(isStopping: Bool) -> [Lost] {
    state.withLock { state in
      var lost: [Lost] = []
      guard state.watched.contains(where: { $0.handle.isFinished }) else { return lost }
      state.watched.removeAll { run, handle in
        guard handle.isFinished else { return false }
        let hasReturned = run.hasReturned.load(ordering: .acquiring)
        let isLost = !hasReturned || (run.keptBody != nil && !isStopping)
        if isLost { lost.append(Lost(name: run.name, body: run.keptBody)) }
        return true
      }
      return lost
    }
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
      if state.running > 0 { state.atEnd = action } else { state.watched = [] }
      return state.running == 0
    }
    if isOver { action() }
  }

  private func ended() {
    let action = state.withLock { state in
      state.running -= 1
      guard state.running == 0, let action = state.atEnd else { return nil as (@Sendable () -> Void)? }
      // What the threads did holds their parts, and those hold the threads.
      (state.atEnd, state.watched) = (nil, [])
      return action
    }
    action?()
  }
}
