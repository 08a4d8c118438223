import ChaosRuntime
import Basics
import Exploration
import Glibc

/// Forked workers that run cases one at a time and answer each with one line of JSON.
///
/// Forked while this process has one thread, so that a child inherits no lock that nobody will unlock. A child that dies
/// costs the case it ran; another takes its place.
final class WorkerPool {
  /// One child, and what it was given.
  private final class Worker {
    let pid: pid_t
    let lane: GauntletCase.Lane
    let commands: Int32
    let answers: Int32
    let note: WorkerNote
    /// Position of the case it runs; nil: it waits.
    var running: Int?
    var buffer: [UInt8] = []

    init(_ pid: pid_t, _ lane: GauntletCase.Lane, commands: Int32, answers: Int32, note: WorkerNote) {
      self.pid = pid
      self.lane = lane
      self.commands = commands
      self.answers = answers
      self.note = note
    }
  }

  /// What came of waiting for the workers.
  enum Event {
    case finished(CaseResult)
    case died(position: Int, how: String)
    /// Nothing within the time.
    case none
  }

  private let cases: [GauntletCase]
  private let options: GauntletOptions
  private let deadline: Double?
  private var workers: [Worker] = []

  /// `lanes` has one entry per worker. Nil: this process has more than one thread, or cannot fork.
  init?(_ cases: [GauntletCase], lanes: [GauntletCase.Lane], options: GauntletOptions, deadline: Double?) {
    self.cases = cases
    self.options = options
    self.deadline = deadline
    for lane in lanes {
      guard let worker = fork(lane) else {
        end()
        return nil
      }
      workers.append(worker)
    }
  }

  /// Positions of the cases that are running.
  var running: [Int] { workers.compactMap(\.running) }

  /// Schedules begun in the running cases.
  var begun: [(position: Int, schedules: Int)] {
    workers.compactMap { worker in worker.running.map { ($0, worker.note.begun) } }
  }

  /// Gives a case to an idle worker of its lane; false: all are busy.
  func start(_ position: Int) -> Bool {
    guard let worker = workers.first(where: { $0.running == nil && $0.lane == cases[position].lane }) else {
      return false
    }
    worker.running = position
    worker.note.clear()
    let bytes = Array("\(position)\n".utf8)
    // A worker that has died shows at its answers.
    _ = write(worker.commands, bytes, bytes.count)
    return true
  }

  /// Waits at most so many milliseconds for one answer or one death.
  func wait(milliseconds: Int32) -> Event {
    for worker in workers { if let event = take(worker) { return event } }
    var polls = workers.map { pollfd(fd: $0.answers, events: Int16(POLLIN), revents: 0) }
    guard poll(&polls, nfds_t(polls.count), milliseconds) > 0 else { return .none }
    for (index, ready) in polls.enumerated() where ready.revents != 0 {
      let worker = workers[index]
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      let count = read(worker.answers, &chunk, chunk.count)
      if count > 0 {
        worker.buffer += chunk[..<count]
        if let event = take(worker) { return event }
      } else if count == 0 || errno != EINTR {
        return replace(index)
      }
    }
    return .none
  }

  /// Ends every worker; whatever they run is lost.
  func end() {
    for worker in workers {
      close(worker.commands)
      kill(worker.pid, SIGKILL)
      _ = Self.reap(worker.pid)
      close(worker.answers)
      worker.note.free()
    }
    workers = []
  }

  /// A complete line of a worker; one that is no result counts as its death.
  private func take(_ worker: Worker) -> Event? {
    guard let end = worker.buffer.firstIndex(of: 0x0A), let position = worker.running else { return nil }
    let line = Array(worker.buffer[..<end])
    worker.buffer.removeSubrange(...end)
    worker.running = nil
    guard let json = try? JSON.parse(line), let result = CaseResult(json: json) else {
      return .died(position: position, how: "the worker's answer cannot be read")
    }
    return .finished(result)
  }

  // MARK: Deaths

  private func replace(_ index: Int) -> Event {
    let worker = workers[index]
    let status = Self.reap(worker.pid)
    close(worker.commands)
    close(worker.answers)
    defer { worker.note.free() }
    let how = Self.words(status, guardSeconds: options.guardSeconds)
    let note = worker.note
    if let fresh = fork(worker.lane) { workers[index] = fresh } else { workers.remove(at: index) }
    guard let position = worker.running else { return .none }
    let at =
      note.begun == 0
      ? "before its first schedule"
      : "in \(note.what), scenario seed \(note.scenarioSeed), schedule seed \(note.scheduleSeed)"
    return .died(position: position, how: "the worker \(how) \(at); \(cases[position].replay)")
  }

  private static func reap(_ pid: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return status
  }

  private static func words(_ status: Int32, guardSeconds: Int) -> String {
    let signal = status & 0x7F
    switch signal {
    case 0: return "ended with code \((status >> 8) & 0xFF)"
    case SIGALRM: return "was ended by its guard: one schedule took more than \(guardSeconds) s"
    case SIGILL, SIGTRAP, SIGABRT: return "trapped (signal \(signal))"
    case SIGSEGV, SIGBUS: return "crashed (signal \(signal))"
    default: return "was killed by signal \(signal)"
    }
  }

  // MARK: Children

  private func fork(_ lane: GauntletCase.Lane) -> Worker? {
    guard Self.threadCount == 1, let note = WorkerNote() else { return nil }
    // Children of a worker must not keep its pipes open.
    guard let commands = ChildProgram.pipe() else {
      note.free()
      return nil
    }
    guard let answers = ChildProgram.pipe() else {
      close(commands.reading)
      close(commands.writing)
      note.free()
      return nil
    }
    let parent = getpid()
    let pid = Glibc.fork()
    if pid == 0 {
      // At its next line from the parent it would see the end too, but a case may take minutes.
      ChildProgram.endWithParent(parent)
      for worker in workers {
        close(worker.commands)
        close(worker.answers)
      }
      close(commands.writing)
      close(answers.reading)
      serve(commands: commands.reading, answers: answers.writing, note)
    }
    close(commands.reading)
    close(answers.writing)
    guard pid > 0 else {
      close(commands.writing)
      close(answers.reading)
      note.free()
      return nil
    }
    return Worker(pid, lane, commands: commands.writing, answers: answers.reading, note: note)
  }

  /// The child's life: a case per line of the parent, until the parent closes the pipe or dies.
  private func serve(commands: Int32, answers: Int32, _ note: WorkerNote) -> Never {
    // A terminal's Ctrl-C and a service manager's SIGTERM reach every process of a group: the parent hears them, ends its
    // workers itself and writes the report. A worker that died of them would be a crashed case, which is red.
    signal(SIGINT, SIG_IGN)
    signal(SIGTERM, SIG_IGN)
    signal(SIGALRM, SIG_DFL)
    CrashNote.giveTime()
    // Whoever started this process may have blocked every signal: the guard's must arrive.
    var none = sigset_t()
    sigemptyset(&none)
    sigprocmask(SIG_SETMASK, &none, nil)
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while true {
      let count = read(commands, &byte, 1)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { _exit(0) }
      if byte != 0x0A {
        line.append(byte)
        continue
      }
      guard let position = Int(String(decoding: line, as: UTF8.self)), cases.indices.contains(position) else {
        _exit(70)
      }
      line = []
      let result = CaseRunner(options: options, deadline: deadline).run(cases[position]) { what, request in
        note.begin(what, scenarioSeed: request.scenarioSeed, scheduleSeed: request.scheduleSeed)
        alarm(UInt32(self.options.guardSeconds))
      }
      alarm(0)
      var bytes = Array((result.json.text + "\n").utf8)[...]
      while !bytes.isEmpty {
        let wrote = bytes.withUnsafeBytes { write(answers, $0.baseAddress, $0.count) }
        if wrote < 0, errno == EINTR { continue }
        if wrote <= 0 { _exit(70) }
        bytes = bytes.dropFirst(wrote)
      }
    }
  }

  /// Threads of this process, from the kernel.
  private static var threadCount: Int {
    Files.names(in: "/proc/self/task").count
  }
}
