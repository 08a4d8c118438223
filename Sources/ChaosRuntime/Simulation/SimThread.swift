import Basics
import CPlatform

/// One thread of a simulated world.
final class SimThread {
  enum State {
    case notStarted, running, runnable, waitingLock, waitingCondition, sleeping, stalled, joining, finished
  }

  let name: String
  /// Spawn path, the same in every run of a program: parent's path, name, and a number when the name is taken.
  let path: String
  let id: Int
  /// Of its path.
  let hash: UInt64
  /// Seed and path, mixed: part of every draw of this thread.
  let key: UInt64
  unowned(unsafe) var world: World?
  let context: UnsafeMutablePointer<cp_context>
  /// Of a fiber.
  var stack: UnsafeMutableRawPointer?
  /// The OS thread, with the other carrier.
  var worker: Worker?
  var body: (@Sendable () throws(Stopped) -> Void)?

  @exclusivity(unchecked) var hasStarted = false
  @exclusivity(unchecked) var state = State.notStarted
  @exclusivity(unchecked) var since: Int64 = 0
  /// When it was made.
  @exclusivity(unchecked) var born: Int64 = 0
  /// What it will do, or waits to do, for strategies and dumps.
  @exclusivity(unchecked) var operation = Operation.start
  @exclusivity(unchecked) var object = 0
  @exclusivity(unchecked) var file: StaticString = ""
  @exclusivity(unchecked) var line: UInt32 = 0
  @exclusivity(unchecked) unowned(unsafe) var wantedLock: Lock?
  @exclusivity(unchecked) unowned(unsafe) var awaitedCondition: Condition?
  /// What a wait is for, where the program says so, and whether it was there when the time was up.
  @exclusivity(unchecked) var awaitedPredicate: (() -> Bool)?
  @exclusivity(unchecked) var isMasked = false
  /// Counters of condition and lock at the beginning of a wait, and turns lost to others since.
  @exclusivity(unchecked) var signalsAtWait = 0
  @exclusivity(unchecked) var acquisitionsAtWait = 0
  /// The lock among whose holders it waits, again and again, for its turn; -1: it got it.
  @exclusivity(unchecked) var turnLock = -1
  @exclusivity(unchecked) var overtaken = 0
  @exclusivity(unchecked) var joined: SimThread?
  /// Behind a pointer, so that taking and giving back a lock need not keep the thread alive meanwhile.
  let held: UnsafeMutablePointer<RawList<HeldLock>>
  /// Named activities it is in, innermost last; behind a pointer like `held`.
  let doing: UnsafeMutablePointer<RawList<SimActivity>>
  /// Grows whenever a wait ends, so that a timer of an earlier wait is void.
  @exclusivity(unchecked) var timerToken: UInt32 = 0
  @exclusivity(unchecked) var wokenByTimer = false
  /// Hits per site: index is object * 16 + operation.
  @exclusivity(unchecked) var occurrences = RawList<UInt32>(capacity: 64)
  @exclusivity(unchecked) var joiners: [SimThread] = []
  @exclusivity(unchecked) var capturedFrames: [UInt] = []
  /// Stops thrown into this thread; one that swallows them is parked for ever.
  @exclusivity(unchecked) var stopsThrown = 0

  /// What reports say of it.
  var account: ThreadState {
    let isFinished = state == .finished
    return ThreadState(
      name: name, startedAt: Instant(nanoseconds: born), endedAt: isFinished ? Instant(nanoseconds: since) : nil,
      isFinished: isFinished)
  }

  init(name: String, path: String, id: Int, world: World?, body: (@Sendable () throws(Stopped) -> Void)?) {
    self.name = name
    self.path = path
    self.id = id
    self.world = world
    self.body = body
    hash = Mixing.hash(path)
    key = Mixing.mix((world?.seed ?? 0) ^ hash)
    context = .allocate(capacity: 1)
    context.initialize(to: cp_context())
    held = .allocate(capacity: 1)
    held.initialize(to: RawList(capacity: 0))
    doing = .allocate(capacity: 1)
    doing.initialize(to: RawList(capacity: 0))
  }

  deinit {
    context.deallocate()
    held.pointee.deallocate()
    held.deallocate()
    doing.pointee.deallocate()
    doing.deallocate()
    occurrences.deallocate()
  }
}

extension SimThread {
  /// A copy of `doing`, for whoever reads in peace.
  var activities: [SimActivity] { doing.pointee.array }
}

struct HeldLock {
  unowned(unsafe) let lock: Lock
  let file: StaticString
  let line: UInt32
  let since: Int64
}

struct SimActivity: BitwiseCopyable {
  let name: StaticString
  let limit: Int64
  var beat: Int64
  var isReported = false
}
