import ChaosRuntime
import Glibc

/// A tool of this machine that runs beside the watch; its output is kept, up to a bound.
final class Helper: Polled {
  let descriptor: Int32
  private let id: Int32
  private var bytes: [UInt8] = []
  /// The output has ended.
  private(set) var isDone = false
  private static let outputMax = 8 << 20

  var events: Int16 { isDone ? 0 : Int16(POLLIN) }
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Nil: it cannot be started.
  init?(_ path: String, _ words: [String], environment: [String]) {
    guard let pipe = ChildProgram.pipe() else { return nil }
    var program = ChildProgram(path, words: words, environment: environment)
    program.descriptors.output = pipe.writing
    program.descriptors.error = pipe.writing
    let started = try? program.start()
    close(pipe.writing)
    guard let started else {
      close(pipe.reading)
      return nil
    }
    descriptor = pipe.reading
    id = started
  }

  func ready(_ now: UInt64) {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(descriptor, &chunk, chunk.count)
    if count < 0, errno == EINTR { return }
    if count <= 0 { isDone = true }
    if count > 0, bytes.count < Self.outputMax { bytes += chunk[..<count] }
  }

  /// Ends it where it has not, and collects it.
  func end() {
    kill(id, SIGKILL)
    var state: Int32 = 0
    while waitpid(id, &state, 0) < 0, errno == EINTR {}
    close(descriptor)
  }
}
