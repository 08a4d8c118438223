import CPlatform

/// The layout of stackdump.txt, one for live and simulated runs.
struct DumpText {
  static let endLine: StaticString = "END complete"
  static let magic: StaticString = "STACKDUMP v1"

  private static let columns = 80

  var out: TextWriter

  /// Writes the whole dump; `out` then holds it.
  mutating func write(_ model: DumpModel) {
    header(model)
    reason(model.header)
    edges(model)
    locks(model)
    notes(model)
    if let process = model.process { self.process(process, model.header) }
    next(model.header, isLive: model.process != nil)
    // Suspects and busy threads stand first; of the others a line each, and their stacks below.
    let first = model.threads.firstIndex { $0.rank == .idle || $0.rank == .foreign } ?? model.threads.count
    for i in 0..<first { thread(model.threads[i], images: model.images) }
    idle(model.threads, from: first)
    for i in first..<model.threads.count { thread(model.threads[i], images: model.images) }
    unlisted(model.header)
    images(model)
    out.finish(Self.endLine)
  }

  private mutating func header(_ model: DumpModel) {
    out.text(Self.magic)
    if model.header.pid == 0 {
      out.text("  simulated")
    } else {
      out.text("  pid ")
      out.number(Int(model.header.pid))
    }
    out.text("  threads ")
    out.number(model.threads.count + model.header.threadsUnlisted)
    out.text("  symbols: ")
    if model.header.isSymbolized {
      out.line("full (demangled, file:line, inlined frames)")
    } else {
      out.text("raw (finish with: chaos symbolize ")
      out.text(model.header.path)
      out.line(")")
    }
    out.text("TIME ")
    out.time(model.header.time)
    out.line()
  }

  // MARK: Reason

  private mutating func reason(_ header: DumpHeader) {
    out.text("REASON ")
    switch header.reason {
    case .deadlock: out.line("DEADLOCK: threads wait for each other in a cycle")
    case .hang where header.isCircle: out.line("HANG: whoever could end these waits waits itself")
    case .hang: out.line("HANG: no progress in an activity beyond its limit")
    case .stuck: out.line("STUCK: no thread can ever run again")
    case .stepLimit: out.line("STEP LIMIT: the run does not end")
    case .lostWakeup: out.line("LOST WAKEUP: a signal came before the wait that it was meant for")
    case .livelock: out.line("LIVELOCK: threads run without progress")
    case .starvation: out.line("STARVATION: a thread never gets its turn")
    }
    if header.reason == .hang {
      out.text("  ")
      label(header.waiter)
      out.text(" is in '")
      out.text(header.activity)
      out.text("' for ")
      out.duration(header.quiet)
      out.text(" without progress, limit ")
      out.duration(header.limit)
      out.line()
      out.text("  stuck: ")
      label(header.stuck)
      out.line()
    }
    standstill(header)
    if header.summary.count > 0, header.reason != .deadlock {
      out.text("  ")
      out.text(header.summary)
      out.line()
    }
    if header.reportLatency >= 0 {
      out.text("  detected ")
      out.duration(header.reportLatency)
      out.text(" after the last edge closed; dump started ")
      out.duration(header.dumpLatency)
      out.line(" after")
    }
    out.line()
  }

  private mutating func standstill(_ header: DumpHeader) {
    guard header.standstill > 0 else { return }
    out.text("  the process stood still for ")
    out.duration(header.standstill)
    out.text(header.isSuspension ? " (the machine slept)" : " (stopped from outside)")
    out.text(", until ")
    out.duration(header.sinceStandstill)
    out.line(" before this dump; no limit counts that time")
  }

  private mutating func edges(_ model: DumpModel) {
    let edges = model.edges
    guard edges.count > 0 else { return }
    let isCycle = model.header.reason == .deadlock
    if isCycle {
      out.text("CYCLE  (")
      out.number(edges.count)
      if edges.count == 1 { out.text(" thread") } else { out.text(" threads") }
      if model.header.pid != 0 { out.text(", proven: every edge read twice under unchanged wait epochs") }
      out.line(")")
    } else if model.header.isCircle {
      out.line("CHAIN  (closed: each waits without a time limit for others of these)")
    } else {
      out.line("CHAIN  (who waits for whom, up to the thread that is stuck)")
    }
    for i in 0..<edges.count { edge(edges[i]) }
    if model.header.edgesUnlisted > 0 {
      out.text("  MORE ")
      out.number(model.header.edgesUnlisted)
      out.line(" waits follow that the table has no room for")
    }
    out.text("  => ")
    for i in 0..<edges.count {
      label(edges[i].thread)
      out.text(" -> ")
      out.quoted(edges[i].lock)
      let isLast = i + 1 == edges.count
      let next = isLast ? width(edges[i].holder) : width(edges[i + 1].thread) + edges[i + 1].lock.count + 6
      if out.column + 4 + next > Self.columns {
        out.line()
        out.text("    ")
      }
      out.text(" -> ")
    }
    label(edges[edges.count - 1].holder)
    out.line()
    if isCycle { mend(edges) }
    out.line()
  }

  /// Each thread holds what the one before it wants, and the first what the last one wants.
  private mutating func mend(_ edges: UnsafeMutableBufferPointer<DumpEdge>) {
    out.text("  mend: ")
    guard edges.count > 1 else { return out.line("the thread holds the lock that it waits for: take it once") }
    out.text("take ")
    out.quoted(edges[edges.count - 1].lock)
    out.text(" before ")
    out.quoted(edges[0].lock)
    out.text(" everywhere, as ")
    out.text(edges[0].thread.name)
    out.line(" does,")
    out.line("        or let go of one before taking the other")
  }

  private mutating func edge(_ edge: DumpEdge) {
    out.text("  ")
    label(edge.thread)
    out.line()
    out.text("      waits ")
    out.duration(edge.waited)
    out.text(" for ")
    out.quoted(edge.lock)
    out.text(" at ")
    site(edge.waits)
    out.line()
    if edge.isSignal {
      out.text("      signalled so far by ")
      if edge.holder.name.count > 0 { label(edge.holder) } else { out.text("threads that have ended") }
      return out.line(", and by nobody outside of this chain")
    }
    out.text("      held by ")
    label(edge.holder)
    out.text(", taken at ")
    site(edge.taken)
    out.line()
  }

  // MARK: Tables

  private mutating func locks(_ model: DumpModel) {
    guard model.locks.count > 0 else { return }
    out.line("LOCKS")
    for i in 0..<model.locks.count {
      let lock = model.locks[i]
      out.text("  ")
      out.quoted(lock.name)
      if lock.holder.name.count > 0 {
        out.text("  held by ")
        label(lock.holder)
      } else {
        out.text("  free")
      }
      out.text("  waiters ")
      out.number(lock.waiterCount)
      waiters(lock)
      out.line()
      guard lock.holder.name.count > 0 else { continue }
      out.text("      taken at ")
      site(lock.taken)
      out.line()
    }
    out.line()
  }

  private mutating func waiters(_ lock: DumpLock) {
    for i in 0..<lock.waiters.count {
      out.text(i == 0 ? ": " : ", ")
      label(lock.waiters[i])
    }
    guard lock.waiterCount > lock.waiters.count, lock.waiters.count > 0 else { return }
    out.text(" and ")
    out.number(lock.waiterCount - lock.waiters.count)
    out.text(" more")
  }

  private mutating func notes(_ model: DumpModel) {
    guard model.notes.count > 0 else { return }
    out.line("NOTES")
    for i in 0..<model.notes.count {
      out.text("  ")
      out.text(model.notes[i].name)
      out.text(": ")
      if model.notes[i].text.count > 0 {
        out.line(model.notes[i].text)
      } else {
        out.number(Int(model.notes[i].value))
        out.line()
      }
    }
    if model.header.notesUnlisted > 0 {
      out.text("  MORE ")
      out.number(model.header.notesUnlisted)
      out.line(" notes are not listed")
    }
    out.line()
  }

  private mutating func unlisted(_ header: DumpHeader) {
    if header.threadsUnlisted > 0 {
      out.text("MORE ")
      out.number(header.threadsUnlisted)
      out.line(" threads that the table has no room for are not listed")
    }
    if header.recordsUnlisted > 0 {
      out.text("MORE ")
      out.number(header.recordsUnlisted)
      out.line(" threads run unlisted: the registry has no room for them, and their locks are not in this dump")
    }
    if header.notesIgnored > 0 {
      out.text("MORE ")
      out.number(header.notesIgnored)
      out.line(" notes were ignored: the table is full")
    }
    if header.activitiesUnlisted > 0 {
      out.text("MORE ")
      out.number(header.activitiesUnlisted)
      out.line(" activities were nested too deep to be listed")
    }
    if header.threadsUnlisted + header.recordsUnlisted + header.notesIgnored + header.activitiesUnlisted > 0 {
      out.line()
    }
  }

  private mutating func images(_ model: DumpModel) {
    guard model.images.count > 0 else { return }
    out.line("IMAGES")
    for i in 0..<model.images.count {
      let image = model.images[i]
      guard image.isMentioned || image.isExecutable else { continue }
      out.text("  ")
      out.text(image.name)
      out.text("  build-id ")
      withUnsafeBytes(of: image.buildId) { bytes in
        for k in 0..<image.buildIdCount {
          out.hexDigit(bytes[k] >> 4)
          out.hexDigit(bytes[k] & 15)
        }
      }
      if image.buildIdCount == 0 { out.text("none") }
      if image.isExecutable { out.text("  executable") }
      if model.header.pid != 0 {
        out.text("  base ")
        out.hexadecimal(image.base)
        out.text("  ")
        out.text(image.path)
      }
      out.line()
    }
    out.line()
  }

  // MARK: Pieces

  mutating func label(_ label: ThreadLabel) {
    out.text(label.name)
    guard label.tid != 0 else { return }
    out.text(" (tid ")
    out.number(Int(label.tid))
    out.text(")")
  }

  private func width(_ label: ThreadLabel) -> Int {
    // " (tid 12345)"
    label.name.count + (label.tid == 0 ? 0 : 13)
  }

  mutating func site(_ site: DumpSite) {
    guard site.file.count > 0 else { return out.text("an unknown place") }
    out.text(site.file)
    guard site.line != 0 else { return }
    out.text(":")
    out.number(Int(site.line))
  }
}
