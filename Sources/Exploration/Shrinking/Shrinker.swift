public import Basics
public import ChaosRuntime

/// Reduces a failing recording to a small one that fails in the same way.
///
/// Greedy passes over the choices, repeated until one round finds nothing: horizon, groups, single choices (later ones
/// first), weaker values, earlier or later moments, what the system itself offers to leave out, and threads that a cycle of
/// locks does not need. Where several choices of the schedule are left, another schedule is tried. A candidate counts only
/// when it ends with the same fingerprint. After Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input",
/// IEEE Transactions on Software Engineering 28 (2002).
public final class Shrinker<System: SystemUnderTest> {
  /// Why nothing was shrunk.
  public enum Problem: Error, Sendable, CustomStringConvertible {
    /// Every check holds, and there was no incident.
    case noFailure
    /// Two runs of the recording were not the same.
    case unstable(Divergence)

    /// What is wrong with the recording, for people.
    public var description: String {
      switch self {
      case .noFailure: "the recording does not fail: every check of the run holds, and no thread stood still"
      case .unstable(let divergence): "the recording does not fail in the same way twice: \(divergence)"
      }
    }
  }

  /// Runs at most, the two that check the recording and the last one included.
  public let executionsMax: Int
  private let request: RunRequest
  private let checks: [String]
  private let executor: Executor
  private let epoch: Instant
  private let reductions: (System, RunReport) -> [Reduction<System>]
  private let progress: (_ executions: Int, _ choices: Int) -> Void
  private let isInterrupted: () -> Bool

  private var system: System
  private var report: RunReport
  private var taken: [String] = []
  private var fingerprint: FailureFingerprint
  private var rejected: Set<UInt64> = []
  private var executions = 0
  private var repeats = 0
  /// Runs at most for what is being done.
  private var budget: Int
  /// Choices of the schedule above which another one is looked for.
  private static var scheduleMax: Int { 3 }
  /// Schedules drawn for each of the eight moments.
  private static var redrawnSamples: Int { 10 }

  /// What is left of a failing run.
  public struct Result {
    /// The program with everything left out that it could do without.
    public var system: System
    /// The smallest failing run, with stacks and steps.
    public var report: RunReport
    /// What every accepted candidate had to fail with.
    public var fingerprint: FailureFingerprint
    /// What the program could do without.
    public var leftOut: [String]
    /// Lines of the recording that was given.
    public var choicesBefore: Int
    /// Runs spent, the checks of the recording and the last run included.
    public var executions: Int
    /// Candidates that were known from before and cost no run.
    public var cached: Int
    /// Whether the executions ended before a round found nothing.
    public var isCut: Bool

    /// What is left of the recording.
    public var recording: Recording { report.recording }
  }

  /// Runs `recording` twice: it must fail by one of `checks` or by an incident, and leave the same bytes both times.
  ///
  /// `request` gives the seeds; `reductions` is asked for smaller programs and may answer none; `progress` is told after each run;
  /// once `isInterrupted` says so, what was reached is the result.
  ///
  /// - Throws: `Problem` when the recording does not fail, or not in the same way twice.
  public init(
    _ system: System, _ recording: Recording, request: RunRequest, checks: [String], executor: Executor,
    epoch: Instant = .simulationEpoch, executionsMax: Int = 500,
    reductions: @escaping (System, RunReport) -> [Reduction<System>] = { _, _ in [] },
    progress: @escaping (_ executions: Int, _ choices: Int) -> Void = { _, _ in },
    isInterrupted: @escaping () -> Bool = { false }
  ) throws(Problem) {
    precondition(executionsMax >= 3, "shrinking runs the recording twice and its result once")
    self.system = system
    self.checks = checks
    self.executor = executor
    self.epoch = epoch
    self.executionsMax = executionsMax
    budget = executionsMax
    self.reductions = reductions
    self.progress = progress
    self.isInterrupted = isInterrupted
    var request = request
    request.schedule = .replay(recording)
    request.wantsStacks = false
    request.tracing = .hash
    report = executor.run(system, request, epoch: epoch)
    guard let fingerprint = FailureFingerprint(report, checks: checks) else {
      throw .noFailure
    }
    self.fingerprint = fingerprint
    let check = DeterminismCheck(system, first: executor, second: executor, epoch: epoch)
    if let divergence = check.repetition(of: report) {
      throw .unstable(divergence)
    }
    executions = 2
    request.tracing = .off
    self.request = request
  }

  /// Shrinks until a round of all passes finds nothing, or `executionsMax` runs are spent; called once.
  public func shrink() -> Result {
    let before = report.recording.lines.count
    accept(report, system, nil)
    let whole = Stand(report: report, system: system, taken: taken)
    budget = executionsMax * 2 / 5
    var isQuiet = reduceAll()
    budget = executionsMax
    if lines.filter(\.kind.isSchedule).count > Self.scheduleMax, !isSpent {
      let first = Stand(report: report, system: system, taken: taken)
      stand(at: whole)
      if redraw() { isQuiet = reduceAll() }
      if measure(report) >= measure(first.report) { stand(at: first) }
    }
    if !isQuiet { isQuiet = reduceAll() }
    var last = request
    last.schedule = .replay(Recording(header: report.recording.header, lines: report.recording.lines))
    last.wantsStacks = true
    last.tracing = .steps(1..<Int.max)
    executions += 1
    return Result(
      system: system, report: executor.run(system, last, epoch: epoch), fingerprint: fingerprint, leftOut: taken,
      choicesBefore: before, executions: executions, cached: repeats, isCut: !isQuiet)
  }

  /// What is reached at a moment of the search.
  private struct Stand {
    let report: RunReport
    let system: System
    let taken: [String]
  }

  private func stand(at stand: Stand) { (report, system, taken) = (stand.report, stand.system, stand.taken) }

  /// Rounds of all passes; whether one found nothing more.
  private func reduceAll() -> Bool {
    while !isSpent {
      let start = measure(report)
      let words = taken.count
      reduce(.horizon)
      removeGroups()
      removeSingles()
      weaken()
      move()
      reduce(.scenario)
      hold()
      if measure(report) == start, words == taken.count { return !isSpent }
    }
    return false
  }

  private var lines: [Recording.Line] { report.recording.lines }

  /// One run is kept for the result.
  private var isSpent: Bool { executions >= budget - 1 || isInterrupted() }

  // MARK: Candidates

  /// The report of a candidate that fails in the same way; nil: it does not, or nothing is left to spend.
  private func failing(
    _ lines: [Recording.Line], _ system: System? = nil, _ what: String = "",
    header: [(name: String, value: String)]? = nil
  ) -> RunReport? {
    var key = Mixing.hash(what)
    for word in taken { key = Mixing.mix(key, Mixing.hash(word)) }
    for line in lines { key = Mixing.mix(key, Mixing.hash(line.text)) }
    if rejected.contains(key) {
      repeats += 1
      return nil
    }
    guard !isSpent else { return nil }
    var request = request
    request.schedule = .replay(Recording(header: header ?? report.recording.header, lines: lines))
    executions += 1
    let candidate = executor.run(system ?? self.system, request, epoch: epoch)
    progress(executions, self.lines.count)
    if FailureFingerprint(candidate, checks: checks) == fingerprint { return candidate }
    rejected.insert(key)
    return nil
  }

  /// What took effect in the candidate is all that is kept of it.
  private func accept(_ candidate: RunReport, _ system: System, _ what: String?) {
    report = candidate
    self.system = system
    if let what { taken.append(what) }
  }

  /// Tries the lines without those that match; whether it failed in the same way.
  @discardableResult
  private func remove(where matches: (Recording.Line) -> Bool) -> Bool {
    let rest = lines.filter { !matches($0) }
    guard rest.count < lines.count, let candidate = failing(rest) else { return false }
    accept(candidate, system, nil)
    return true
  }

  // MARK: Passes

  private func reduce(_ kind: Reduction<System>.Kind) {
    var isSmaller = true
    while isSmaller, !isSpent {
      isSmaller = false
      for reduction in reductions(system, report) where reduction.kind == kind && !taken.contains(reduction.what) {
        guard let candidate = failing(lines, reduction.system, reduction.what) else { continue }
        accept(candidate, reduction.system, reduction.what)
        isSmaller = true
        break
      }
    }
  }

  private func removeGroups() {
    if remove(where: { _ in true }) || remove(where: { $0.kind != .fault }) { return }
    for kind in [Recording.Kind.latency, .wake, .stall, .run] { remove { $0.kind == kind } }
    var families: [String] = []
    for line in lines where line.kind == .fault && !families.contains(line.family) { families.append(line.family) }
    for family in families { remove { $0.kind == .fault && $0.family == family } }
    var threads: [String] = []
    for line in lines where line.kind.isSchedule {
      if !threads.contains(line.subject) { threads.append(line.subject) }
    }
    for thread in threads { remove { $0.kind.isSchedule && $0.subject == thread } }
  }

  /// With the faults alone: default choices up to a moment, as late as may be, and drawn anew after it.
  ///
  /// A choice is known by its place among those before it, so that in a long schedule none can go without changing what the
  /// others mean; a new schedule with few choices is found sooner than the old one is taken apart.
  private func redraw() -> Bool {
    let faults = Recording(header: report.recording.header, lines: lines.filter { $0.kind == .fault })
    for eighth in (0..<8).reversed() {
      for sample in 0..<Self.redrawnSamples where !isSpent {
        var request = request
        request.scheduleSeed = Mixing.mix(request.scheduleSeed, UInt64(eighth), UInt64(sample))
        // A walk meets more orders, one delay leaves fewer choices.
        let kind: StrategyPlan.Kind = sample % 2 == 0 ? .delayBounded(delays: 1, steps: 32) : .randomWalk
        request.schedule = .resample(
          faults, after: report.virtualTime * eighth / 8, StrategyPlan(kind, noise: .none))
        executions += 1
        let drawn = executor.run(system, request, epoch: epoch)
        progress(executions, lines.count)
        guard FailureFingerprint(drawn, checks: checks) == fingerprint, drawn.recording.lines.count * 2 < lines.count,
          let candidate = failing(drawn.recording.lines)
        else { continue }
        accept(candidate, system, nil)
        return true
      }
    }
    return false
  }

  /// Chunks of half the choices, of a quarter, and so on down to single ones, the later ones first.
  private func removeSingles() {
    var size = max(1, lines.count / 2)
    while !lines.isEmpty {
      var end = lines.count
      var isSmaller = false
      while end > 0, !isSpent {
        let start = max(0, end - size)
        var rest = lines
        rest.removeSubrange(start..<end)
        if let candidate = failing(rest) {
          accept(candidate, system, nil)
          isSmaller = true
        }
        end = min(start, lines.count)
      }
      if isSpent || (size == 1 && !isSmaller) { return }
      size = max(1, min(size, lines.count) / 2)
    }
  }

  /// Shorter stalls, and latencies nearer to nominal.
  private func weaken() {
    for index in lines.indices.reversed() where index < lines.count && !isSpent {
      guard lines[index].kind == .stall || lines[index].kind == .latency else { continue }
      var isWeaker = true
      while isWeaker, index < lines.count, let value = Int64(lines[index].value), value > 1 {
        isWeaker = false
        for smaller in [value / 1000, value / 16, value / 2] where smaller > 0 {
          var changed = lines
          changed[index].value = "\(smaller)"
          guard let candidate = failing(changed), measure(candidate) < measure(report) else { continue }
          accept(candidate, system, nil)
          isWeaker = true
          break
        }
      }
    }
  }

  /// The same choice at an earlier occurrence, or a later one where that saves switches.
  private func move() {
    for index in lines.indices.reversed() where index < lines.count && !isSpent {
      let line = lines[index]
      guard line.kind == .run || line.kind == .stall else { continue }
      for other in [0, line.occurrence / 2, line.occurrence - 1, line.occurrence + 1]
      where other >= 0 && other != line.occurrence && index < lines.count {
        var changed = lines
        changed[index].occurrence = other
        guard let candidate = failing(changed), measure(candidate) < measure(report) else { continue }
        accept(candidate, system, nil)
        break
      }
    }
  }

  /// Threads that get no turn at all: first all that the incident does not name, then one by one.
  ///
  /// Only for a cycle of locks, which names all its threads. Any other failure may also come because a thread that would
  /// have done something does nothing: another failure of the same name.
  private func hold() {
    guard let incident = report.incidents.first, !incident.cycle.isEmpty else { return }
    let involved = Set(incident.threads + ["main"])
    func isSpare(_ path: String) -> Bool {
      !involved.contains(path.split(separator: "/").last.map(String.init) ?? path)
        && !report.recording.heldThreads.contains(path)
    }
    let spare = report.threadPaths.filter(isSpare)
    guard spare.count < 2 || !tryHolding(spare) else { return }
    for path in spare.reversed() where !isSpent { _ = tryHolding([path]) }
  }

  private func tryHolding(_ paths: [String]) -> Bool {
    var recording = report.recording
    recording.heldThreads += paths
    let what = "threads \(paths.joined(separator: ", "))"
    guard !taken.contains(what), let candidate = failing(recording.lines, nil, what, header: recording.header) else {
      return false
    }
    accept(candidate, system, what)
    return true
  }

  /// Each accepted change makes it smaller, so the search ends.
  private func measure(_ report: RunReport) -> Measure {
    var measure = Measure(choices: report.recording.lines.count, switches: report.switches)
    for line in report.recording.lines {
      if line.kind == .stall || line.kind == .latency { measure.weight += Int64(line.value) ?? 0 }
      if line.kind == .run || line.kind == .stall { measure.occurrences += line.occurrence }
    }
    return measure
  }
}

/// How large a recording is; the first difference decides.
private struct Measure: Comparable {
  var choices: Int
  var weight: Int64 = 0
  var switches: Int
  var occurrences = 0

  static func < (a: Measure, b: Measure) -> Bool {
    (a.choices, a.weight, Int64(a.switches), a.occurrences) < (b.choices, b.weight, Int64(b.switches), b.occurrences)
  }
}

extension Recording.Line {
  /// Of a fault's firing: the fault's id.
  var family: String { String(subject.prefix { $0 != "/" }) }
}
