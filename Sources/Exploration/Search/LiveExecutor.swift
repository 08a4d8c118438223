public import Basics
public import ChaosRuntime
import Synchronization
import Watchdog

/// Runs a system once on OS threads and the real clock, under the live watchdog.
public struct LiveExecutor {
  /// Where the session's files go; it exists.
  public var directory: String
  /// The time of the start; nil: the time of day.
  public var epoch: Instant?
  /// Overrides the limits of activities, so that a smoke test of a hang ends in seconds.
  public var stuckLimit: Duration?
  /// In place of the limits of activities of these names, where there is no override.
  public var stuckLimits: [(activity: String, limit: Duration)] = []
  /// A run that hangs goes on for two more looks of the watchdog, 10 s, before it is stopped.
  public var looksAgain = false
  /// Wall time after which the run is stopped, whatever it does.
  public var limit: Duration
  /// How the program was called, as dumps say it; nil: they name the executable alone.
  public var command: String?
  /// Lines that lead on from a dump: see `ThreadWatchdog.Options`.
  public var next: [String] = []
  /// Whether somebody wants the system to end by itself; asked about ten times a second.
  public var isInterrupted: @Sendable () -> Bool = { false }
  /// Wall time that the system may take for its end once it was interrupted.
  public var interruptedLimit = Duration.seconds(60)

  /// A runner; `limit` is the wall time that the run may take.
  public init(directory: String, epoch: Instant?, stuckLimit: Duration? = nil, limit: Duration) {
    self.directory = directory
    self.epoch = epoch
    self.stuckLimit = stuckLimit
    self.limit = limit
  }

  /// What a live run leaves behind; its files stand in the directory.
  public struct Report: Sendable {
    /// What the system says of the run.
    public var judgement: Judgement
    /// What the live watchdog found, or one hang when the run was cut off at its limit.
    public var incidents: [Incident]
    /// Wall time from the start of the threads to the end of the run.
    public var took: Duration
    /// Threads that could not be stopped.
    public var leakedThreads: Int
    /// Stretches in which the process stood still.
    public var standstills: [ThreadWatchdog.Standstill] = []
  }

  /// Real time from a hang to the stop that it causes, for the looks.
  private static let looksLast = Duration.milliseconds(10_500)

  /// `files` lists what stands in the directory when the run has ended.
  public func run<System: SystemUnderTest>(
    _ system: System, _ request: RunRequest, files: () -> [(path: String, bytes: [UInt8])]
  ) throws(Stopped) -> Report {
    let choices = Choices(.seeded(request.scheduleSeed))
    let runtime = Runtime(live: epoch, disk: FileDisk(directory: directory), choices: choices)
    let incidents = Mutex<[Incident]>([])
    let session = system.makeSession(request)
    var options = ThreadWatchdog.Options(dumpPath: "\(directory)/stackdump.txt", stuckLimitOverride: stuckLimit)
    options.stuckLimits = stuckLimits
    (options.command, options.next) = (command, next)
    options.looks = looksAgain ? options.looks : 1
    let looksAgain = looksAgain
    let stopAt = Mutex<Instant?>(nil)
    let watchdog = ThreadWatchdog(
      runtime: runtime, options: options,
      onIncident: { incident in
        incidents.withLock { $0.append(incident) }
        guard looksAgain, incident.kind == .hang else { return runtime.requestStop() }
        let soon = runtime.now + Self.looksLast
        stopAt.withLock { $0 = $0 ?? soon }
      })
    let isWatching = watchdog.start()
    let started = runtime.now
    let driver = try runtime.spawn("main") { () throws(Stopped) in try system.drive(session, in: runtime) }
    let cut = wait(for: driver, runtime) { stopAt.withLock { $0 } }
    if let cut, incidents.withLock({ $0.isEmpty }) {
      incidents.withLock {
        $0.append(Incident(kind: .hang, time: runtime.now, summary: cut, threads: ["main"]))
      }
    }
    let threads = runtime.threadStates
    let leaked = runtime.stop()
    watchdog.stop()
    var end = RunEnd(
      incidents: incidents.withLock { $0 }, ended: runtime.now, landmarks: runtime.landmarks,
      overdueActivities: runtime.overdueActivities, threads: threads, isStallFree: true, carrier: "live",
      scheduleSeed: request.scheduleSeed, files: files())
    end.standstills = watchdog.standstills.map {
      RunEnd.Standstill(start: $0.start, length: $0.length, cause: $0.isSuspension ? .suspended : .stopped)
    }
    end.unwatched = isWatching ? Self.unwatched(runtime) : "the watchdog could not be started"
    return Report(
      judgement: system.judge(session, end), incidents: incidents.withLock { $0 }, took: runtime.now - started,
      leakedThreads: leaked, standstills: watchdog.standstills)
  }

  private static func unwatched(_ runtime: Runtime) -> String? {
    let count = runtime.unlistedThreadCount
    guard count > 0 else { return nil }
    return "the watchdog's table was full: \(count) \(count == 1 ? "thread" : "threads") of the run ran beyond it"
  }

  /// Waits for the driver's end, or the run's; what is said when neither came in time.
  private func wait(for driver: ThreadHandle, _ runtime: Runtime, stopAt: () -> Instant?) -> String? {
    var due = runtime.now + limit
    var cut = "the session had not ended after \(limit.seconds) s of real time"
    var hasHeard = false
    while runtime.now < due {
      if let stopAt = stopAt(), runtime.now >= stopAt { runtime.requestStop() }
      if !hasHeard, isInterrupted() {
        hasHeard = true
        let soon = runtime.now + interruptedLimit
        if soon < due {
          (due, cut) = (soon, "the session had not ended \(interruptedLimit.seconds) s after it was interrupted")
        }
      }
      do throws(Stopped) { if try driver.join(timeout: .milliseconds(100)) { return nil } } catch { break }
    }
    return driver.isFinished ? nil : cut
  }
}
