import ChaosRuntime
import CPlatform
import Glibc

/// From a suspicion to words, a dump, and with `isFatal` the end.
extension ProcessWatcher {
  /// Processes of one dump at most.
  private static let processesMax = 16
  /// Seconds that a bootstrap, and a tool, has for its answer.
  private static let answerLimit = 2.0
  private static let toolLimit = 20.0

  func report(_ suspicion: Suspicion) {
    isReporting = true
    defer { isReporting = false }
    // The words first: a disk that hangs must not hold them back.
    if suspicion.verdict != .asked {
      options.say("chaos watch: \(suspicion.verdict.rawValue): \(suspicion.reasons.joined(separator: "; "))")
    }
    if outcome.dumps.count >= WatchOptions.dumpsMax {
      outcome.undumpedCount += 1
      note(suspicion.verdict, suspicion.reasons)
    } else {
      var dump = look(suspicion)
      if options.isFatal, Programs.kind(of: KernelFacts.executable(of: root)) == .go { addGoroutines(&dump) }
      note(dump.verdict, dump.reasons)
      write(dump)
    }
    if options.isFatal, suspicion.verdict != .asked, isGoing { terminate() }
  }

  private func note(_ verdict: ForeignDump.Verdict, _ reasons: [String]) {
    if outcome.verdict != .deadlock, verdict != .asked { outcome.verdict = verdict }
    if outcome.reasons.count < 100 { outcome.reasons.append("\(verdict.rawValue): \(reasons.joined(separator: "; "))") }
  }

  // MARK: Looking

  private func look(_ suspicion: Suspicion) -> ForeignDump {
    var dump = ForeignDump(
      verdict: suspicion.verdict, reasons: suspicion.reasons, time: options.now(), edges: suspicion.edges)
    dump.remarks = outcome.remarks
    var ids = KernelFacts.tree(root).filter { $0 != suspicion.process }
    ids.insert(suspicion.process, at: 0)
    // A heartbeat tells of the program as a whole: what is known from inside says more than a shell around it.
    let inside = Set((server?.processes ?? []).filter { $0.isOpen && !$0.version.isEmpty }.map(\.id))
    if suspicion.key == "heartbeat", !inside.contains(ids[0]), let first = ids.first(where: { inside.contains($0) }) {
      ids.removeAll { $0 == first }
      ids.insert(first, at: 0)
    }
    for (index, id) in ids.prefix(Self.processesMax).enumerated() {
      dump.processes.append(process(id, isFirst: index == 0, &dump))
    }
    if ids.count > Self.processesMax {
      dump.remarks.append("\(ids.count - Self.processesMax) more processes are not shown")
    }
    return dump
  }

  private func process(_ id: Int32, isFirst: Bool, _ dump: inout ForeignDump) -> ForeignDump.Process {
    let looking = OutsideLook(
      options: options, run: { [unowned self] path, words in run(path, words) },
      pause: { [unowned self] seconds in if isFirst { wait(seconds) } })
    var process = ForeignDump.Process(id: id)
    if let python = server?.processes.first(where: { $0.id == id && $0.isOpen && !$0.version.isEmpty }) {
      process = self.python(python, &dump)
    } else if server != nil, Programs.kind(of: KernelFacts.executable(of: id)) == .python {
      process.ways.append("python bootstrap: it has not called from this process; owners of locks are not known")
    }
    process.facts = KernelFacts.facts(id)
    if let table = pthreads?.tables[id] {
      process.locks += pthreads?.locks(of: id) ?? []
      process.ways.append(
        "libChaosLocks.so: \(process.locks.count) mutexes held, in \(table.rows.count) threads"
          + (table.unlisted > 0 ? "; \(table.unlisted) threads are not in its table" : ""))
    } else if pthreads != nil {
      process.ways.append("libChaosLocks.so: nothing of this process: linked statically, or it used no mutex yet")
    }
    if process.threads.isEmpty, isFirst {
      let found = looking.stacks(of: id)
      (process.threads, process.isSymbolized) = (found.threads, found.isSymbolized)
      process.ways += found.ways
      if !found.circle.isEmpty {
        dump.verdict = .deadlock
        dump.edges = found.circle
        options.say("chaos watch: DEADLOCK: \(dump.arrow)")
      }
    }
    if process.threads.isEmpty { process.ways.append("/proc: what the kernel says of each thread; no stacks") }
    looking.addKernel(to: &process)
    return process
  }

  private func python(_ python: PythonProcess, _ dump: inout ForeignDump) -> ForeignDump.Process {
    let number = python.askDump()
    wait(Self.answerLimit) { python.dumpEnded == number || !python.isOpen }
    if python.dumpEnded == number {
      var process = BootstrapRows.process(python.id, python.dump)
      process.ways.append(
        "python bootstrap: stacks of \(process.threads.count) threads, \(process.locks.count) locks held, "
          + "\(process.tasks.count) asyncio tasks (Python \(python.version))")
      if !python.untracked.isEmpty {
        process.ways.append("python bootstrap: locks are not tracked: \(python.untracked)")
      }
      // Now with the names of the locks, which the thread that closed the circle had no time to look for.
      let named = BootstrapRows.circles(python.dump).first?.map(\.edge) ?? []
      if dump.verdict == .deadlock, named.count == dump.edges.count { dump.edges = named }
      return process
    }
    var process = ForeignDump.Process(id: python.id)
    let reason = python.failure.map { "it failed: \($0)" } ?? "a call does not let go of the interpreter (the GIL)"
    process.ways.append("python bootstrap: no answer within \(ForeignDumpText.duration(Self.answerLimit)): \(reason)")
    process.threads = faultHandler(python)
    process.isSymbolized = !process.threads.isEmpty
    process.ways.append(
      process.threads.isEmpty
        ? "faulthandler: its signal is not taken, or it wrote nothing"
        : "faulthandler: stacks of \(process.threads.count) threads, without locks (Python \(python.version))")
    return process
  }

  /// The C function that walks all stacks at a signal, whoever has the interpreter.
  private func faultHandler(_ python: PythonProcess) -> [ForeignDump.Thread] {
    guard let folder = server?.folder, KernelFacts.catches(python.id, signal: python.signal) else { return [] }
    let path = "\(folder)/faults.\(python.ownId)"
    let before = Files.read(path)?.count ?? 0
    guard kill(python.id, python.signal) == 0 else { return [] }
    var count = before
    var isStill = false
    let deadline = cp_monotonic_ns() &+ 2_000_000_000
    while !isStill, cp_monotonic_ns() < deadline {
      wait(0.1)
      let now = Files.read(path)?.count ?? 0
      isStill = now > before && now == count
      count = now
    }
    guard let bytes = Files.read(path), bytes.count > before else { return [] }
    return FaultHandlerText.threads(String(decoding: bytes[before...], as: UTF8.self), names: python.threads)
  }

  private func run(_ path: String, _ words: [String]) -> String? {
    guard let started = Helper(path, words, environment: options.environment) else { return nil }
    helper = started
    defer {
      started.end()
      helper = nil
    }
    return wait(Self.toolLimit, until: { started.isDone }) ? started.text : nil
  }

  /// SIGQUIT ends a Go program with all its stacks on stderr; only where it is to end anyway.
  private func addGoroutines(_ dump: inout ForeignDump) {
    guard let tee = tees.last, !dump.processes.isEmpty else { return }
    tee.keepsRecent = true
    kill(root, SIGQUIT)
    wait(10) { status != nil && !tee.isOpen }
    let found = DebuggerText.goroutines(String(decoding: tee.recent, as: UTF8.self))
    dump.processes[0].ways.append("SIGQUIT of Go: stacks of \(found.count) goroutines")
    guard !found.isEmpty else { return }
    dump.processes[0].isSymbolized = true
    dump.processes[0].threads = found
  }

  // MARK: Writing

  private func write(_ dump: ForeignDump) {
    let path = Self.numbered(options.dumpPath, outcome.dumps.count + 1)
    let text = ForeignDumpText.render(dump, path: path)
    if let error = Files.replace(Array(text.utf8), at: path) {
      options.say("chaos watch: no dump: \(error)")
      let other = Self.numbered(
        "\(options.variable("TMPDIR") ?? "/tmp")/stackdump-\(root).txt", outcome.dumps.count + 1)
      if other == path || Files.replace(Array(ForeignDumpText.render(dump, path: other).utf8), at: other) != nil {
        // Reason and cycle at least, where people look.
        let head = text.firstRange(of: "PROCESS pid").map { text[..<$0.lowerBound] } ?? text[...]
        options.say(String(head))
        return
      }
      outcome.dumps.append(other)
    } else {
      outcome.dumps.append(path)
    }
    options.say("chaos watch: dump: \(outcome.dumps.last ?? path)")
  }

  /// `stackdump.txt`, then `stackdump-2.txt` and so on.
  static func numbered(_ path: String, _ number: Int) -> String {
    if number == 1 { return path }
    let name = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    let dot = path[name...].lastIndex(of: ".") ?? path.endIndex
    return "\(path[..<dot])-\(number)\(path[dot...])"
  }
}
