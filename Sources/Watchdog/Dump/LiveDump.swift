import Basics
import ChaosRuntime
import CPlatform
import Glibc

/// What the watchdog found: the cycle, or the chain from the thread that waits too long to the one that is stuck.
struct Finding {
  enum Kind { case deadlock, hang }

  var kind: Kind
  /// Slots in the registry, the first `count` of them valid; of a hang the last one is the culprit.
  var slots: UnsafeMutablePointer<UInt32>
  var count: Int
  /// Monotonic nanoseconds at which it was certain.
  var found: UInt64
  var activity = Text.none
  var limit: UInt64 = 0
  var quiet: UInt64 = 0
  /// Everybody who could end these waits waits too; the slots are a set, not a chain.
  var isCircle = false
}

/// Collects a live dump into the arena: registry, stacks, kernel state. No allocation and no lock after a first run has
/// made all metadata.
struct LiveDump {
  let arena: DumpArena
  /// How long threads have to answer, in nanoseconds.
  private static let answerLimit: UInt64 = 500_000_000
  let notes: Notes
  let limits: ActivityLimits
  /// What the program tells of itself: its command, and lines that lead on.
  let about: (command: UnsafeMutablePointer<CChar>?, next: UnsafeMutablePointer<CChar>?)
  /// When the watchdog last saw a thread get on, by slot; 0: it has not seen it yet.
  let progress: UnsafeMutablePointer<UInt64>
  /// Offset from the monotonic clock to the time of the run.
  let clockOffset: Int64

  /// The model of this moment. `isRehearsal`: only the calling thread's own stack is walked.
  func collect(_ finding: Finding, path: Text, isRehearsal: Bool) -> DumpModel {
    arena.reset()
    let now = cp_monotonic_ns()
    var model = DumpModel()
    copyRecords()
    model.edges = edges(finding, now)
    model.header = header(finding, path, now, model.edges)
    model.images = ProcessImages.read(into: arena)
    let total = cp_thread_ids(arena.ids, DumpArena.threadsMax)
    let count = min(total, DumpArena.threadsMax)
    let suspects = putSuspectsFirst(finding, count)
    model.header.threadsUnlisted = total - count
    model.header.activitiesUnlisted = Int(cp_activities_unlisted_count())
    model.header.recordsUnlisted = Int(cp_threads_unlisted_count())
    model.header.notesIgnored = notes.ignoredCount
    let stacks = StackCapture(arena: arena)
    stacks.capture(0..<count, deadline: cp_monotonic_ns() &+ Self.answerLimit, onlySelf: isRehearsal)
    stacks.askAgain(suspects, limit: Self.answerLimit)
    for i in 0..<count { arena.threads[i] = thread(i, finding, now) }
    model.threads = sorted(count)
    lockTable()
    model.locks = UnsafeMutableBufferPointer(start: arena.locks, count: arena.lockCount)
    model.notes = noteTable()
    cp_process_read(arena.process)
    model.process = UnsafePointer(arena.process)
    model.markImages()
    return model
  }

  /// Those of the finding are asked first, and are in the table among more threads than it has room for; how many there are.
  private func putSuspectsFirst(_ finding: Finding, _ count: Int) -> Int {
    var placed = 0
    for i in 0..<finding.count where placed < count {
      let suspect = arena.records[Int(finding.slots[i])].tid
      Self.put(suspect, at: placed, in: arena.ids, count)
      placed += 1
    }
    return placed
  }

  /// Swaps an id to its place; one that is not among them takes the last one's.
  static func put(_ id: Int32, at place: Int, in ids: UnsafeMutablePointer<Int32>, _ count: Int) {
    var at = place
    while at < count, ids[at] != id { at += 1 }
    if at == count { at = count - 1 }
    ids[at] = ids[place]
    ids[place] = id
  }

  private func copyRecords() {
    for slot in 0..<Int(CP_THREADS_MAX) {
      let record = cp_thread_at(UInt32(slot))
      arena.records[slot].in_use = 0
      guard let record, cp_thread_is_in_use(record) else { continue }
      if cp_thread_copy(record, arena.records + slot) { continue }
      // It is in full motion: nobody to accuse, and its fields do not belong together.
      arena.records[slot].wait_kind = UInt32(CP_RUNNING)
      arena.records[slot].held_count = 0
      arena.records[slot].activity_count = 0
    }
  }

  private func header(
    _ finding: Finding, _ path: Text, _ now: UInt64, _ edges: UnsafeMutableBufferPointer<DumpEdge>
  ) -> DumpHeader {
    var header = DumpHeader()
    header.pid = getpid()
    header.time = clockOffset &+ Int64(bitPattern: now)
    header.path = path
    header.command = Text(cString: about.command)
    header.next = Text(cString: about.next)
    guard finding.count > 0 else { return header }
    let first = arena.records + Int(finding.slots[0])
    switch finding.kind {
    case .deadlock:
      var closed: UInt64 = 0
      for i in 0..<finding.count {
        closed = max(closed, arena.records[Int(finding.slots[i])].wait_since_ns)
      }
      header.reportLatency = Int64(clamping: finding.found &- min(closed, finding.found))
      header.dumpLatency = Int64(clamping: now &- min(closed, now))
    case .hang:
      header.reason = .hang
      header.waiter = label(first)
      header.stuck = holder(Int(finding.slots[finding.count - 1]))
      header.activity = finding.activity
      header.limit = Int64(clamping: finding.limit)
      header.quiet = Int64(clamping: finding.quiet)
      header.isCircle = finding.isCircle
    }
    return header
  }

  private func label(_ record: UnsafePointer<cp_thread>) -> ThreadLabel {
    ThreadLabel(name: Text(cString: cp_thread_name(record)), tid: record.pointee.tid)
  }

  /// The owner of a lock; one that has ended holds it for ever.
  func holder(_ slot: Int) -> ThreadLabel {
    if arena.records[slot].in_use != 0 { return label(arena.records + slot) }
    guard let thread = cp_thread_at(UInt32(slot)) else { return ThreadLabel() }
    return ThreadLabel(name: arena.ended(Text(cString: cp_thread_name(thread))))
  }

  // MARK: Waits and locks

  /// The slot that owns a lock; nil: nobody.
  static func owner(of lock: UnsafeMutablePointer<cp_lock>?) -> Int? {
    guard let lock else { return nil }
    let number = cp_lock_owner(lock)
    return number == 0 || number > UInt32(CP_THREADS_MAX) ? nil : Int(number) - 1
  }

  /// The slot of the thread that a wait is for: the owner of a lock, or the one that is to end.
  static func whoEnds(the thread: UnsafeMutablePointer<cp_thread>) -> Int? {
    if let owner = owner(of: cp_thread_wanted_lock(thread)) { return owner }
    guard cp_thread_waits_for_thread(thread) else { return nil }
    return slot(of: thread.pointee.joined)
  }

  static func slot(of tid: Int32) -> Int? {
    for slot in 0..<Int(CP_THREADS_MAX) {
      if let thread = cp_thread_at(UInt32(slot)), cp_thread_is_in_use(thread), thread.pointee.tid == tid { return slot }
    }
    return nil
  }

  private func takenSite(_ lock: UnsafeMutablePointer<cp_lock>, by slot: Int) -> DumpSite {
    let record = arena.records + slot
    for i in 0..<min(record.pointee.held_count, UInt32(CP_HELD_MAX)) {
      guard let held = cp_thread_held(record, i)?.pointee, held.lock == lock else { continue }
      return Self.site(held.file, held.file_length, held.line)
    }
    return DumpSite()
  }

  static func site(_ file: UnsafePointer<CChar>?, _ length: UInt32, _ line: UInt32) -> DumpSite {
    let start = file.map { UnsafeRawPointer($0).assumingMemoryBound(to: UInt8.self) }
    return DumpSite(file: Text(start: start, count: Int(length)), line: line)
  }

  private func edges(_ finding: Finding, _ now: UInt64) -> UnsafeMutableBufferPointer<DumpEdge> {
    var count = 0
    for i in 0..<finding.count where count < DumpArena.edgesMax {
      let record = arena.records + Int(finding.slots[i])
      let isJoin = record.pointee.wait_kind == UInt32(CP_WAIT_JOIN) && record.pointee.joined != 0
      let lock = record.pointee.wait_kind == UInt32(CP_WAIT_LOCK) ? record.pointee.waiting_on : nil
      let isSignal = finding.isCircle && record.pointee.wait_kind == UInt32(CP_WAIT_CONDITION)
      guard isJoin || lock != nil || isSignal else { continue }
      var edge = DumpEdge()
      edge.thread = label(record)
      let object = Text(cString: record.pointee.wait_object)
      edge.lock = lock.map { arena.lockName($0) } ?? (isSignal ? object : arena.endOf(object))
      edge.isSignal = isSignal
      edge.waits = Self.site(record.pointee.wait_file, record.pointee.wait_file_length, record.pointee.wait_line)
      edge.waited = Int64(clamping: now &- min(record.pointee.wait_since_ns, now))
      if let lock, let owner = Self.owner(of: lock) {
        edge.holder = holder(owner)
        edge.taken = takenSite(lock, by: owner)
      } else if isJoin, let joined = Self.slot(of: record.pointee.joined) {
        edge.holder = label(arena.records + joined)
        edge.taken = DumpSite(file: Text("its own start"))
      } else if isSignal, let waker = Self.waker(record) {
        edge.holder = label(arena.records + waker)
      }
      arena.edges[count] = edge
      count += 1
    }
    return UnsafeMutableBufferPointer(start: arena.edges, count: count)
  }

  /// The first of those who have signalled the condition that a thread waits for; nil: all have ended.
  private static func waker(_ record: UnsafeMutablePointer<cp_thread>) -> Int? {
    guard let word = cp_thread_awaited_word(record) else { return nil }
    return withUnsafeTemporaryAllocation(of: Int32.self, capacity: Int(CP_WAKERS_MAX)) { wakers in
      for i in 0..<max(0, Int(cp_word_wakers(word, wakers.baseAddress))) {
        if let slot = slot(of: wakers[i]) { return slot }
      }
      return nil
    }
  }

  private func lockTable() {
    for slot in 0..<Int(CP_THREADS_MAX) where arena.records[slot].in_use != 0 {
      let record = arena.records + slot
      for i in 0..<min(record.pointee.held_count, UInt32(CP_HELD_MAX)) {
        guard let held = cp_thread_held(record, i)?.pointee, let lock = held.lock else { continue }
        guard let row = arena.lockRow(lock, name: arena.lockName(lock)) else { return }
        row.pointee.holder = label(record)
        row.pointee.taken = Self.site(held.file, held.file_length, held.line)
      }
    }
    for slot in 0..<Int(CP_THREADS_MAX) where arena.records[slot].in_use != 0 {
      guard arena.records[slot].wait_kind == UInt32(CP_WAIT_LOCK), let lock = arena.records[slot].waiting_on else {
        continue
      }
      guard let row = arena.lockRow(lock, name: arena.lockName(lock)) else { return }
      arena.addWaiter(label(arena.records + slot), to: row)
    }
  }

  private func noteTable() -> UnsafeMutableBufferPointer<DumpNote> {
    var count = 0
    while count < Int(CP_NOTES_MAX), let note = notes.live(count) {
      arena.notes[count] = DumpNote(name: Text(cString: note.name), value: note.value)
      if let room = arena.takeText(Notes.textMax), let length = notes.liveText(count, room.chars) {
        arena.notes[count].text = Text(start: room.bytes, count: length)
      }
      count += 1
    }
    return UnsafeMutableBufferPointer(start: arena.notes, count: count)
  }
}
