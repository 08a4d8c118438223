import ChaosRuntime
import Glibc
import PaperSession

/// A child whose output is read here, line by line or to its end; it ends with this value.
final class ChildProcess {
  /// The process, for signals.
  let id: pid_t
  private let output: Int32
  private var buffer: [UInt8] = []
  private var isReaped = false
  /// Bytes of output that `text` keeps; more are read and dropped.
  private static let outputMax = 16 << 20

  /// Nil: it cannot be started. Its output comes here, whatever the program's own descriptors say.
  init?(_ program: ChildProgram) {
    guard let pipe = ChildProgram.pipe() else { return nil }
    var program = program
    program.descriptors.output = pipe.writing
    let started = try? program.start()
    close(pipe.writing)
    guard let started else {
      close(pipe.reading)
      return nil
    }
    id = started
    output = pipe.reading
  }

  deinit {
    close(output)
    if !isReaped { end() }
  }

  /// The next line it prints; nil: it has ended, or printed nothing for so many seconds.
  func line(silence: Double) -> String? {
    while true {
      if let end = buffer.firstIndex(of: 0x0A) {
        let text = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeSubrange(...end)
        return text
      }
      guard case .some(let chunk) = next(until: WallClock.monotonic + silence), !chunk.isEmpty else { return nil }
      buffer += chunk
    }
  }

  /// Everything that it prints until its end, or nothing when that takes more than so many seconds: then it is ended.
  func text(limit: Double) -> LiveChild {
    let deadline = WallClock.monotonic + limit
    var bytes: [UInt8] = []
    while let chunk = next(until: deadline) {
      if chunk.isEmpty {
        let status = wait()
        return LiveChild(
          code: status & 0x7F == 0 ? (status >> 8) & 0xFF : nil, output: String(decoding: bytes, as: UTF8.self))
      }
      if bytes.count < Self.outputMax { bytes += chunk }
    }
    end()
    return LiveChild(code: nil, output: "")
  }

  /// The next bytes; empty: the output has ended; nil: the time was over first.
  private func next(until deadline: Double) -> [UInt8]? {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let left = deadline - WallClock.monotonic
      guard left > 0 else { return nil }
      var ready = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      let polled = poll(&ready, 1, Int32(min(left, 60) * 1000) + 1)
      if polled < 0, errno != EINTR { return nil }
      guard polled > 0 else { continue }
      let count = read(output, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      return Array(chunk[..<max(0, count)])
    }
  }

  private func end() {
    kill(id, SIGKILL)
    _ = wait()
  }

  private func wait() -> Int32 {
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0, errno == EINTR {}
    isReaped = true
    return status
  }
}

extension ChildProcess {
  /// This program once more; it ends with this process. Its stderr is dropped. Nil: it cannot be started.
  static func run(_ words: [String], limit: Double) -> LiveChild? {
    ChildProcess(ChildProgram("/proc/self/exe", words: ["chaos"] + words, environment: environment))?.text(limit: limit)
  }

  /// A second process of this program, or of another build, that runs the same seeds elsewhere: another directory, time
  /// zone, language, malloc fill, hash seed and address layout. Nil: it cannot be started.
  static func elsewhere(_ program: String, _ arguments: [String]) -> ChildProcess? {
    guard let resolved = realpath(program, nil) else { return nil }
    defer { free(resolved) }
    guard access(resolved, X_OK) == 0 else { return nil }
    let path = String(cString: resolved)
    // Hashing stays seeded by chance.
    let own = environment.filter { entry in
      let name = entry.prefix { $0 != "=" }
      return name != "SWIFT_DETERMINISTIC_HASHING" && !foreign.contains { $0.hasPrefix("\(name)=") }
    }
    var second = ChildProgram(path, words: [path] + arguments, environment: own + foreign)
    second.directory = "/"
    second.descriptors.error = 2
    return ChildProcess(second)
  }

  private static let foreign = [
    "TZ=Pacific/Kiritimati", "LC_ALL=tr_TR.UTF-8", "LANG=tr_TR.UTF-8", "MALLOC_PERTURB_=85", "COLUMNS=40",
  ]

  /// This process's variables, `NAME=VALUE`.
  static var environment: [String] {
    var found: [String] = []
    var at = environ
    while let entry = at.pointee {
      found.append(String(cString: entry))
      at += 1
    }
    return found
  }
}
