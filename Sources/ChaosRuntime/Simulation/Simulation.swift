public import Basics
import CPlatform

/// One simulated run, from its first thread to its last.
public struct Simulation {
  /// Who decides; `nominal` unless said otherwise.
  public var schedule: Schedule<any Strategy>
  /// Of scheduling, latencies and faults.
  public var seed: UInt64
  /// Where the clock stands at first.
  public var epoch: Instant
  /// Scheduling points after which the run counts as endless.
  public var stepsMax: Int
  /// What carries the simulated threads; the schedule is the same on either.
  public var carrier: CarrierKind
  /// Turns that a thread may lose to others in a fair schedule before it counts as starved.
  public var overtakenMax = 10_000
  /// Timed waits on conditions last until they are signalled: what a time limit hides comes out.
  public var ignoresTimeouts = false
  /// What is kept of the steps, for comparisons.
  public var tracing = ScheduleTrace.Detail.off
  /// Told of progress in real time, for a guard.
  public var pulse: RunProgress?
  /// Whether the order in which locks are taken is kept.
  public var keepsLockOrder = false
  /// Lines of the recording kept at most, scheduling choices and others each.
  var linesMax = Choices.linesMax

  /// A run to be started with `run`; equal values give equal runs, byte for byte.
  public init(
    schedule: Schedule<any Strategy> = .nominal, seed: UInt64 = 1, epoch: Instant = .simulationEpoch,
    stepsMax: Int = 20_000_000, carrier: CarrierKind = .fibers
  ) {
    self.schedule = schedule
    self.seed = seed
    self.epoch = epoch
    self.stepsMax = stepsMax
    self.carrier = carrier
  }

  /// What a run leaves behind.
  public struct Result: Sendable {
    /// What was found, in the order of finding; a handler that carries on may see several.
    public var incidents: [Incident]
    /// Every choice of the run that was not the default.
    public var recording: Recording
    /// Scheduling points, those of them with a choice, and switches between threads.
    public var steps: Int
    /// Scheduling points at which more than one thread could have gone on.
    public var choicePoints: Int
    /// How often another thread got the turn.
    public var switches: Int
    /// Where the virtual clock stood at the end.
    public var ended: Instant
    /// Threads that swallowed `Stopped` and had to be parked.
    public var leakedThreads: Int { unresponsiveThreads.count }
    /// Their paths, in the order in which they were parked.
    public var unresponsiveThreads: [String]
    /// All threads, and whether each had ended when the run was stopped.
    public var threads: [ThreadState]
    /// Paths of all threads, in the order of their birth.
    public var threadPaths: [String]
    /// Replay: lines whose moment never came, or whose target could not run.
    public var unusedLines: Int { unapplied.count }
    /// Those lines and why, in the order of the recording: faults and latencies first.
    public var unapplied: [Recording.Unapplied]
    /// Nil when none was asked for.
    public var trace: ScheduleTrace?
    /// Nil when it was not asked for.
    public var lockOrder: LockOrder?
  }

  /// Runs `main` as the first thread, until it returns; then stops what is left and waits for it.
  ///
  /// `prepare` gets the runtime before anything runs: install interposers, make locks. `pool` lends stacks; reuse it from
  /// run to run on one OS thread.
  public func run(
    disk: any Disk, pool: StackPool = StackPool(),
    onIncident: ((Incident, SimulatedView) -> IncidentResponse)? = nil,
    main: @escaping @Sendable (Runtime) throws(Stopped) -> Void
  ) -> Result {
    let (strategy, replay, choices) = choiceSource()
    var until: Int64?
    if case .resample(_, let after, _) = schedule { until = after.nanoseconds }
    let world = World(
      carrier: makeCarrier(pool), strategy: strategy, replay: replay.map { ScheduleReplay($0, until: until) },
      seed: seed, start: epoch,
      stepsMax: stepsMax, tracing: tracing)
    world.recordedMax = linesMax
    world.held = Set(replay?.heldThreads ?? [])
    world.pulse = pulse
    if pulse != nil { world.quietSteps = min(world.quietSteps, RunProgress.stepsPerBeat) }
    if keepsLockOrder { world.lockOrder = LockOrderRecorder() }
    if strategy?.isFair == true { world.overtakenMax = overtakenMax }
    world.ignoresTimeouts = ignoresTimeouts
    let runtime = Runtime(world: world, disk: disk, choices: choices)
    world.onIncident = { incident in
      onIncident?(incident, SimulatedView(world: world)) ?? .stop
    }
    let first = world.makeThread(name: "main") { () throws(Stopped) in
      do throws(Stopped) { try main(runtime) } catch {}
      runtime.stop()
    }
    world.runnable.removeAll()
    pulse?.begin(world)
    world.transfer(to: ThreadReference(first))
    pulse?.end()
    world.onIncident = nil
    for thread in world.threads where thread.stopsThrown <= 10_000 { world.carrier.reclaim(thread) }
    world.tracer?.finish(world)
    let result = Result(
      incidents: world.incidents, recording: world.recording(with: choices), steps: world.steps,
      choicePoints: world.choicePoints, switches: world.switches, ended: Instant(nanoseconds: world.now),
      unresponsiveThreads: world.unresponsiveThreads,
      threads: world.threadsAtStop, threadPaths: world.threads.map(\.path),
      unapplied: choices.unapplied + (world.replay?.unapplied ?? []),
      trace: world.tracer?.trace, lockOrder: world.lockOrder?.order)
    world.threads.removeAll()
    runtime.removeInterposer()
    return result
  }

  private func makeCarrier(_ pool: StackPool) -> any Carrier {
    switch carrier {
    case .fibers where cp_can_switch_stacks(): FiberCarrier(pool: pool)
    case .fibers: ThreadCarrier(pool: pool)
    case .threads: ThreadCarrier(pool: pool)
    }
  }

  private func choiceSource() -> (strategy: (any Strategy)?, replay: Recording?, choices: Choices) {
    switch schedule {
    case .nominal: return (nil, nil, Choices(.seeded(seed), linesMax: linesMax))
    case .replay(let recording): return (nil, recording, Choices(.replay(recording), linesMax: linesMax))
    case .resample(let recording, _, let strategy):
      return (strategy, recording, Choices(.replay(recording), linesMax: linesMax))
    case .explore(let strategy):
      // The strategy lives on the one OS thread that runs this world.
      nonisolated(unsafe) let latencies = strategy
      return (strategy, nil, Choices(.seeded(seed), linesMax: linesMax, latency: { latencies.latency(draw: $0) }))
    }
  }
}

/// What an incident handler may look at while the world stands still.
public struct SimulatedView {
  let world: World

  /// What each thread does now; with `stacks` also its program counters, for which parked threads walk their own
  /// stacks.
  public func threads(stacks: Bool) -> [ThreadSnapshot] { world.snapshot(stacks: stacks) }
}

extension Runtime {
  /// Simulated: from now on no thread is stalled, no wait ends without a signal, and an exploring schedule draws its turns
  /// fairly; faults are the injector's business. Live: nothing to do.
  public func heal() { world?.isHealed = true }

  /// Scheduling points so far; 0 live.
  public var steps: Int { world?.steps ?? 0 }
}

extension World {
  func recording(with choices: Choices) -> Recording {
    var lines = choices.recorded
    lines.reserveCapacity(lines.count + recorded.count)
    var sites = [String?](repeating: nil, count: objectNames.count << 4)
    for index in 0..<recorded.count {
      let choice = recorded[index]
      let number = Int(choice.object) << 4 | Int(choice.operation.rawValue)
      let site = sites[number] ?? siteName(operation: choice.operation, object: Int(choice.object))
      sites[number] = site
      let value = choice.kind == .run ? threads[Int(choice.value)].path : "\(choice.value)"
      lines.append(
        Recording.Line(
          kind: choice.kind, subject: threads[Int(choice.thread)].path, site: site, occurrence: Int(choice.occurrence),
          value: value))
    }
    var recording = Recording(lines: lines)
    recording.droppedLines = choices.droppedCount + recordedDropped
    return recording
  }
}
