public import Basics
import CPlatform
import Glibc
import Synchronization

/// Threads, locks, time, disk and choices for one run: live on OS threads and the monotonic clock, or simulated.
///
/// Everything that blocks throws `Stopped` once `stop()` was called. A runtime is used for one run.
public final class Runtime: @unchecked Sendable {
  @usableFromInline let flags: UnsafeMutablePointer<UInt32>
  let world: World?
  /// The same, for paths that are taken at every scheduling point.
  let simulated: Unretained<World>?
  /// What decides faults and latencies of this run, and records them.
  public let choices: Choices
  /// Numbers that a dump of this run prints.
  public let notes = Notes()
  let baseDisk: any Disk
  private(set) var interposer: (any Interposer)?
  /// Live: what the monotonic clock is laid onto.
  private let liveOffset: Int64
  private let live: Mutex<LiveState>
  private let unlisted = Atomic<Int>(0)

  private struct LiveState {
    var threads: [ThreadHandle] = []
    var landmarks: [(name: String, count: Int)] = []
    var overdue: [(thread: String, activity: String, limit: Duration, took: Duration, time: Instant)] = []
    var onCycle: (@Sendable ([UInt32]) -> Void)?
  }

  /// A live runtime, whose time begins at `epoch`; nil: the time of day, on which all processes of a machine agree to a
  /// microsecond, until somebody sets the clock.
  public init(live epoch: Instant?, disk: any Disk, choices: Choices) {
    flags = .allocate(capacity: 1)
    flags.initialize(to: 0)
    world = nil
    simulated = nil
    self.choices = choices
    baseDisk = disk
    liveOffset =
      epoch.map { ($0 - Instant(nanoseconds: Int64(bitPattern: cp_monotonic_ns()))).nanoseconds }
      ?? cp_time_of_day_offset_ns()
    live = Mutex(LiveState())
  }

  init(world: World, disk: any Disk, choices: Choices) {
    flags = .allocate(capacity: 1)
    flags.initialize(to: Flags.simulated)
    self.world = world
    simulated = Unretained(world)
    self.choices = choices
    baseDisk = disk
    liveOffset = 0
    live = Mutex(LiveState())
  }

  deinit { flags.deallocate() }

  /// Whether threads are fibers in virtual time; nothing but tests and reports should need to know.
  public var isSimulated: Bool { world != nil }

  /// The time of this run: virtual in a simulation, monotonic live; it never goes back.
  public var now: Instant {
    if let world { return Instant(nanoseconds: world.now) }
    return instant(ofMonotonic: cp_monotonic_ns())
  }

  /// The moment of a reading of the monotonic clock, as the thread registry keeps it.
  public func instant(ofMonotonic nanoseconds: UInt64) -> Instant {
    Instant(nanoseconds: liveOffset.addingSaturated(Int64(bitPattern: nanoseconds)))
  }

  /// The disk of this run: every operation is a scheduling point and passes the interposer.
  public var disk: any Disk { RuntimeDisk(runtime: self) }

  /// Name of the calling thread.
  public var threadName: String {
    if let world { return world.current.name }
    guard let me = cp_self() else { return "unregistered" }
    return liveName(me)
  }

  /// Threads of a live run that the registry had no room for: no watchdog sees what they wait for.
  public var unlistedThreadCount: Int { unlisted.load(ordering: .relaxed) }

  func noteUnlistedThread() { unlisted.add(1, ordering: .relaxed) }

  /// Puts an interposer between every operation and its effect. Call it before threads run.
  public func install(_ interposer: any Interposer) {
    self.interposer = interposer
    _ = cp_or(flags, Flags.interposed)
  }

  /// An interposer that keeps its runtime would keep a finished run for ever: nothing of a simulated one acts any more.
  func removeInterposer() { interposer = nil }

  // MARK: Time and threads

  /// Waits for `duration`, virtual in a simulation; zero or less is a scheduling point alone.
  ///
  /// - Throws: `Stopped` as soon as the run ends, however long the sleep still is.
  public func sleep(
    _ duration: Duration, _ file: StaticString = #fileID, _ line: UInt32 = #line
  ) throws(Stopped) {
    if let interposer { try interposer.atSleep(duration) }
    guard let world else { return try liveSleep(duration, file, line) }
    try world.point(.sleep, object: 0)
    let nanoseconds = duration.nanoseconds
    guard nanoseconds > 0 else { return }
    ThreadReference(world.current).look { me in
      me.operation = .sleep
      me.object = 0
      me.file = file
      me.line = line
    }
    world.block(as: .sleeping, due: world.now.addingSaturated(nanoseconds))
    if world.isStopping { throw world.stoppedInCurrent() }
  }

  /// Lets another thread have the turn: for loops that wait without a blocking call.
  ///
  /// Simulated, somebody else runs whenever anybody can, unless the schedule says otherwise; and while threads do nothing
  /// but yield, the clock goes on, so that what they wait for comes.
  public func yield() throws(Stopped) {
    guard let world else {
      if cp_load_relaxed(flags) & Flags.stopping != 0 { throw .stopped }
      sched_yield()
      return
    }
    if !world.passesYield() { throw .stopped }
  }

  /// Starts a thread. Names tell threads apart in dumps and recordings; a name used twice gets a number.
  @discardableResult
  public func spawn(
    _ name: String, _ body: @escaping @Sendable () throws(Stopped) -> Void
  ) throws(Stopped) -> ThreadHandle {
    if let interposer { try interposer.atSpawn(name) }
    if let world {
      try world.point(.spawn, object: 0)
      return ThreadHandle(name: name, runtime: self, simulated: world.makeThread(name: name, body: body))
    }
    if isStopping { throw .stopped }
    let handle = ThreadHandle(name: name, runtime: self, simulated: nil)
    live.withLock { $0.threads.append(handle) }
    handle.startLive(body)
    return handle
  }

  // MARK: Activities, landmarks

  /// Runs `body` inside a named activity: a wait in it that lasts longer than `limit` is a hang, a wait outside any
  /// activity is idle.
  @inlinable public func activity<R>(
    _ name: StaticString, limit: Duration = .seconds(60), _ body: () throws(Stopped) -> R
  ) throws(Stopped) -> R {
    enterActivity(name, limit)
    defer { leaveActivity() }
    return try body()
  }

  @usableFromInline func enterActivity(_ name: StaticString, _ limit: Duration) {
    if let simulated { simulated.look { $0.enterActivity(name, limit: limit) } } else { enterLive(name, limit) }
  }

  @usableFromInline func leaveActivity() {
    if let simulated { simulated.look { $0.leaveActivity() } } else { leaveLive() }
  }

  /// Progress inside the innermost activity of the calling thread: its limit counts from now.
  public func beat() {
    if let world { return world.beat() }
    guard let me = cp_self(), me.pointee.activity_count > 0 else { return }
    cp_activity_beat(me, cp_monotonic_ns())
  }

  /// Counts that an interesting moment was reached, so that a proof can tell that it tested something.
  public func landmark(_ name: StaticString) {
    let text = "\(name)"
    if let world {
      world.progress &+= 1
      if let index = world.landmarks.firstIndex(where: { $0.name == text }) {
        world.landmarks[index].count += 1
      } else {
        world.landmarks.append((text, 1))
      }
      return
    }
    live.withLock { state in
      if let index = state.landmarks.firstIndex(where: { $0.name == text }) {
        state.landmarks[index].count += 1
      } else {
        state.landmarks.append((text, 1))
      }
    }
  }

  /// Landmarks passed so far, in the order of first arrival.
  public var landmarks: [(name: String, count: Int)] {
    world?.landmarks ?? live.withLock { $0.landmarks }
  }

  /// Activities that were left beyond their limit.
  public var overdueActivities: [(thread: String, activity: String, limit: Duration, took: Duration, time: Instant)] {
    guard let world else { return live.withLock { $0.overdue } }
    return world.overdue.map {
      (
        $0.thread, $0.activity, Duration(nanoseconds: $0.limit), Duration(nanoseconds: $0.took),
        Instant(nanoseconds: $0.time)
      )
    }
  }

  // MARK: End

  /// True once `stop()` was called. In order with the words that threads sleep on; see `cp_sleep_begin`.
  public var isStopping: Bool { cp_load(flags) & Flags.stopping != 0 }

  /// Ends the run: every blocking primitive throws `Stopped` from now on, and whoever waits is woken to hear it.
  ///
  /// Live, waiters are woken until all threads of the runtime have left, for at most `limit`; answers how many have not.
  @discardableResult
  public func stop(limit: Duration = .seconds(5)) -> Int {
    _ = cp_or(flags, Flags.stopping)
    if let world {
      world.stop()
      return 0
    }
    let deadline = cp_monotonic_ns() &+ UInt64(max(0, limit.nanoseconds))
    var left = liveThreadsLeft
    while left > 0, cp_monotonic_ns() < deadline {
      cp_stop_sleepers(Unmanaged.passUnretained(self).toOpaque())
      usleep(1000)
      left = liveThreadsLeft
    }
    return left
  }

  /// Sets the stop in motion and returns at once: for a watchdog that must not wait for those it has caught. Nobody who
  /// waits, or is about to, misses it.
  public func requestStop() {
    _ = cp_or(flags, Flags.stopping)
    if let world { world.stop() } else { cp_stop_sleepers(Unmanaged.passUnretained(self).toOpaque()) }
  }

  /// Names and states of the threads spawned so far.
  public var threadStates: [ThreadState] {
    if let world { return world.threads.map(\.account) }
    return live.withLock { $0.threads }.map(\.liveState)
  }

  private var liveThreadsLeft: Int {
    let me = cp_self()?.pointee.tid
    return live.withLock { $0.threads }.reduce(0) { $0 + ($1.isFinished || $1.liveThreadId == me ? 0 : 1) }
  }

  /// Who is told of a proven cycle of lock waits, by slot in the registry. Live only; the watchdog installs itself here.
  public func onLiveCycle(_ handler: @escaping @Sendable ([UInt32]) -> Void) {
    live.withLock { $0.onCycle = handler }
  }

  func reportLiveCycle(_ slots: [UInt32]) {
    live.withLock { $0.onCycle }?(slots)
  }

  func addLiveOverdue(thread: String, activity: String, limit: Duration, took: Duration) {
    let time = now
    live.withLock { state in
      if state.overdue.count < 10_000 { state.overdue.append((thread, activity, limit, took, time)) }
    }
  }
}
