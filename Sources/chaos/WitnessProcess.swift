import Glibc

/// A second process of this program, or of another build, that runs the same seeds elsewhere: another directory, time zone,
/// language, malloc fill, hash seed and address layout.
final class WitnessProcess {
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
    var pipes: [Int32] = [-1, -1]
    guard let resolved = realpath(program, nil) else { return nil }
    defer { free(resolved) }
    guard access(resolved, X_OK) == 0, pipe(&pipes) == 0 else { return nil }
    for end in pipes { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
    // The shell only changes the directory: posix_spawn's own way is not in every C library's headers.
    let shell = ["sh", "-c", "cd / && exec \"$0\" \"$@\"", String(cString: resolved)]
    var words: [UnsafeMutablePointer<CChar>?] = (shell + arguments).map { strdup($0) } + [nil]
    var environment: [UnsafeMutablePointer<CChar>?] = Self.environment.map { strdup($0) } + [nil]
    defer { for text in words + environment { free(text) } }
    let result = posix_spawn(&child, "/bin/sh", &actions, nil, &words, &environment)
    close(pipes[1])
    output = pipes[0]
    if result != 0 {
      child = 0
      close(output)
      return nil
    }
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
    var kept: [String] = []
    var at = environ
    while let entry = at.pointee {
      let text = String(cString: entry)
      let name = text.prefix { $0 != "=" }
      if name != "SWIFT_DETERMINISTIC_HASHING", !foreign.contains(where: { $0.hasPrefix("\(name)=") }) {
        kept.append(text)
      }
      at += 1
    }
    return kept + foreign
  }
}
