import Basics
import ChaosRuntime
import CPlatform
import Glibc
import Synchronization

/// A run with a watchdog of its own, for one hard test.
final class HardStage: Sendable {
  let runtime = Runtime(live: .simulationEpoch, disk: MemoryDisk(), choices: Choices(.seeded(1)))
  let watchdog: ThreadWatchdog
  let path: String
  private let found: Found

  private final class Found: Sendable {
    let incidents = Mutex<[Incident]>([])
    let bell = CycleReportSlot()
  }

  convenience init(
    _ directory: String, limit: Duration? = nil, _ change: (inout ThreadWatchdog.Options) -> Void = { _ in }
  ) {
    self.init(path: "\(directory)/stackdump.txt", limit: limit, change)
  }

  init(path: String, limit: Duration? = nil, _ change: (inout ThreadWatchdog.Options) -> Void = { _ in }) {
    self.path = path
    unlink(path)
    var options = ThreadWatchdog.Options(
      dumpPath: path, tick: .milliseconds(5), stuckLimitOverride: limit, symbolize: false)
    options.fallbackDirectory = nil
    options.looks = 1
    change(&options)
    let found = Found()
    self.found = found
    watchdog = ThreadWatchdog(runtime: runtime, options: options) { incident in
      found.incidents.withLock { $0.append(incident) }
      found.bell.ring()
    }
    watchdog.start()
  }

  var incidents: [Incident] { found.incidents.withLock { $0 } }

  var text: String { HardTest.contents(path) }

  /// Waits until that many incidents were reported; false: they were not within the time.
  func wait(for count: Int = 1, seconds: Int = 20) -> Bool {
    let deadline = cp_monotonic_ns() &+ UInt64(seconds) &* 1_000_000_000
    while cp_monotonic_ns() < deadline {
      let seen = found.bell.seen
      if incidents.count >= count { return true }
      found.bell.wait(seen: seen, until: deadline)
    }
    return false
  }

  /// What a thread of the run does; a stop ends it.
  func spawn(_ name: String, _ body: @escaping @Sendable (Runtime) throws(Stopped) -> Void) {
    let runtime = runtime
    do throws(Stopped) { try runtime.spawn(name) { () throws(Stopped) in try body(runtime) } } catch {}
  }

  /// Threads that each take a lock, meet, and want the next one's; at a gate of others they wait for those too.
  func ring(_ count: Int, prefix: String = "engine", gate other: Gate? = nil) {
    let locks = (0..<count).map { Lock(runtime, "\(prefix)-lock-\($0)") }
    let gate = other ?? Gate(count)
    for i in 0..<count {
      spawn("\(prefix)-\(i)") { runtime throws(Stopped) in
        try locks[i].lock()
        defer { locks[i].unlock() }
        try gate.pass(in: runtime)
        try locks[(i + 1) % count].withLock { () throws(Stopped) in }
      }
    }
  }

  /// Ends the run; what is wrong with its end, or nil.
  func end() -> String? {
    let left = runtime.stop()
    watchdog.stop()
    return left == 0 ? nil : "\(left) threads could not be stopped"
  }

  /// Opens once so many have come.
  final class Gate: Sendable {
    private let wanted: Int
    private let come = Atomic<Int>(0)

    init(_ wanted: Int) { self.wanted = wanted }

    func pass(in runtime: Runtime) throws(Stopped) {
      come.add(1, ordering: .sequentiallyConsistent)
      while come.load(ordering: .sequentiallyConsistent) < wanted { try runtime.sleep(.microseconds(200)) }
    }
  }
}
