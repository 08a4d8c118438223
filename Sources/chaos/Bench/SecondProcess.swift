import ChaosRuntime
import Glibc

/// A second process of this program, or of another build, that runs the same seeds elsewhere: another directory, time zone,
/// language, malloc fill, hash seed and address layout.
final class SecondProcess {
  private var child: pid_t = 0
  private var output: Int32 = -1
  private var buffer: [UInt8] = []
  /// Milliseconds without a line after which the witness counts as hung.
  private static let silenceMax: Int32 = 120_000
  private static let foreign = [
    "TZ=Pacific/Kiritimati", "LC_ALL=tr_TR.UTF-8", "LANG=tr_TR.UTF-8", "MALLOC_PERTURB_=85", "COLUMNS=40",
  ]

  /// Nil: it cannot be started.
  init?(program: String, _ arguments: [String]) {
    guard let resolved = realpath(program, nil) else { return nil }
    defer { free(resolved) }
    guard access(resolved, X_OK) == 0, let pipe = ChildProgram.pipe() else { return nil }
    let path = String(cString: resolved)
    var witness = ChildProgram(path, words: [path] + arguments, environment: Self.environment)
    witness.directory = "/"
    witness.descriptors.output = pipe.writing
    witness.descriptors.error = 2
    let started = try? witness.start()
    close(pipe.writing)
    guard let started else {
      close(pipe.reading)
      return nil
    }
    child = started
    output = pipe.reading
  }

  deinit {
    // An init that failed ends here too, and 0 would be the whole process group.
    guard child > 0 else { return }
    close(output)
    kill(child, SIGKILL)
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
  }

  /// The next line it prints; nil: it has ended, or says nothing for two minutes.
  func line() -> String? {
    while true {
      if let end = buffer.firstIndex(of: 0x0A) {
        let text = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeSubrange(...end)
        return text
      }
      var ready = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      let polled = poll(&ready, 1, Self.silenceMax)
      if polled < 0, errno == EINTR { continue }
      guard polled > 0 else { return nil }
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      let n = read(output, &chunk, chunk.count)
      if n < 0, errno == EINTR { continue }
      guard n > 0 else { return nil }
      buffer += chunk[..<n]
    }
  }

  /// This process's variables, with those of another place; hashing stays seeded by chance.
  private static var environment: [String] {
    ChildProcess.environment.filter { entry in
      let name = entry.prefix { $0 != "=" }
      return name != "SWIFT_DETERMINISTIC_HASHING" && !foreign.contains { $0.hasPrefix("\(name)=") }
    } + foreign
  }
}
