public import Basics
import CPlatform
import Glibc
import Synchronization

/// A thread started by `Runtime.spawn`.
public final class ThreadHandle: @unchecked Sendable {
  /// The name given to `spawn`, without the number that tells it from another of that name.
  public let name: String
  private let runtime: Runtime
  private let simulated: SimThread?
  /// Live: its lowest bit is set when the body has returned.
  private let done: UnsafeMutablePointer<UInt32>?
  private let tid = Atomic<Int32>(0)
  /// Live, nanoseconds since 1970: when it was made, and when its body returned; 0 until then.
  private let born: Instant
  private let died = Atomic<Int64>(0)

  /// Bytes of a live thread's stack.
  private static let stackSize = 1 << 20

  init(name: String, runtime: Runtime, simulated: SimThread?) {
    self.name = name
    self.runtime = runtime
    self.simulated = simulated
    born = runtime.now
    done = simulated == nil ? cp_word_make() : nil
    if simulated == nil, done == nil {
      fatalError("more than \(CP_WORDS_MAX) live conditions and threads; no room for '\(name)'")
    }
  }

  deinit { if let done { cp_word_free(done) } }

  /// Whether the body has returned or thrown; does not wait.
  public var isFinished: Bool {
    if let simulated { return simulated.state == .finished }
    return cp_load(done) & 1 == 1
  }

  var liveThreadId: Int32 { tid.load(ordering: .relaxed) }

  var liveState: ThreadState {
    let ended = died.load(ordering: .acquiring)
    return ThreadState(
      name: name, startedAt: born, endedAt: ended == 0 ? nil : Instant(nanoseconds: ended), isFinished: isFinished)
  }

  /// Waits for the thread to end, at most `timeout`; false: it still runs.
  @discardableResult
  public func join(
    timeout: Duration? = nil, _ file: StaticString = #fileID, _ line: UInt32 = #line
  ) throws(Stopped) -> Bool {
    guard let world = runtime.world, let simulated else { return try joinLive(timeout, file, line) }
    try world.point(.join, object: 0)
    if simulated.state == .finished {
      world.lockOrder?.joined(simulated, by: world.current)
      return true
    }
    let me = world.current
    me.operation = .join
    me.object = 0
    me.file = file
    me.line = line
    me.joined = simulated
    simulated.joiners.append(me)
    world.block(as: .joining, due: timeout.map { world.now.addingSaturated(max(0, $0.nanoseconds)) })
    simulated.joiners.removeAll { $0 === me }
    me.joined = nil
    if world.isStopping { throw world.stoppedInCurrent() }
    if simulated.state == .finished { world.lockOrder?.joined(simulated, by: me) }
    return simulated.state == .finished
  }

  // MARK: Live

  func startLive(_ body: @escaping @Sendable () throws(Stopped) -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, Self.stackSize)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    defer { pthread_attr_destroy(&attributes) }
    let start = Unmanaged.passRetained(LiveStart(handle: self, body: body)).toOpaque()
    var thread = pthread_t()
    let result = pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument else { return nil }
        Unmanaged<LiveStart>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, start)
    if result != 0 { fatalError("thread '\(name)' cannot be started: errno \(result)") }
  }

  fileprivate func runLive(_ body: @Sendable () throws(Stopped) -> Void) {
    tid.store(cp_gettid(), ordering: .relaxed)
    guard let me = cp_thread_register(name, Unmanaged.passUnretained(runtime).toOpaque()) else {
      fatalError("no memory for the record of thread '\(name)'")
    }
    if me.pointee.slot >= CP_THREADS_MAX { runtime.noteUnlistedThread() }
    cp_thread_show_name(name)
    cp_capture_accept()
    do throws(Stopped) { try body() } catch {}
    cp_thread_unregister()
    died.store(runtime.now.nanoseconds, ordering: .releasing)
    _ = cp_or(done, 1)
    cp_futex_wake(done, .max)
  }

  /// A thread that has not begun yet has no number that others could find it by, and a circle through its end would not be
  /// seen; it begins within microseconds.
  private func awaitStart() {
    while liveThreadId == 0 {
      let seen = cp_load(done)
      if seen & 1 == 1 || runtime.isStopping { return }
      _ = cp_futex_wait(done, seen, cp_monotonic_ns() &+ 200_000)
    }
  }

  private func joinLive(_ timeout: Duration?, _ file: StaticString, _ line: UInt32) throws(Stopped) -> Bool {
    let me = runtime.liveSelf()
    let now = cp_monotonic_ns()
    let deadline = timeout.map { now &+ UInt64(max(0, $0.nanoseconds)) } ?? 0
    if timeout == nil { awaitStart() }
    cp_wait_for_thread(me, timeout == nil ? liveThreadId : 0)
    cp_wait_begin(
      me, UInt32(CP_WAIT_JOIN), nil, cp_name_keep(name), file.utf8Start, UInt32(file.utf8CodeUnitCount), line, now)
    _ = cp_sleep_begin(me, done)
    defer {
      cp_sleep_end(me)
      cp_wait_end(me)
    }
    while true {
      let seen = cp_load(done)
      if seen & 1 == 1 { return true }
      if runtime.isStopping { throw .stopped }
      if deadline != 0, cp_monotonic_ns() >= deadline { return false }
      _ = cp_futex_wait(done, seen, deadline)
    }
  }
}

private final class LiveStart {
  let handle: ThreadHandle
  let body: @Sendable () throws(Stopped) -> Void

  init(handle: ThreadHandle, body: @escaping @Sendable () throws(Stopped) -> Void) {
    self.handle = handle
    self.body = body
  }

  func run() { handle.runLive(body) }
}
