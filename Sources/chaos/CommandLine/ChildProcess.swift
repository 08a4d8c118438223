import ChaosRuntime
import Glibc

/// This program once more, as a child whose output is kept; it ends with this process.
enum ChildProcess {
  struct Ended {
    /// Nil: a signal or the limit ended it.
    var code: Int32?
    var output: String
  }

  static var ownId: pid_t { getpid() }
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
  /// Bytes of output that are kept; more are read and dropped.
  private static let outputMax = 16 << 20

  /// Runs `chaos` with the words and waits at most `limit` seconds; nil: it cannot be started. Its stderr is dropped.
  static func run(_ words: [String], limit: Double) -> Ended? {
    guard let pipe = ChildProgram.pipe() else { return nil }
    defer { close(pipe.reading) }
    var program = ChildProgram("/proc/self/exe", words: ["chaos"] + words, environment: environment)
    program.descriptors.output = pipe.writing
    let started = try? program.start()
    close(pipe.writing)
    guard let child = started else { return nil }
    let output = read(pipe.reading, until: WallClock.monotonic + limit)
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
