import ChaosRuntime
import CPlatform
import Glibc

/// Beginning and end of the program, and the signals between.
extension ProcessWatcher {
  /// False: there is nothing to watch; `outcome` says why.
  func begin() -> Bool {
    if case .url(let url) = options.heartbeat {
      probe = URLProbe(url, every: max(0.1, min(options.heartbeatLimit / 4, 5))) { [unowned self] now in beat(now) }
    }
    switch options.subject {
    case .process(let id):
      startOfForeign = KernelFacts.start(of: id)
      if startOfForeign == nil { _ = failed("there is no process \(id)") }
      return startOfForeign != nil
    case .command(let words): return start(words)
    }
  }

  private func start(_ words: [String]) -> Bool {
    guard let name = words.first, let path = options.executable(name) else {
      let name = words.first ?? ""
      let isThere = name.contains("/") && Files.exists(name)
      _ = failed(
        isThere ? "'\(name)' cannot be run: permission denied, or a directory" : "'\(name)' is not found",
        code: isThere ? 126 : 127)
      return false
    }
    var environment = options.environment
    do throws(BootstrapServer.Refusal) {
      let made = try BootstrapServer(in: [options.variable("TMPDIR") ?? "", "/tmp", "/dev/shm"])
      environment = made.environment(environment)
      server = made
    } catch {
      remark("no bootstrap for Python: \(error.text)")
    }
    preload(&environment)
    let kind = Programs.kind(of: path)
    if kind == .python, let flag = Self.isolating(words) {
      remark("python \(flag) ignores PYTHONPATH or site: no owners of locks; watched from outside")
    }
    var ends: [Int32] = []
    let isListening = if case .line = options.heartbeat { true } else { false }
    let output = isListening ? tee(1, &ends) : -1
    // Go writes its stacks to stderr.
    let error = isListening || kind == .go && options.isFatal ? tee(2, &ends) : -1
    if isListening, kind == .python, options.variable("PYTHONUNBUFFERED") == nil {
      environment.append("PYTHONUNBUFFERED=1")
    }
    var reason: Int32 = 0
    child = Self.spawn(path, words, environment, output, error, options.ignoredSignals, &reason)
    for end in ends { close(end) }
    if child > 0 { return true }
    _ = failed("'\(name)' cannot be run: \(String(cString: strerror(reason)))", code: 126)
    return false
  }

  /// Puts the library in front of the program's mutexes.
  private func preload(_ environment: inout [String]) {
    guard let library = options.lockLibrary else { return }
    guard let server else { return remark("no owners of pthread mutexes: there is no directory for their table") }
    let own = options.variable("LD_PRELOAD").map { ":\($0)" } ?? ""
    environment.removeAll { $0.hasPrefix("LD_PRELOAD=") }
    environment.append("LD_PRELOAD=\(library)\(own)")
    pthreads = PthreadWatch(folder: server.folder)
  }

  private static func spawn(
    _ path: String, _ words: [String], _ environment: [String], _ output: Int32, _ error: Int32, _ ignored: UInt64,
    _ reason: inout Int32
  ) -> Int32 {
    let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    let variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    let program = strdup(path)
    defer { for text in arguments + variables + [program] { free(text) } }
    return arguments.withUnsafeBufferPointer { arguments in
      variables.withUnsafeBufferPointer { variables in
        var request = cp_watch_request(
          program: program, arguments: arguments.baseAddress, environment: variables.baseAddress, output: output,
          error: error, ignored: ignored)
        return cp_watch_spawn(&request, &reason)
      }
    }
  }

  /// The end that the program writes to, or -1: it then has our own.
  private func tee(_ target: Int32, _ ends: inout [Int32]) -> Int32 {
    guard let pipe = ChildProgram.pipe() else { return -1 }
    tees.append(
      OutputTee(reading: pipe.reading, target: target) { [unowned self] line in
        if case .line(_, let accepts) = options.heartbeat, accepts(line) { beat(cp_monotonic_ns()) }
      })
    ends.append(pipe.writing)
    return pipe.writing
  }

  /// An option of python that keeps the bootstrap out: https://docs.python.org/3/using/cmdline.html
  static func isolating(_ words: [String]) -> String? {
    for word in words.dropFirst() {
      guard word.hasPrefix("-"), !word.hasPrefix("--") else { return nil }
      // What follows these belongs to the program.
      if word.contains("c") || word.contains("m") { return word.contains { "IES".contains($0) } ? word : nil }
      if word.contains(where: { "IES".contains($0) }) { return word }
    }
    return nil
  }

  // MARK: Signals

  /// To our program as it came. The terminal has told its whole group already.
  func take(_ number: Int32, _ isTerminals: Bool) {
    if number == SIGCHLD { return }
    if case .process = options.subject {
      if [SIGINT, SIGTERM, SIGHUP, SIGQUIT].contains(number) { interruption = number }
      return
    }
    if !isTerminals, child > 0, status == nil { kill(child, number) }
  }

  /// Collects the program once it has ended; as process 1 also what others left behind.
  func reap() {
    var state: Int32 = 0
    if child > 0, status == nil, waitpid(child, &state, WNOHANG) == child { status = state }
    guard getpid() == 1 else { return }
    while true {
      let id = waitpid(-1, &state, WNOHANG)
      if id <= 0 { return }
      if id == child { status = state }
    }
  }

  // MARK: End

  /// SIGTERM, ten seconds, SIGKILL, to the program and what it started; Go gets SIGQUIT first and writes its stacks then.
  func terminate() {
    let all = KernelFacts.tree(root).map { (id: $0, start: KernelFacts.start(of: $0)) }
    func left() -> [Int32] {
      reap()
      return all.filter { $0.start != nil && KernelFacts.start(of: $0.id) == $0.start }.map(\.id)
    }
    options.say("chaos watch: ending process \(root) (--fatal)")
    kill(root, SIGTERM)
    // A program that was stopped hears nothing else.
    kill(root, SIGCONT)
    wait(0.5) { left().isEmpty }
    for id in left() where id != root { kill(id, SIGTERM) }
    if !wait(9.5, until: { left().isEmpty }) {
      for id in left() { kill(id, SIGKILL) }
      wait(5) { left().isEmpty }
    }
  }

  func finish() {
    for tee in tees {
      tee.drain { item in
        var state = pollfd(fd: item.descriptor, events: item.events, revents: 0)
        // A reader that takes nothing for a second is not waited for.
        return poll(&state, 1, item.events == Int16(POLLOUT) ? 1000 : 0) > 0
      }
    }
    if let interruption { outcome.ownSignal = interruption }
    guard let status else { return }
    if status & 0x7F == 0 { outcome.ownCode = (status >> 8) & 0xFF } else { outcome.ownSignal = status & 0x7F }
  }
}
