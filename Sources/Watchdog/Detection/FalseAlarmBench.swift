import Basics
public import ChaosRuntime
import CPlatform
import Glibc
import Synchronization

/// Looks for deadlocks where there are none: threads that contend for a few locks in good order, under a watchdog that
/// looks as often as it can, and takes a second look at every thread five times as often.
public enum FalseAlarmBench {
  /// What a run found; a healthy watchdog found nothing.
  public struct Result: Sendable {
    /// Times that a lock was taken.
    public var sections: Int
    /// Threads that were looked at while they waited for a lock.
    public var looks: Int
    /// Circles that such a look took for proven.
    public var circles: Int
    /// What the watchdog reported.
    public var incidents: [Incident]
    /// Wall time of the run.
    public var seconds: Double
  }

  static let threads = 8
  static let locks = 4
  private static let pause: Duration = .microseconds(200)

  /// Takes locks about `sections` times; dumps of a false alarm go to `directory`.
  public static func run(directory: String, sections: Int) -> Result {
    let runtime = Runtime(live: .simulationEpoch, disk: MemoryDisk(), choices: Choices(.seeded(1)))
    let incidents = Mutex<[Incident]>([])
    let watchdog = ThreadWatchdog(
      runtime: runtime,
      options: ThreadWatchdog.Options(
        dumpPath: "\(directory)/false-alarm.txt", tick: .milliseconds(1), symbolize: false)
    ) { incident in incidents.withLock { $0.append(incident) } }
    watchdog.start()
    let begun = cp_monotonic_ns()
    let looker = Looker(runtime)
    looker.start()
    let locks = (0..<Self.locks).map { Lock(runtime, "lock-\($0)") }
    let each = max(1, sections / threads / 3)
    do throws(Stopped) {
      let workers = try (0..<threads).map { number throws(Stopped) in
        try runtime.spawn("worker-\(number)") { () throws(Stopped) in try work(number, each, locks) }
      }
      for worker in workers { try worker.join() }
    } catch {}
    let (looks, circles) = looker.stop()
    let seconds = Double(cp_monotonic_ns() &- begun) / 1e9
    runtime.stop()
    watchdog.stop()
    return Result(
      sections: each * threads * 3, looks: looks, circles: circles, incidents: incidents.withLock { $0 },
      seconds: seconds)
  }

  /// One lock that all want, held while others get the processor, so that they have to wait; and two in ascending order.
  private static func work(_ number: Int, _ rounds: Int, _ locks: [Lock]) throws(Stopped) {
    for round in 0..<rounds {
      try locks[0].withLock { () throws(Stopped) in _ = sched_yield() }
      let low = (number &+ round) % (locks.count - 1)
      try locks[low].withLock { () throws(Stopped) in
        try locks[low + 1].withLock { () throws(Stopped) in }
      }
    }
  }

  /// A thread of the system that looks at every registered thread of a runtime, again and again.
  private final class Looker: Sendable {
    private let owner: UInt
    private let isOver = Atomic<Bool>(false)
    private let found = Mutex<(looks: Int, circles: Int)>((0, 0))
    private let clock: Runtime

    init(_ runtime: Runtime) {
      owner = UInt(bitPattern: Unmanaged.passUnretained(runtime).toOpaque())
      clock = Runtime(live: .simulationEpoch, disk: MemoryDisk(), choices: Choices(.seeded(1)))
    }

    func start() {
      do throws(Stopped) { try clock.spawn("looker") { [self] () throws(Stopped) in try look() } } catch {}
    }

    func stop() -> (looks: Int, circles: Int) {
      isOver.store(true, ordering: .relaxed)
      clock.stop()
      return found.withLock { $0 }
    }

    private func look() throws(Stopped) {
      let slots = UnsafeMutablePointer<UInt32>.allocate(capacity: Int(CP_CYCLE_MAX))
      defer { slots.deallocate() }
      while !isOver.load(ordering: .relaxed) {
        var (looks, circles) = (0, 0)
        for slot in 0..<UInt32(CP_THREADS_MAX) {
          guard let thread = cp_thread_at(slot), cp_thread_is_in_use(thread),
            UInt(bitPattern: cp_thread_owner(thread)) == owner, cp_thread_waits_for_lock(thread)
          else { continue }
          looks += 1
          if cp_find_cycle(slot, slots) > 0 { circles += 1 }
        }
        found.withLock { [looks, circles] in
          $0.looks += looks
          $0.circles += circles
        }
        try clock.sleep(FalseAlarmBench.pause)
      }
    }
  }
}
