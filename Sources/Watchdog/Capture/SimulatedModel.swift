import Basics
import ChaosRuntime

/// The dump model of a simulated incident, over the arena.
struct SimulatedModel {
  let dump: SimulatedDump
  let arena: DumpArena
  var next: [String] = []

  /// Rows of the table of notes.
  private static let notesMax = 64

  private var incident: Incident { dump.incident }

  func model() -> DumpModel {
    arena.reset()
    var model = DumpModel()
    let edges = incident.kind == .deadlock ? incident.cycle : chain()
    for (i, edge) in edges.prefix(DumpArena.edgesMax).enumerated() { arena.edges[i] = self.edge(edge) }
    model.edges = UnsafeMutableBufferPointer(start: arena.edges, count: min(edges.count, DumpArena.edgesMax))
    model.header = header()
    model.header.edgesUnlisted = max(0, edges.count - DumpArena.edgesMax)
    model.header.threadsUnlisted = max(0, dump.threads.count - DumpArena.threadsMax)
    model.header.notesUnlisted = max(0, dump.notes.count - Self.notesMax)
    model.images = ProcessImages.read(into: arena)
    let suspects = Set(incident.threads + edges.map(\.thread))
    let ranked = dump.threads.map { ($0, rank($0, suspects)) }
    var count = 0
    for rank in [DumpThread.Rank.suspect, .busy, .idle] {
      for (snapshot, own) in ranked where own == rank && count < DumpArena.threadsMax {
        arena.threads[count] = thread(snapshot, rank)
        count += 1
      }
    }
    model.threads = UnsafeMutableBufferPointer(start: arena.threads, count: count)
    lockTable()
    model.locks = UnsafeMutableBufferPointer(start: arena.locks, count: arena.lockCount)
    let notes = dump.notes.prefix(Self.notesMax)
    for (i, note) in notes.enumerated() {
      arena.notes[i] = DumpNote(name: arena.keep(note.name), text: arena.keep(note.value))
    }
    model.notes = UnsafeMutableBufferPointer(start: arena.notes, count: notes.count)
    model.markImages()
    return model
  }

  private func header() -> DumpHeader {
    var header = DumpHeader()
    header.time = incident.time.nanoseconds
    header.path = arena.keep("FILE")
    header.next = arena.keep(next.map { "  \($0)\n" }.joined())
    header.summary = arena.keep(incident.summary)
    switch incident.kind {
    case .deadlock: header.reason = .deadlock
    case .stuck: header.reason = .stuck
    case .stepLimit: header.reason = .stepLimit
    case .lostWakeup: header.reason = .lostWakeup
    case .livelock: header.reason = .livelock
    case .starvation: header.reason = .starvation
    case .hang:
      header.reason = .hang
      header.summary = Text.none
      header.stuck = label(incident.threads.first ?? "?")
      header.waiter = label(waiter?.name ?? incident.threads.first ?? "?")
      header.activity = arena.keep(incident.activity ?? "?")
      header.limit = waitingActivity?.limit.nanoseconds ?? 0
      header.quiet = incident.waited?.nanoseconds ?? 0
    }
    return header
  }

  // MARK: The chain of a hang

  private func isOverdue(_ doing: ThreadSnapshot.Doing) -> Bool {
    doing.activity == incident.activity && (incident.time - doing.lastBeat) == incident.waited
  }

  private var waiter: ThreadSnapshot? {
    incident.kind == .hang ? dump.threads.first { $0.activities.contains(where: isOverdue) } : nil
  }

  private var waitingActivity: ThreadSnapshot.Doing? { waiter?.activities.first(where: isOverdue) }

  private func chain() -> [Incident.Edge] {
    var edges: [Incident.Edge] = []
    var at = waiter
    while let thread = at, edges.count < DumpArena.edgesMax {
      guard case .waitingForLock(let lock, let site, let holder) = thread.state else { break }
      let owner = dump.threads.first { $0.name == holder }
      edges.append(
        Incident.Edge(
          thread: thread.name, lock: lock, waitsAt: site, holder: holder,
          takenAt: owner?.held.last { $0.lock == lock }?.takenAt ?? "?", waited: incident.time - thread.since))
      at = owner
    }
    return edges
  }

  // MARK: Pieces

  private func label(_ name: String) -> ThreadLabel { ThreadLabel(name: arena.keep(name)) }

  private func site(_ text: String) -> DumpSite { DumpSite(file: arena.keep(text)) }

  private func edge(_ edge: Incident.Edge) -> DumpEdge {
    DumpEdge(
      thread: label(edge.thread), lock: arena.keep(edge.lock), waits: site(edge.waitsAt), holder: label(edge.holder),
      taken: site(edge.takenAt), waited: edge.waited.nanoseconds)
  }

  private func rank(_ thread: ThreadSnapshot, _ suspects: Set<String>) -> DumpThread.Rank {
    if thread.state == .finished { return .idle }
    if suspects.contains(thread.name) { return .suspect }
    return thread.activities.isEmpty ? .idle : .busy
  }

  private func thread(_ snapshot: ThreadSnapshot, _ rank: DumpThread.Rank) -> DumpThread {
    var thread = DumpThread()
    thread.label = label(snapshot.name)
    thread.rank = rank
    thread.waited = (incident.time - snapshot.since).nanoseconds
    switch snapshot.state {
    case .running: thread.state = .running
    case .runnable: thread.state = .runnable
    case .sleeping: thread.state = .sleeping
    case .stalled: thread.state = .stalled
    case .finished: thread.state = .finished
    case .notStarted: thread.state = .notStarted
    case .joining(let name):
      thread.state = .joining
      thread.object = arena.keep(name)
    case .waitingForCondition(let name, let at):
      thread.state = .waitingCondition
      thread.object = arena.keep(name)
      thread.site = site(at)
    case .waitingForLock(let name, let at, let holder):
      thread.state = .waitingLock
      thread.object = arena.keep(name)
      thread.site = site(at)
      thread.holder = label(holder)
    }
    holdings(of: &thread, snapshot)
    frames(of: &thread, snapshot)
    return thread
  }

  private func holdings(of thread: inout DumpThread, _ snapshot: ThreadSnapshot) {
    let firstHeld = arena.heldCount
    for held in snapshot.held where arena.heldCount < DumpArena.heldMax {
      arena.held[arena.heldCount] = DumpHeld(
        lock: arena.keep(held.lock), taken: site(held.takenAt),
        heldFor: held.since.map { (incident.time - $0).nanoseconds } ?? -1)
      arena.heldCount += 1
    }
    thread.held = UnsafeMutableBufferPointer(start: arena.held + firstHeld, count: arena.heldCount - firstHeld)
    let firstActivity = arena.activityCount
    for doing in snapshot.activities where arena.activityCount < DumpArena.activitiesMax {
      arena.activities[arena.activityCount] = DumpActivity(
        name: arena.keep(doing.activity), limit: doing.limit.nanoseconds,
        quiet: (incident.time - doing.lastBeat).nanoseconds)
      arena.activityCount += 1
    }
    thread.activities = UnsafeMutableBufferPointer(
      start: arena.activities + firstActivity, count: arena.activityCount - firstActivity)
  }

  private func frames(of thread: inout DumpThread, _ snapshot: ThreadSnapshot) {
    guard !snapshot.frames.isEmpty, let frames = arena.takeFrames(snapshot.frames.count) else { return }
    // A parked thread walked itself: every counter is a return address.
    for (i, frame) in snapshot.frames.enumerated() { frames[i] = frame &- 1 }
    thread.frames = UnsafePointer(frames)
    thread.frameCount = snapshot.frames.count
    thread.stack = .walked
  }

  private func lockTable() {
    var rows: [String: UnsafeMutablePointer<DumpLock>] = [:]
    func row(_ name: String) -> UnsafeMutablePointer<DumpLock>? {
      if let known = rows[name] { return known }
      let key = UnsafeRawPointer(bitPattern: rows.count + 1)
      let made = arena.lockRow(key, name: arena.keep(name))
      rows[name] = made
      return made
    }
    for thread in dump.threads {
      for held in thread.held {
        guard let row = row(held.lock) else { continue }
        row.pointee.holder = label(thread.name)
        row.pointee.taken = site(held.takenAt)
      }
    }
    for thread in dump.threads {
      if case .waitingForLock(let name, _, _) = thread.state, let row = row(name) {
        arena.addWaiter(label(thread.name), to: row)
      }
    }
  }
}
