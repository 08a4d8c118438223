import Basics
import ChaosRuntime
import CPlatform
import Glibc
import Synchronization

/// The watchdog's own thread: waits for letters and ticks, confirms, dumps, reports.
final class WatchdogLoop {
  private let runtime: Runtime
  private let symbolize: Bool
  private let tick: UInt64
  private let cycleReports: CycleReportSlot
  private let onDump: (ThreadWatchdog.Dump) -> Void
  private let onSymbols: (_ dump: Int) -> Void
  private let onStandstill: (ThreadWatchdog.Standstill) -> Void
  private let onIncident: (_ incident: Incident, _ isDumped: Bool) -> Void
  private let arena: DumpArena
  private let rules: HangRules
  private let live: LiveDump
  private let about: (command: UnsafeMutablePointer<CChar>?, next: UnsafeMutablePointer<CChar>?)
  private let child = SymbolizerChild()
  private let place: DumpPlace
  /// Children that finish a dump each, and since when.
  private var children: [(id: pid_t, dump: Int, written: DumpPlace.Written, started: UInt64)] = []
  private let looks: LaterLooks
  private var standstills = Standstills()
  /// When a thread was last seen to get on, and by what that is told, by slot.
  private let progress: UnsafeMutablePointer<UInt64>
  private let progressMarks: UnsafeMutablePointer<UInt64>
  private var dumpCount = 0
  private let slots: UnsafeMutablePointer<UInt32>
  private let owner: UnsafeRawPointer
  /// Hashes of what was reported already.
  private let known: UnsafeMutablePointer<UInt64>
  private var knownCount = 0
  private var lastTick: UInt64 = 0
  /// CLOCK_BOOTTIME beyond CLOCK_MONOTONIC: how long the machine has been suspended.
  private var suspended: UInt64 = 0

  /// Nil: there is no address space for what a dump needs.
  init?(
    runtime: Runtime, options: ThreadWatchdog.Options, cycleReports: CycleReportSlot,
    onDump: @escaping (ThreadWatchdog.Dump) -> Void, onSymbols: @escaping (_ dump: Int) -> Void,
    onStandstill: @escaping (ThreadWatchdog.Standstill) -> Void,
    onIncident: @escaping (_ incident: Incident, _ isDumped: Bool) -> Void
  ) {
    guard let parts = DumpArena.Parts() else { return nil }
    arena = DumpArena(parts)
    self.runtime = runtime
    self.cycleReports = cycleReports
    self.onDump = onDump
    self.onSymbols = onSymbols
    self.onStandstill = onStandstill
    self.onIncident = onIncident
    symbolize = options.symbolize
    tick = UInt64(max(1_000_000, options.tick.nanoseconds))
    owner = UnsafeRawPointer(Unmanaged.passUnretained(runtime).toOpaque())
    let limits = ActivityLimits(
      override: options.stuckLimitOverride.map { UInt64(max(0, $0.nanoseconds)) },
      named: options.stuckLimits.map { ($0.activity, UInt64(max(0, $0.limit.nanoseconds))) })
    rules = HangRules(owner: owner, limits: limits)
    looks = LaterLooks(count: options.looks, apart: UInt64(max(1_000_000, options.looksApart.nanoseconds)))
    progress = .allocate(capacity: Int(CP_THREADS_MAX))
    progress.initialize(repeating: 0, count: Int(CP_THREADS_MAX))
    progressMarks = .allocate(capacity: Int(CP_THREADS_MAX))
    progressMarks.initialize(repeating: 0, count: Int(CP_THREADS_MAX))
    let now = cp_monotonic_ns()
    about = (options.command.flatMap { strdup($0) }, strdup(options.next.map { "  \($0)\n" }.joined()))
    live = LiveDump(
      arena: arena, notes: runtime.notes, limits: limits, about: about, progress: progress,
      clockOffset: runtime.instant(ofMonotonic: now).nanoseconds &- Int64(bitPattern: now))
    place = DumpPlace(
      path: options.dumpPath, fallbackDirectory: options.fallbackDirectory, count: ThreadWatchdog.dumpsMax)
    children.reserveCapacity(ThreadWatchdog.dumpsMax)
    slots = .allocate(capacity: Int(CP_CYCLE_MAX))
    slots.initialize(repeating: 0, count: Int(CP_CYCLE_MAX))
    known = .allocate(capacity: ThreadWatchdog.incidentsMax)
    known.initialize(repeating: 0, count: ThreadWatchdog.incidentsMax)
  }

  deinit {
    rules.deallocate()
    slots.deallocate()
    known.deallocate()
    progress.deallocate()
    progressMarks.deallocate()
    free(about.command)
    free(about.next)
  }

  /// Goes through a whole dump once, without a file: whatever Swift and the unwinder make at first use is made now, not
  /// while somebody is stuck in malloc.
  func prepare() {
    let finding = Finding(kind: .deadlock, slots: slots, count: 0, found: cp_monotonic_ns())
    let model = live.collect(finding, path: Text(cString: place.target(0).full), isRehearsal: true)
    _ = render(model)
    _ = fingerprint(finding)
    _ = rules.look(now: cp_monotonic_ns())
    _ = cp_find_cycle(0, slots)
    lastTick = cp_monotonic_ns()
    cp_coarse_set(lastTick)
    suspended = cp_boottime_ns() &- lastTick
  }

  func run() {
    while true {
      let seen = cycleReports.seen
      let isLast = cycleReports.isClosed
      if let letter = cycleReports.take() { confirm(letter.slot, found: letter.time) }
      let now = cp_monotonic_ns()
      if isLast || now &- lastTick >= tick { look(now) }
      collectChildren(now)
      if isLast { return end() }
      lookAgain()
      standstills.willWait(now: cp_monotonic_ns())
      cycleReports.wait(seen: seen, until: lastTick &+ tick)
      noteStandstill(due: lastTick &+ tick)
    }
  }

  private func end() {
    endChildren()
    addLooks(isOver: true)
  }

  private func noteStandstill(due: UInt64) {
    let now = cp_monotonic_ns()
    let beyond = cp_boottime_ns() &- now
    guard standstills.hasWoken(now: now, due: due, slept: beyond > suspended ? beyond &- suspended : 0) else { return }
    let length = standstills.lastLength
    onStandstill(
      ThreadWatchdog.Standstill(
        start: runtime.instant(ofMonotonic: now &- min(now, length)), length: Duration(nanoseconds: Int64(length)),
        isSuspension: standstills.lastIsSuspension))
  }

  /// The second and third look at a hang, while the run goes on.
  private func lookAgain() {
    let now = cp_monotonic_ns()
    if looks.isDue(now: now), !runtime.isStopping {
      let finding = Finding(kind: .hang, slots: slots, count: 0, found: now)
      looks.take(
        place.withSpareDescriptors { live.collect(finding, path: Text.none, isRehearsal: false) }, now: now)
    }
    addLooks(isOver: runtime.isStopping)
  }

  private func addLooks(isOver: Bool) {
    for ready in looks.finished(isOver: isOver, isBusy: { dump in children.contains { $0.dump == dump } }) {
      place.addSection(ready.section, to: ready.written)
    }
  }

  private func noteProgress(_ now: UInt64) {
    for slot in 0..<Int(CP_THREADS_MAX) {
      guard let thread = cp_thread_at(UInt32(slot)), cp_thread_is_in_use(thread) else { continue }
      let mark = cp_thread_progress(thread)
      if mark == progressMarks[slot] { continue }
      progressMarks[slot] = mark
      progress[slot] = now
    }
  }

  private func look(_ now: UInt64) {
    let beyond = cp_boottime_ns() &- now
    // Two clock reads are not one moment; under a millisecond is no suspension.
    let slept = beyond > suspended &+ 1_000_000 ? beyond &- suspended : 0
    suspended = beyond
    let gap = now &- lastTick
    rules.noteLateTick(by: max(gap > tick ? gap - tick : 0, slept), now: now)
    lastTick = now
    cp_coarse_set(now)
    noteProgress(now)
    guard !runtime.isStopping else { return }
    for slot in 0..<UInt32(CP_THREADS_MAX) {
      guard let thread = cp_thread_at(slot), cp_thread_is_in_use(thread), cp_thread_owner(thread) == owner,
        cp_thread_waits_for_lock(thread) || cp_thread_waits_for_thread(thread)
      else { continue }
      confirm(slot, found: now)
    }
    while let finding = rules.look(now: now), !runtime.isStopping { report(finding) }
  }

  private func confirm(_ slot: UInt32, found: UInt64) {
    let count = Int(cp_find_cycle(slot, slots))
    guard count > 0, !runtime.isStopping else { return }
    report(Finding(kind: .deadlock, slots: slots, count: count, found: found))
  }

  // MARK: Dump

  private func report(_ finding: Finding) {
    guard knownCount < ThreadWatchdog.incidentsMax else { return }
    let key = fingerprint(finding)
    for i in 0..<knownCount where known[i] == key { return }
    let isDumped = knownCount < place.count
    let path = Text(cString: place.target(knownCount).full)
    var model = place.withSpareDescriptors { live.collect(finding, path: path, isRehearsal: false) }
    if standstills.lastEnd > 0 {
      model.header.standstill = Int64(clamping: standstills.lastLength)
      model.header.sinceStandstill = Int64(clamping: cp_monotonic_ns() &- standstills.lastEnd)
      model.header.isSuspension = standstills.lastIsSuspension
    }
    // The stop may have freed the threads while their stacks were read.
    guard finding.kind == .hang || model.edges.count == finding.count else { return }
    known[knownCount] = key
    knownCount += 1
    guard isDumped else {
      var incident = Incident(model)
      incident.summary += " (no dump: \(place.count) were written before)"
      onIncident(incident, false)
      return
    }
    let written = place.write(knownCount - 1) { path in
      model.header.path = path
      return render(model)
    }
    let done = cp_monotonic_ns()
    // From here on memory is allocated again; the raw dump is safe, or will never be.
    let incident = Incident(model)
    onIncident(incident, written.isThere)
    let standing = written.isMoved ? place.movedPath(of: written.target) : written.target.path
    onDump(
      ThreadWatchdog.Dump(
        fingerprint: incident.fingerprint, path: standing, error: written.error, isSymbolized: false,
        reportLatency: finding.kind == .deadlock ? Duration(nanoseconds: model.header.reportLatency) : nil,
        dumpLatency: Duration(nanoseconds: Int64(clamping: done &- min(done, finding.found)))))
    if written.isThere, finding.kind == .hang { looks.begin(model, dump: dumpCount, written, now: finding.found) }
    if written.isThere, symbolize { finish(standing, dump: dumpCount, written) }
    dumpCount += 1
  }

  // MARK: Symbols

  /// The patrol never waits for a child: another deadlock may be there already.
  private func finish(_ path: String, dump: Int, _ written: DumpPlace.Written) {
    guard SymbolizerChild.isOffered.load(ordering: .relaxed) else { return }
    let file = strdup(path)
    defer { free(file) }
    if let id = child.start(file) {
      children.append((id, dump, written, cp_monotonic_ns()))
    } else {
      place.explain(written, "no process could be started to look for the names")
    }
  }

  private func collectChildren(_ now: UInt64) {
    children.removeAll { child in
      switch SymbolizerChild.result(child.id) {
      case .finished:
        onSymbols(child.dump)
        return true
      case .failed(let reason):
        place.explain(child.written, reason)
        return true
      case nil: break
      }
      // One that was stopped hears nothing else; the next round collects it.
      if now &- child.started > SymbolizerChild.limit { kill(child.id, SIGKILL) }
      return false
    }
  }

  /// Waits for the last children, as long as they may take and a moment.
  private func endChildren() {
    let deadline = cp_monotonic_ns() &+ SymbolizerChild.limit &+ 500_000_000
    var never: UInt32 = 0
    while !children.isEmpty, cp_monotonic_ns() < deadline {
      _ = cp_futex_wait(&never, 0, cp_monotonic_ns() &+ 1_000_000)
      collectChildren(cp_monotonic_ns())
    }
  }

  private func render(_ model: DumpModel) -> TextWriter {
    var text = DumpText(out: TextWriter(buffer: arena.text))
    text.write(model)
    return text.out
  }

  /// The same for the same incident, whatever the order of its threads and locks.
  private func fingerprint(_ finding: Finding) -> UInt64 {
    guard finding.count > 0 else { return 0 }
    arena.reset()
    guard finding.kind == .deadlock else {
      // Threads of one name, and one that hung before, are different incidents.
      let culprit = finding.slots[finding.count - 1]
      let hash = nameHash(culprit) &* 3 &+ finding.activity.hash &* 5 &+ 1
      let record = arena.records + Int(culprit)
      return hash &+ UInt64(UInt32(bitPattern: record.pointee.tid)) &* 13 &+ UInt64(record.pointee.epoch) &* 17
    }
    var sum: UInt64 = 0
    for i in 0..<finding.count {
      let slot = finding.slots[i]
      sum = sum &+ nameHash(slot) &* 7
      if let lock = arena.records[Int(slot)].waiting_on { sum = sum &+ arena.lockName(lock).hash &* 11 }
    }
    return sum
  }

  /// Copies the record of a thread into the arena; the hash of its name.
  private func nameHash(_ slot: UInt32) -> UInt64 {
    let copy = arena.records + Int(slot)
    _ = cp_thread_copy(cp_thread_at(slot), copy)
    return Text(cString: cp_thread_name(copy)).hash
  }
}
