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

  public init(directory: String, epoch: Instant, stuckLimit: Duration? = nil, limit: Duration) {
    self.directory = directory
    self.epoch = epoch
    self.stuckLimit = stuckLimit
    self.limit = limit
  }

  /// What a live run leaves behind; its files stand in the directory.
  public struct Report: Sendable {
    public var judgement: Judgement
    public var incidents: [Incident]
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
    let watchdog = Watchdog(
      runtime: runtime,
      options: Watchdog.Options(dumpPath: "\(directory)/stackdump.txt", stuckLimitOverride: stuckLimit),
      onIncident: { incident in
        incidents.withLock { $0.append(incident) }
        runtime.requestStop()
      })
    watchdog.start()
    let started = runtime.now
    let driver = try runtime.spawn("main") { () throws(Stopped) in try system.drive(session, in: runtime) }
    do throws(Stopped) { _ = try driver.join(timeout: limit) } catch {}
    let wasCut = !driver.isFinished && incidents.withLock { $0.isEmpty }
    if wasCut {
      incidents.withLock {
        $0.append(
          Incident(
            kind: .hang, time: runtime.now,
            summary: "the session had not ended after \(limit.seconds) s of real time", threads: ["main"]))
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
}
