import Basics
public import ChaosRuntime
import CPlatform
import Glibc
import Synchronization

/// Watches a live run: a proven cycle of lock waits, or no progress in an activity beyond its limit, writes one
/// stackdump.txt per incident. Never a timer alone, never an idle wait.
public final class ThreadWatchdog: @unchecked Sendable {
  /// Where dumps go and how the watchdog looks.
  public struct Options: Sendable {
    /// Absolute path of `stackdump.txt`; further incidents of other kinds go to `stackdump-2.txt` and so on, at most 8.
    /// Later ones are reported all the same, without a dump, and counted in `undumpedCount`.
    public var dumpPath: String
    /// How often activities are looked at.
    public var tick: Duration
    /// In place of every activity's own limit.
    public var stuckLimitOverride: Duration?
    /// By name of the activity, in place of its own limit; at most 64, and none where there is an override.
    public var stuckLimits: [(activity: String, limit: Duration)] = []
    /// Looks at a hang, the dump being the first: what the others saw is put into it. 1: the dump alone.
    public var looks = 3
    /// Between two of them.
    public var looksApart: Duration = .seconds(5)
    /// Finish dumps in a child process, if the program called `symbolizeIfRequested()`.
    public var symbolize: Bool
    /// Where a dump goes, as `stackdump-PID.txt`, that `dumpPath` does not take; nil: its head goes to stderr only.
    public var fallbackDirectory: String? = "/tmp"
    /// How the program was called, for its dumps; without secrets. Nil: the executable alone.
    public var command: String?
    /// Further lines of a dump's section NEXT, after the one that explains it: how to run the same again.
    public var next: [String] = []

    /// Options; `tick` bounds how late a hang is found, while a cycle is found when it closes.
    public init(
      dumpPath: String, tick: Duration = .milliseconds(50), stuckLimitOverride: Duration? = nil,
      symbolize: Bool = true
    ) {
      self.dumpPath = dumpPath
      self.tick = tick
      self.stuckLimitOverride = stuckLimitOverride
      self.symbolize = symbolize
    }
  }

  /// One dump that was attempted.
  public struct Dump: Sendable {
    /// What makes two incidents the same failure; one dump for each.
    public var fingerprint: String
    /// Where the dump stands, or should.
    public var path: String
    /// 0, or the errno because of which it is not at the path that was asked for; `path` says where it is then.
    public var error: Int32
    /// The child process has put the symbols in.
    public var isSymbolized: Bool
    /// From the last edge of a cycle to its report; nil for a hang.
    public var reportLatency: Duration?
    /// From the certainty to the complete raw dump on disk.
    public var dumpLatency: Duration
  }

  /// A stretch of at least a second in which nothing in the process ran.
  public struct Standstill: Sendable {
    /// When it began, on the run's clock.
    public var start: Instant
    /// How long it took.
    public var length: Duration
    /// The machine slept; else the process was stopped: SIGSTOP, a debugger, a frozen container.
    public var isSuspension: Bool
  }

  static let dumpsMax = 8
  /// Standstills that are kept.
  static let standstillsMax = 64
  /// Incidents of different kinds that are told apart; further ones are not reported.
  static let incidentsMax = 1024

  private let runtime: Runtime
  private let options: Options
  private let onIncident: @Sendable (Incident) -> Void
  private let cycleReports = CycleReportSlot()
  private let written = Mutex<[Dump]>([])
  private let stoodStill = Mutex<[Standstill]>([])
  private let undumped = Atomic<Int>(0)
  private let thread = Mutex<pthread_t?>(nil)

  /// A watchdog for a live run; nothing is watched before `start()`. `onIncident` is called on the watchdog's thread.
  public init(runtime: Runtime, options: Options, onIncident: @escaping @Sendable (Incident) -> Void = { _ in }) {
    precondition(!runtime.isSimulated, "a simulated run reports its incidents itself; see SimulatedDump")
    self.runtime = runtime
    self.options = options
    self.onIncident = onIncident
  }

  /// Begins to watch; returns once the watchdog is ready. A watchdog is started once.
  ///
  /// False: there is no memory for it, or no thread. Then nothing is watched, stderr says so, and the program goes on.
  @discardableResult public func start() -> Bool {
    let isReady = CycleReportSlot()
    let seen = isReady.seen
    let made = WatchdogLoop(
      runtime: runtime, options: options, cycleReports: cycleReports,
      onDump: { [self] dump in written.withLock { $0.append(dump) } },
      onSymbols: { [self] dump in written.withLock { $0[dump].isSymbolized = true } },
      onStandstill: { [self] one in
        stoodStill.withLock { if $0.count < Self.standstillsMax { $0.append(one) } }
      },
      onIncident: { [self] incident, isDumped in
        if !isDumped { undumped.add(1, ordering: .relaxed) }
        onIncident(incident)
      })
    guard let loop = made else { return Self.refuse("no address space for its tables") }
    let begin = ThreadBody {
      cp_thread_show_name("watchdog")
      cp_capture_accept()
      loop.prepare()
      isReady.ring()
      loop.run()
    }
    let cycleReports = cycleReports
    runtime.onLiveCycle { [unowned runtime] slots in
      // A cycle that only the stop closes is undone by it: a wait takes its lock back while everybody else leaves.
      if let first = slots.first, !runtime.isStopping { cycleReports.publish(slot: first) }
    }
    thread.withLock { thread in
      precondition(thread == nil, "a watchdog is started once")
      thread = begin.start()
    }
    guard thread.withLock({ $0 != nil }) else { return Self.refuse("no thread can be started") }
    while isReady.seen == seen { isReady.wait(seen: seen, until: 0) }
    return true
  }

  private static func refuse(_ reason: String) -> Bool {
    let line = "watchdog: not started: \(reason)\n"
    line.utf8.withContiguousStorageIfAvailable { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { cp_dump_say(2, $0.baseAddress, $0.count) }
    }
    return false
  }

  /// Ends the watch and waits for a dump under way, symbols included (at most 10 s). Call it after the run.
  public func stop() {
    cycleReports.close()
    runtime.onLiveCycle { _ in }
    let ended = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    if let ended, pthread_equal(ended, pthread_self()) == 0 { pthread_join(ended, nil) }
  }

  /// Dumps so far, in order.
  public var dumps: [Dump] { written.withLock { $0 } }

  /// Stretches in which nothing in the process ran, in order, the first 64; limits do not count them.
  public var standstills: [Standstill] { stoodStill.withLock { $0 } }

  /// Incidents that were reported without a dump, as 8 had been written.
  public var undumpedCount: Int { undumped.load(ordering: .relaxed) }
}

/// A plain thread of the system, unknown to the runtime that it watches.
private final class ThreadBody {
  private let body: () -> Void

  init(_ body: @escaping () -> Void) { self.body = body }

  /// Nil: the system has no thread left.
  func start() -> pthread_t? {
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(self).toOpaque()
    let result = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, argument)
    if result == 0 { return thread }
    Unmanaged<ThreadBody>.fromOpaque(argument).release()
    return nil
  }
}
