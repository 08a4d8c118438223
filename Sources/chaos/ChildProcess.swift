import Glibc

/// This program once more, started with posix_spawn, its output kept.
enum ChildProcess {
  struct Ended {
    /// Nil: a signal or the limit ended it.
    var code: Int32?
    var output: String
  }

  static var ownId: pid_t { getpid() }
  /// Bytes of output that are kept; more are read and dropped.
  private static let outputMax = 16 << 20

  /// Runs `chaos` with the words and waits at most `limit` seconds; nil: it cannot be started. Its stderr is dropped.
  static func run(_ words: [String], limit: Double) -> Ended? {
    var pipes: [Int32] = [-1, -1]
    guard pipe(&pipes) == 0 else { return nil }
    for end in pipes { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var arguments: [UnsafeMutablePointer<CChar>?] = (["chaos"] + words).map { strdup($0) } + [nil]
    defer { for text in arguments { free(text) } }
    var child: pid_t = 0
    let result = posix_spawn(&child, "/proc/self/exe", &actions, nil, &arguments, environ)
    close(pipes[1])
    defer { close(pipes[0]) }
    guard result == 0 else { return nil }
    let output = read(pipes[0], until: WallClock.monotonic + limit)
    var status: Int32 = 0
    if output == nil { kill(child, SIGKILL) }
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    let hasEnded = output != nil && status & 0x7F == 0
    return Ended(code: hasEnded ? (status >> 8) & 0xFF : nil, output: output ?? "")
  }

  /// Everything until the end of the output; nil: the time was over first.
  private static func read(_ descriptor: Int32, until deadline: Double) -> String? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let left = deadline - WallClock.monotonic
      guard left > 0 else { return nil }
      var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let polled = poll(&ready, 1, Int32(min(left, 60) * 1000) + 1)
      if polled < 0, errno != EINTR { return nil }
      guard polled > 0 else { continue }
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
      if bytes.count < outputMax { bytes += chunk[..<count] }
    }
  }
}
