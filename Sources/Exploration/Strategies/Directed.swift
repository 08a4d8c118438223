import Basics
public import ChaosRuntime

/// Brings about chosen hand-offs: a read waits for the write it is to see, and other writes wait for that read.
///
/// What no random order finds, a checker between two writes of one among twenty threads, takes two such targets. The search
/// picks them from the hand-offs that earlier schedules showed, the rare and the unseen ones first (after Wolff, Shi, Duck,
/// Mathur and Roychoudhury, "Greybox Fuzzing for Concurrency Testing", ASPLOS 2024). Between targets it is a sticky random
/// walk; a target that would stop everything is dropped. A thread that yields makes way for another three times in four.
public final class Directed: HandOffWatcher {
  /// Hand-offs to bring about; without any, it walks and watches.
  public let targets: [HandOffs.Pair]
  // Only the thread that has its turn asks a strategy; checking each access again costs a tenth of a schedule.
  @exclusivity(unchecked) private var noise: TimeNoise
  @exclusivity(unchecked) private var draws = SplitMix(seed: 0)
  private var stickiness = 0.0
  @exclusivity(unchecked) private var isOpen: [Bool] = []
  /// What this run showed.
  @exclusivity(unchecked) public private(set) var observed = HandOffs()

  private struct Pending {
    var event: UInt64 = 0
    var object = 0
    var operation = Operation.start
  }

  @exclusivity(unchecked) private var stems: [UInt64] = []
  @exclusivity(unchecked) private var objects: [UInt64] = []
  @exclusivity(unchecked) private var pending: [Pending] = []
  /// By thread: a lock it is taking, seen as taken at its next step.
  @exclusivity(unchecked) private var taking: [Pending] = []
  /// By object: the last write or release.
  @exclusivity(unchecked) private var sources: [UInt64] = []
  /// Arrivals by thread, and then by object and operation.
  @exclusivity(unchecked) private var counts: [[UInt8]] = []
  /// Threads that run only when no other can; see `HoldAndWait`.
  @exclusivity(unchecked) var givingWay = GivingWay()
  /// Indices that may run, of one choice.
  @exclusivity(unchecked) private var free: [Int] = []

  /// A schedule that aims at `targets`.
  public init(targets: [HandOffs.Pair], noise: StrategyPlan.Noise) {
    self.targets = targets
    self.noise = TimeNoise(noise)
  }

  /// Opens every target again, forgets what the last run showed, and draws how sticky the walk is.
  public func begin(seed: UInt64) {
    draws = SplitMix(seed: Mixing.mix(seed, 0xD12EC7))
    noise.begin(&draws)
    stickiness = [0, 0.5, 0.9][Mixing.index(draws.next(), below: 3)]
    isOpen = targets.map { _ in true }
    observed = HandOffs()
    stems.removeAll(keepingCapacity: true)
    objects.removeAll(keepingCapacity: true)
    pending.removeAll(keepingCapacity: true)
    taking.removeAll(keepingCapacity: true)
    sources.removeAll(keepingCapacity: true)
    counts.removeAll(keepingCapacity: true)
    givingWay.removeAll()
  }

  /// A thread that completes a ready target runs at once, one that would spoil a target is held back, and among the
  /// others the walk draws; when all are held back, one target is given up.
  public func next(_ point: borrowing SchedulingPoint) -> Decision {
    let me = point.thread
    meet(me, point)
    if point.canProceed {
      arrive(me, point)
      if let length = noise.stall(point.draw) { return .stall(length) }
      if point.runnableCount == 0 {
        happen(me)
        return .proceed
      }
    }
    let index = choose(point)
    happen(index < 0 ? me : point.runnable(index).thread)
    if index < 0 { return point.isYielding ? .stay : .proceed }
    return .run(index)
  }

  /// As the noise has it.
  public func latency(draw: UInt64) -> Int { noise.latency(draw) }

  /// As the noise has it.
  public func wakesSpuriously(draw: UInt64) -> Bool { noise.wakes(draw) }

  /// Name, number of targets and the noise drawn for this run.
  public var summary: String { "directed, \(targets.count) hand-offs, \(noise.summary)" }

  // MARK: Choosing

  private enum Wish { case free, held, urgent }

  /// Index of the thread to run; -1 is the current one.
  private func choose(_ point: borrowing SchedulingPoint) -> Int {
    let makesWay = point.isYielding && !RandomWalk.staysAtYield(draws.next())
    let first = point.canProceed && !makesWay ? -1 : 0
    free.removeAll(keepingCapacity: true)
    for index in first..<point.runnableCount {
      switch wish(of: thread(index, point)) {
      case .urgent: return index
      case .free: free.append(index)
      case .held: break
      }
    }
    if free.isEmpty {
      let index = first + Mixing.index(draws.next(), below: point.runnableCount - first)
      giveUp(thread(index, point))
      return index
    }
    if free[0] < 0, Mixing.unit(draws.next()) < stickiness { return -1 }
    return free[Mixing.index(draws.next(), below: free.count)]
  }

  private func thread(_ index: Int, _ point: borrowing SchedulingPoint) -> Int {
    index < 0 ? point.thread : point.runnable(index).thread
  }

  private func wish(of thread: Int) -> Wish {
    if givingWay.contains(thread) { return .held }
    guard !targets.isEmpty, thread < pending.count, pending[thread].event != 0 else { return .free }
    let its = pending[thread]
    var result = Wish.free
    for (index, target) in targets.enumerated() where isOpen[index] && target.object == objects[its.object] {
      let isReady = sources[its.object] == target.from
      if its.event == target.to {
        if !isReady { return .held }
        result = .urgent
      } else if isReady, its.operation != .read {
        return .held
      }
    }
    return result
  }

  private func giveUp(_ thread: Int) {
    guard thread < pending.count, pending[thread].event != 0 else { return }
    for (index, target) in targets.enumerated() where target.object == objects[pending[thread].object] {
      isOpen[index] = false
    }
  }

  // MARK: Watching

  /// The current thread is back: what it was about to do has happened.
  private func meet(_ me: Int, _ point: borrowing SchedulingPoint) {
    while stems.count <= me {
      stems.append(Mixing.hash(String(Self.stem(point.threadName(stems.count)))))
      pending.append(Pending())
      taking.append(Pending())
    }
    happen(me)
    guard point.canProceed, taking[me].event != 0 else { return }
    receive(taking[me])
    taking[me].event = 0
  }

  private func arrive(_ me: Int, _ point: borrowing SchedulingPoint) {
    let operation = point.operation
    switch operation {
    case .read, .write, .lock, .unlock: break
    default: return
    }
    let object = point.object
    while objects.count <= object {
      objects.append(Mixing.hash(point.objectName(objects.count)))
      sources.append(0)
    }
    let count = arrivals(me, object << 4 | Int(operation.rawValue))
    let event = Mixing.mix(stems[me], objects[object], UInt64(operation.rawValue) << 8 | UInt64(count)) | 1
    // The point of an unlock stands behind the release.
    if operation == .unlock { return give(Pending(event: event, object: object, operation: operation)) }
    pending[me] = Pending(event: event, object: object, operation: operation)
  }

  /// Earlier arrivals of a thread at a site, counted up to two.
  private func arrivals(_ thread: Int, _ site: Int) -> UInt8 {
    while counts.count <= thread { counts.append([]) }
    let missing = site + 1 - counts[thread].count
    if missing > 0 { counts[thread].append(contentsOf: repeatElement(0, count: missing + 32)) }
    let count = counts[thread][site]
    if count < 2 { counts[thread][site] = count + 1 }
    return count
  }

  private func happen(_ thread: Int) {
    guard thread < pending.count, pending[thread].event != 0 else { return }
    let its = pending[thread]
    pending[thread].event = 0
    switch its.operation {
    case .read: receive(its)
    case .write: give(its)
    default: taking[thread] = its
    }
  }

  private func receive(_ its: Pending) {
    let object = objects[its.object]
    observed.add(HandOffs.Pair(object: object, from: sources[its.object], to: its.event))
    observed.add(receiver: HandOffs.Event(object: object, id: its.event, isLock: its.operation == .lock))
    for (index, target) in targets.enumerated() where target.to == its.event { isOpen[index] = false }
  }

  private func give(_ its: Pending) {
    sources[its.object] = its.event
    observed.add(
      giver: HandOffs.Event(object: objects[its.object], id: its.event, isLock: its.operation == .unlock))
  }

  /// A thread's name without the number at its end: `worker-3` and `worker-4` are alike.
  static func stem(_ name: String) -> Substring {
    var stem = name[...]
    while let last = stem.last, last.isNumber || last == "-" || last == "_" || last == " " || last == "#" {
      stem.removeLast()
    }
    return stem.isEmpty ? name[...] : stem
  }
}
