public import Basics
public import ChaosRuntime
import Synchronization
import Watchdog

/// Runs a system once on OS threads and the real clock, under the live watchdog.
public struct LiveExecutor {
  /// Where the session's files go; it exists.
  public var directory: String
  /// The wall-clock moment of the start.
  public var epoch: Instant
  /// Overrides the limits of activities, so that a smoke test of a hang ends in seconds.
  public var stuckLimit: Duration?
  /// Wall time after which the run is stopped, whatever it does.
  public var limit: Duration
  /// Whether somebody wants the system to end by itself; asked about ten times a second.
  public var isInterrupted: @Sendable () -> Bool = { false }
  /// Wall time that the system may take for its end once it was interrupted.
  public var interruptedLimit = Duration.seconds(60)

  /// A runner; `limit` is the wall time that the run may take.
  public init(directory: String, epoch: Instant, stuckLimit: Duration? = nil, limit: Duration) {
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
  }

  /// `files` lists what stands in the directory when the run has ended.
  public func run<System: SystemUnderTest>(
    _ system: System, _ request: RunRequest, files: () -> [(path: String, bytes: [UInt8])]
  ) throws(Stopped) -> Report {
    let choices = Choices(.seeded(request.scheduleSeed))
    let runtime = Runtime(live: epoch, disk: FileDisk(directory: directory), choices: choices)
    let incidents = Mutex<[Incident]>([])
    let session = system.makeSession(request)
    let watchdog = ThreadWatchdog(
      runtime: runtime,
      options: ThreadWatchdog.Options(dumpPath: "\(directory)/stackdump.txt", stuckLimitOverride: stuckLimit),
      onIncident: { incident in
        incidents.withLock { $0.append(incident) }
        runtime.requestStop()
      })
    watchdog.start()
    let started = runtime.now
    let driver = try runtime.spawn("main") { () throws(Stopped) in try system.drive(session, in: runtime) }
    let cut = wait(for: driver, runtime)
    if let cut, incidents.withLock({ $0.isEmpty }) {
      incidents.withLock {
        $0.append(Incident(kind: .hang, time: runtime.now, summary: cut, threads: ["main"]))
      }
    }
    let threads = runtime.threadStates
    let leaked = runtime.stop()
    watchdog.stop()
    let end = RunEnd(
      incidents: incidents.withLock { $0 }, ended: runtime.now, landmarks: runtime.landmarks,
      overdueActivities: runtime.overdueActivities, threads: threads, isStallFree: true, carrier: "live",
      scheduleSeed: request.scheduleSeed, files: files())
    return Report(
      judgement: system.judge(session, end), incidents: incidents.withLock { $0 }, took: runtime.now - started,
      leakedThreads: leaked)
  }

  /// Waits for the driver's end, or the run's; what is said when neither came in time.
  private func wait(for driver: ThreadHandle, _ runtime: Runtime) -> String? {
    var due = runtime.now + limit
    var cut = "the session had not ended after \(limit.seconds) s of real time"
    var hasHeard = false
    while runtime.now < due {
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
