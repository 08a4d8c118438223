import Basics
import ChaosRuntime
import Glibc

/// A bot as a child in a process group of its own, with its output kept, bounded; it ends with this process.
final class BotProcess {
  /// How it ended.
  struct End {
    var exitCode: Int?
    var signal: Int?
  }

  /// Bytes of output that are kept.
  static let keptMax = 64 << 20
  /// Who prints more than this, and a mebibyte for each second that he runs, floods.
  private static let floodBytes = 4 << 20
  private static let floodBytesPerSecond = 1 << 20
  /// Bytes that are read in one turn, and that wait for it; what Linux gives to everybody (fs.pipe-max-size).
  private static let readMax = 1 << 20
  /// F_SETPIPE_SZ of fcntl(2), which Glibc's module leaves out.
  private static let setPipeSize: Int32 = 1031

  private let id: pid_t
  private let output: Int32
  private let log: Int32
  private(set) var outputBytes = 0
  private(set) var isFlooding = false
  private let started: Instant
  private(set) var end: End?

  /// - Throws: `ChildProgram.Refusal` when it cannot be started.
  init(_ command: String, environment: [String], log path: String, at now: Instant) throws(ChildProgram.Refusal) {
    started = now
    guard let pipe = ChildProgram.pipe() else { throw ChildProgram.Refusal(code: errno) }
    var program = ChildProgram("/bin/sh", words: ["sh", "-c", Self.shell(command)], environment: environment)
    program.hasOwnGroup = true
    program.descriptors.output = pipe.writing
    program.descriptors.error = pipe.writing
    defer { close(pipe.writing) }
    do throws(ChildProgram.Refusal) { id = try program.start() } catch {
      close(pipe.reading)
      throw error
    }
    output = pipe.reading
    _ = fcntl(output, F_SETFL, fcntl(output, F_GETFL) | O_NONBLOCK)
    // It is read once a turn: a pipe of the usual 64 KiB would hold a bot up that prints much, and hide that it floods.
    _ = fcntl(output, Self.setPipeSize, Int32(Self.readMax))
    log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  }

  deinit {
    if end == nil { kill() }
    close(output)
    if log >= 0 { close(log) }
  }

  /// The shell gives its place to a plain command, so that signals reach the bot itself.
  private static func shell(_ command: String) -> String {
    let first = command.prefix { $0 != " " }
    let isPlain = !first.contains("=") && !command.contains { ";|&<>()\n".contains($0) }
    return isPlain ? "exec \(command)" : command
  }

  /// Reads what it has printed, and looks whether it has ended.
  func look(at now: Instant) {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    var total = 0
    while total < Self.readMax {
      let count = read(output, &chunk, chunk.count)
      guard count > 0 else { break }
      total += count
      if outputBytes < Self.keptMax, log >= 0 { _ = write(log, chunk, min(count, Self.keptMax - outputBytes)) }
      outputBytes += count
    }
    let seconds = Int((now - started).nanoseconds / 1_000_000_000)
    if outputBytes > Self.floodBytes + seconds * Self.floodBytesPerSecond { isFlooding = true }
    guard end == nil else { return }
    var status: Int32 = 0
    guard waitpid(id, &status, WNOHANG) == id else { return }
    end =
      status & 0x7F == 0
      ? End(exitCode: Int(status >> 8) & 0xFF, signal: nil) : End(exitCode: nil, signal: Int(status & 0x7F))
  }

  /// Asks the whole group: its leader is a guard that hears no signal, and the bot may have children.
  func ask() { if end == nil { Glibc.kill(-id, SIGTERM) } }

  /// Ends it and everything it has started.
  func kill() {
    Glibc.kill(-id, SIGKILL)
    Glibc.kill(id, SIGKILL)
    guard end == nil else { return }
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0, errno == EINTR {}
    end = End(exitCode: nil, signal: Int(SIGKILL))
  }
}
