import Basics
import CPlatform

/// A simulated world: its threads run one at a time on one OS thread, and its clock moves only when all of them wait.
///
/// A scheduling point stands before every operation of the runtime. There the strategy may let another thread run, or
/// stall the current one for a stretch of virtual time; without stalls code takes no time at all, and threads driven by
/// timers never meet.
///
/// Nothing in here knows the time of day, an address, or the order of a hash table, so that a seed is a schedule. Draws
/// and recorded choices are named by thread path, site and how often that thread met that site, and not by step number:
/// one choice more or less moves every later step number of the run, and would give every later draw another meaning.
/// With names, most of a recording still means the same when a line of it is removed, which is what shrinking lives on.
///
/// A carrier switches stacks in the middle of Swift functions. Two things follow. The runtime's check of exclusive
/// access keeps its list per OS thread, which all fibers share: two fibers within an access of one field would be taken
/// for a conflict and end the process. The scheduler's own fields are `@exclusivity(unchecked)`; the checks were two
/// fifths of a session's time besides. And no reference may be counted on the way into a switch that never returns; see
/// `FinalSwitch` and `Unretained`.
final class World {
  let carrier: any Carrier
  let strategy: (any Strategy)?
  let seed: UInt64
  let start: Int64
  let stepsMax: Int
  /// The last step that passes without a look at limits, traces and the pulse.
  @exclusivity(unchecked) var quietSteps: Int
  var pulse: RunProgress?
  @exclusivity(unchecked) var tracer: Tracer?
  @exclusivity(unchecked) var lockCount = 0
  /// Nil in all runs that nobody asks for their lock order.
  @exclusivity(unchecked) var lockOrder: LockOrderRecorder?
  let replay: ScheduleReplay?
  var onIncident: ((Incident) -> IncidentResponse)?

  @exclusivity(unchecked) var now: Int64
  /// Kept alive by `threads` or `outside`; a reference that counted would cost an atomic operation at every point.
  @exclusivity(unchecked) unowned(unsafe) var current: SimThread
  @exclusivity(unchecked) var runnable = RawList<ThreadReference>()
  @exclusivity(unchecked) var timers = TimerQueue()
  @exclusivity(unchecked) var threads: [SimThread] = []
  @exclusivity(unchecked) var isStopping = false
  /// Turns lost to others beyond which a thread starves; judged in fair schedules.
  @exclusivity(unchecked) var overtakenMax = Int.max
  /// Timed waits on conditions never time out.
  @exclusivity(unchecked) var ignoresTimeouts = false
  /// Beats, landmarks and ends of threads.
  @exclusivity(unchecked) var progress = 0
  @exclusivity(unchecked) var livelockDetector: LivelockDetector?
  /// False beyond the step limit: turns go round.
  @exclusivity(unchecked) var isExploring = true
  /// From then on turns are drawn fairly, nobody is stalled, and no wait ends without a signal.
  @exclusivity(unchecked) var isHealed = false
  @exclusivity(unchecked) var steps = 0
  /// Scheduling points at which more than one thread could run.
  @exclusivity(unchecked) var choicePoints = 0
  @exclusivity(unchecked) var switches = 0
  @exclusivity(unchecked) var nextActivityCheck = Int64.max
  @exclusivity(unchecked) var yields = FruitlessYields()
  @exclusivity(unchecked) var incidents: [Incident] = []
  @exclusivity(unchecked) var overdue: [OverdueActivity] = []
  @exclusivity(unchecked) var landmarks: [(name: String, count: Int)] = []
  @exclusivity(unchecked) var recorded = RawList<ScheduleChoice>(capacity: 64)
  /// Choices kept at most, and how many were not.
  @exclusivity(unchecked) var recordedMax = Choices.linesMax
  @exclusivity(unchecked) var recordedDropped = 0
  @exclusivity(unchecked) var captureRequester: SimThread?
  /// Threads that swallowed the stop and were parked, by path.
  @exclusivity(unchecked) var unresponsiveThreads: [String] = []
  /// Which threads had ended by themselves when the run was stopped.
  @exclusivity(unchecked) var threadsAtStop: [ThreadState] = []

  private(set) var objectNames: [String] = [""]
  private var objectIds: [String: Int] = ["": 0]
  var pathCounts: [String: Int] = [:]
  /// Paths of threads that never get a turn: a shrunk run can do without them.
  var held: Set<String> = []
  /// The OS thread's own flow of control, from which the run is started and to which it returns.
  let outside: SimThread

  init(
    carrier: any Carrier, strategy: (any Strategy)?, replay: ScheduleReplay?, seed: UInt64, start: Instant,
    stepsMax: Int,
    tracing: ScheduleTrace.Detail = .off
  ) {
    self.carrier = carrier
    self.strategy = strategy
    self.seed = seed
    self.start = start.nanoseconds
    self.stepsMax = stepsMax
    tracer = Tracer(tracing)
    quietSteps = tracing == .off ? stepsMax : 0
    now = start.nanoseconds
    outside = SimThread(name: "outside", path: "outside", id: -1, world: nil, body: nil)
    current = outside
    self.replay = replay
    strategy?.begin(seed: seed)
  }

  deinit {
    runnable.deallocate()
    recorded.deallocate()
    timers.deallocate()
  }

  func intern(_ name: String) -> Int {
    if let id = objectIds[name] { return id }
    let id = objectNames.count
    objectNames.append(name)
    objectIds[name] = id
    return id
  }

  func siteName(operation: Operation, object: Int) -> String {
    object == 0 ? operation.name : "\(operation.name) \(objectNames[object])"
  }

  // MARK: Scheduling points

  /// Stands before every operation. The strategy may run another thread first, or stall this one.
  @inline(__always) func point(_ operation: Operation, object: Int) throws(Stopped) {
    if !passes(operation, object: object) { throw .stopped }
  }

  /// A point that answers instead of throwing; false: the run stops. See `Unretained`.
  func passes(_ operation: Operation, object: Int) -> Bool {
    if !isStopping {
      steps &+= 1
      if steps > quietSteps { attend(operation, object: object) }
      if strategy != nil || replay != nil, isExploring { decide(operation, object: object) }
      if !isStopping { return true }
    }
    _ = stoppedInCurrent()
    return false
  }

  func attend(_ operation: Operation, object: Int) {
    tracer?.note(self, operation, object)
    if let pulse {
      pulse.beat()
      if tracer == nil { quietSteps = min(stepsMax, steps + RunProgress.stepsPerBeat) }
    }
    if steps > stepsMax { endgameStep(operation, object: object) }
  }

  func decide(_ operation: Operation, object: Int) {
    // `current` is read anew each time: a local that lives across calls would be counted, which costs more than the
    // read.
    let site = object << 4 | Int(operation.rawValue)
    let occurrence = nextOccurrence(site: site)
    if !runnable.isEmpty { choicePoints &+= 1 }
    let decision: Decision
    if let replay, now - start < replay.until ?? .max {
      decision = replay.decision(
        in: self, thread: current, operation: operation, object: object, occurrence: occurrence)
    } else {
      decision =
        nextDecision(operation, object: object, draw(current, site, occurrence), canProceed: true) ?? .proceed
    }
    switch decision {
    case .proceed: if operation == .yield { giveWay() }
    case .stay:
      guard operation == .yield, !runnable.isEmpty else { return }
      record(.run, current.id, operation, object, occurrence, value: Int64(current.id))
    case .run(let index):
      guard index < runnable.count else { return }
      // Recorded before the turn is given away: behind `transfer` time has passed, and others have made choices.
      let next = runnable.remove(at: index)
      // At a yield the longest-waiting thread is the default.
      if operation != .yield || index > 0 {
        record(.run, current.id, operation, object, occurrence, value: Int64(next.look { $0.id }))
      }
      current.state = .runnable
      current.operation = operation
      current.object = object
      runnable.append(ThreadReference(current))
      transfer(to: next)
    case .stall(let nanoseconds):
      guard nanoseconds > 0, !isHealed else { return }
      record(.stall, current.id, operation, object, occurrence, value: nanoseconds)
      current.operation = operation
      current.object = object
      block(as: .stalled, due: now.addingSaturated(nanoseconds))
    }
  }

  /// What the strategy says; after healing, turns that are drawn.
  func nextDecision(_ operation: Operation, object: Int, _ draw: UInt64, canProceed: Bool) -> Decision? {
    if isHealed { return healedDecision(draw, canProceed: canProceed) }
    return strategy?.next(
      SchedulingPoint(
        operation: operation, object: object, draw: draw, canProceed: canProceed, runnableCount: runnable.count,
        step: steps, elapsed: now - start, world: self))
  }

  /// Every thread that can run gets its turn with a probability that does not vanish, so that whoever waits for one is not
  /// starved, and races at the end of a program are met like all others (the fair tail of a randomized scheduler).
  private func healedDecision(_ draw: UInt64, canProceed: Bool) -> Decision {
    let isTurn = !canProceed || draw % World.healedSteps == 0
    guard strategy != nil, isTurn, !runnable.isEmpty else { return .proceed }
    return .run(Int((draw >> 32) % UInt64(runnable.count)))
  }

  /// Scheduling points, on average, after which the turn goes to another thread.
  private static let healedSteps: UInt64 = 8

  /// Hits of `site` by the current thread before this one. No access here spans a call, so none counts a reference.
  @inline(__always) func nextOccurrence(site: Int) -> UInt32 {
    if site >= current.occurrences.count { makeRoom(for: site) }
    let counter = current.occurrences.base + site
    let before = counter.pointee
    counter.pointee = before &+ 1
    return before
  }

  @inline(never) private func makeRoom(for site: Int) { current.occurrences.extend(to: site + 16, with: 0) }

  @inline(__always) func draw(_ thread: SimThread, _ site: Int, _ occurrence: UInt32) -> UInt64 {
    Mixing.mix(thread.key ^ (UInt64(site) << 32 | UInt64(occurrence)))
  }

  func record(
    _ kind: Recording.Kind, _ thread: Int, _ operation: Operation, _ object: Int, _ occurrence: UInt32,
    value: Int64
  ) {
    guard recorded.count < recordedMax else {
      recordedDropped += 1
      return
    }
    recorded.append(
      ScheduleChoice(
        kind: kind, thread: Int32(thread), operation: operation, object: Int32(object), occurrence: occurrence,
        value: value))
  }
}

/// An activity that was left, or found waiting, beyond its limit.
struct OverdueActivity {
  var thread: String
  var activity: String
  var limit: Int64
  var took: Int64
  var time: Int64
}

/// A scheduling choice in numbers; text is made when somebody wants to read it.
struct ScheduleChoice {
  let kind: Recording.Kind
  let thread: Int32
  let operation: Operation
  let object: Int32
  let occurrence: UInt32
  let value: Int64
}
