import CPlatform

/// The process, what to do next, and the threads that nobody suspects.
extension DumpText {
  mutating func process(_ facts: UnsafePointer<cp_process_facts>, _ header: DumpHeader) {
    let facts = facts.pointee
    out.line("PROCESS")
    out.text("  ")
    withUnsafePointer(to: facts) { out.line(Text(cString: cp_process_executable($0))) }
    if header.command.count > 0 {
      out.text("  command: ")
      out.line(header.command)
    }
    out.text("  started ")
    out.time(Int64(clamping: facts.started_s) &* 1_000_000_000)
    out.text(", up ")
    out.duration(Int64(clamping: facts.age_ms) &* 1_000_000)
    out.line()
    out.text("  memory ")
    out.number(Int(clamping: facts.memory_kib / 1024))
    out.text(" MiB, at most ")
    out.number(Int(clamping: facts.memory_peak_kib / 1024))
    out.text(" MiB; load of the machine ")
    withUnsafePointer(to: facts) { out.line(Text(cString: cp_process_load($0))) }
    out.text("  descriptors ")
    out.number(Int(clamping: facts.descriptors))
    limit(" of ", facts.descriptors_max)
    out.line()
    limit("  limits: processes ", facts.processes_max)
    limit(", queued signals ", facts.signals_max)
    limit(", address space ", facts.memory_max_kib == UInt64.max ? UInt64.max : facts.memory_max_kib / 1024, " MiB")
    out.line()
    out.line()
  }

  private mutating func limit(_ name: StaticString, _ value: UInt64, _ unit: StaticString = "") {
    out.text(name)
    guard value != UInt64.max else { return out.text("no limit") }
    out.number(Int(clamping: value))
    out.text(unit)
  }

  mutating func next(_ header: DumpHeader, isLive: Bool) {
    guard isLive || header.next.count > 0 else { return }
    out.line("NEXT")
    if isLive {
      out.text("  what it means: chaos doctor ")
      out.line(header.path)
    }
    out.text(header.next)
    out.line()
  }

  // MARK: Idle threads

  mutating func idle(_ threads: UnsafeMutableBufferPointer<DumpThread>, from first: Int) {
    guard first < threads.count else { return }
    out.text("IDLE  (")
    out.number(threads.count - first)
    out.text(threads.count - first == 1 ? " thread" : " threads")
    out.line(" that nobody suspects; the stacks stand below)")
    var width = 0
    for i in first..<threads.count { width = max(width, threads[i].label.name.count) }
    for i in first..<threads.count {
      out.text("  ")
      let before = out.column
      out.text(threads[i].label.name)
      out.blanks(min(width, 32) + 2 - (out.column - before))
      briefly(threads[i])
      out.line()
    }
    out.line()
  }
}
