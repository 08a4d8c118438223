public import Basics
public import ChaosRuntime
import Synchronization
public import Watchdog

/// One run and what came of it.
public struct RunReport: Sendable {
  /// What was asked for; running it again gives the same report.
  public var request: RunRequest
  /// What the system says of the run.
  public var judgement: Judgement
  /// What the watchdog is certain of, in the order of finding.
  public var incidents: [Incident]
  /// The choices of the run that were not the default, with seeds and strategy in its header.
  public var recording: Recording
  /// The stacks at the first incident; nil without one, or when the request did not want stacks.
  public var dump: SimulatedDump?
  /// Scheduling points.
  public var steps: Int
  /// Scheduling points at which another thread could have run.
  public var choicePoints: Int
  /// How often another thread got the turn.
  public var switches: Int
  /// Time that passed on the run's own clock.
  public var virtualTime: Duration
  /// Of a replay: lines that did not apply.
  public var unusedLines: Int { unapplied.count }
  /// Those lines and why, in the order of the recording.
  public var unapplied: [Recording.Unapplied]
  /// Paths of all threads, in the order of their birth.
  public var threadPaths: [String]
  /// Threads that the run started, its first included.
  public var threadCount: Int { threadPaths.count }
  /// Threads that swallowed the stop and had to be parked: a mistake in the program.
  public var unresponsiveThreads: [String] = []
  /// Nil unless the request asked for it.
  public var trace: ScheduleTrace?
  /// Nil unless the request asked for it.
  public var lockOrder: LockOrder?
  /// What a schedule of a `HandOffWatcher` saw; nil of the others.
  public var handOffs: HandOffs?
}

/// Runs systems in simulated worlds, one after another on one OS thread.
public final class Executor {
  private let pool = StackPool()
  /// Scheduling points after which a run counts as endless.
  public var stepsMax = 20_000_000
  /// Turns that a thread may lose to others in a fair schedule before it counts as starved.
  public var overtakenMax = 10_000
  /// What carries the threads of every run.
  public let carrier: CarrierKind
  /// Watches each run in real time; it ends the process when a thread computes or blocks without end.
  public var stuckRunMonitor: StuckRunMonitor?
  /// The carrier that a session's own files name.
  private let shownCarrier: CarrierKind

  /// `shownAs` lets the files of a cross-check be compared byte by byte with those of the other carrier.
  public init(carrier: CarrierKind = .fibers, shownAs: CarrierKind? = nil) {
    self.carrier = carrier
    shownCarrier = shownAs ?? carrier
  }

  /// Runs a system once and judges it; equal requests give equal reports. An incident ends the run.
  public func run<System: SystemUnderTest>(
    _ system: System, _ request: RunRequest, epoch: Instant = .simulationEpoch
  ) -> RunReport {
    let session = system.makeSession(request)
    var strategy: (any Strategy)?
    let schedule = request.schedule.map { plan -> any Strategy in
      let made = plan.makeStrategy()
      made.begin(seed: request.scheduleSeed)
      strategy = made
      return made
    }
    var simulation = Simulation(
      schedule: schedule, seed: request.scheduleSeed, epoch: epoch, stepsMax: stepsMax, carrier: carrier)
    simulation.tracing = request.tracing
    simulation.pulse = stuckRunMonitor?.enter(
      "scenario seed \(request.scenarioSeed), schedule seed \(request.scheduleSeed)")
    simulation.overtakenMax = overtakenMax
    simulation.ignoresTimeouts = request.ignoresTimeouts
    simulation.keepsLockOrder = request.wantsLockOrder
    let disk = MemoryDisk()
    let kept = Mutex<(runtime: Runtime?, dump: SimulatedDump?)>((nil, nil))
    let result = simulation.run(
      disk: disk, pool: pool,
      onIncident: { incident, view in
        if request.wantsStacks {
          let notes = kept.withLock { $0.runtime }?.notes.all ?? []
          let dump = SimulatedDump(incident: incident, threads: view.threads(stacks: true), notes: notes)
          kept.withLock { if $0.dump == nil { $0.dump = dump } }
        }
        return .stop
      },
      main: { runtime throws(Stopped) in
        kept.withLock { $0.runtime = runtime }
        try system.drive(session, in: runtime)
      })
    let runtime = kept.withLock { $0.runtime }
    var end = RunEnd(
      incidents: result.incidents, ended: result.ended, landmarks: runtime?.landmarks ?? [],
      overdueActivities: runtime?.overdueActivities ?? [], threads: result.threads,
      isStallFree: request.isStallFree, carrier: shownCarrier.rawValue, scheduleSeed: request.scheduleSeed,
      files: disk.files)
    end.unresponsiveThreads = result.unresponsiveThreads
    end.crashImages = disk.crashImages
    end.appends = disk.appends
    var recording = result.recording
    recording.header = header(request, strategy)
    return RunReport(
      request: request, judgement: system.judge(session, end), incidents: result.incidents, recording: recording,
      dump: kept.withLock { $0.dump }, steps: result.steps, choicePoints: result.choicePoints,
      switches: result.switches, virtualTime: result.ended - epoch, unapplied: result.unapplied,
      threadPaths: result.threadPaths, unresponsiveThreads: result.unresponsiveThreads, trace: result.trace,
      lockOrder: result.lockOrder, handOffs: (strategy as? any HandOffWatcher)?.observed)
  }

  /// The run alone, without its judgement: what benchmarks compare.
  public func runUnjudged<System: SystemUnderTest>(
    _ system: System, _ request: RunRequest, epoch: Instant = .simulationEpoch
  ) -> Simulation.Result {
    let session = system.makeSession(request)
    let simulation = Simulation(
      schedule: .explore(RandomWalk(noise: request.isStallFree ? .latencies : .stalls)), seed: request.scheduleSeed,
      epoch: epoch,
      stepsMax: stepsMax, carrier: carrier)
    return simulation.run(disk: MemoryDisk(), pool: pool) { runtime throws(Stopped) in
      try system.drive(session, in: runtime)
    }
  }

  private func header(_ request: RunRequest, _ strategy: (any Strategy)?) -> [(name: String, value: String)] {
    let text: String
    switch request.schedule {
    case .replay(let recording): return recording.header
    case .nominal: text = "nominal"
    case .explore: text = strategy?.summary ?? ""
    case .resample: text = "recording, then \(strategy?.summary ?? "")"
    }
    return [
      ("scenario_seed", "\(request.scenarioSeed)"), ("schedule_seed", "\(request.scheduleSeed)"),
      ("strategy", text), ("stall_free", "\(request.isStallFree)"),
    ]
  }
}
