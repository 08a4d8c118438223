import Glibc

/// Passes one output of the program on, byte for byte, and shows its lines to a listener.
///
/// While our own output takes nothing, nothing more is read, so that the program waits as it would have done.
final class OutputTee: Polled {
  /// The end that the program writes to; closed here once it runs.
  let reading: Int32
  private let target: Int32
  private var waiting: [UInt8] = []
  private var line: [UInt8] = []
  private let onLine: (String) -> Void
  private(set) var isOpen = true
  /// The last bytes, when they are wanted.
  private(set) var recent: [UInt8] = []
  var keepsRecent = false
  private static let recentMax = 16 << 20
  private static let lineMax = 1 << 16

  init(reading: Int32, target: Int32, onLine: @escaping (String) -> Void) {
    self.reading = reading
    self.target = target
    self.onLine = onLine
  }

  var descriptor: Int32 { waiting.isEmpty ? reading : target }
  var events: Int16 { !isOpen ? 0 : waiting.isEmpty ? Int16(POLLIN) : Int16(POLLOUT) }

  func ready(_ now: UInt64) {
    if waiting.isEmpty { take() }
    if !waiting.isEmpty { give() }
  }

  private func take() {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(reading, &chunk, chunk.count)
    if count < 0, errno == EINTR || errno == EAGAIN { return }
    guard count > 0 else { return end() }
    waiting = Array(chunk[..<count])
    if keepsRecent, recent.count < Self.recentMax { recent += waiting }
    for byte in waiting {
      if byte == 0x0A {
        onLine(String(decoding: line, as: UTF8.self))
        line.removeAll(keepingCapacity: true)
      } else if line.count < Self.lineMax {
        line.append(byte)
      }
    }
  }

  /// One write of at most what a pipe takes without waiting once poll says so. POSIX: PIPE_BUF.
  private func give() {
    let count = waiting.withUnsafeBytes { write(target, $0.baseAddress, min($0.count, 4096)) }
    if count > 0 { waiting.removeFirst(count) }
    // The reader is gone: the program's next write must fail as ours did.
    if count < 0, errno != EINTR, errno != EAGAIN { end() }
  }

  private func end() {
    if isOpen { close(reading) }
    isOpen = false
    waiting = []
  }

  /// What is still in the pipe, once the program has ended; what its descendants write later is theirs.
  func drain(_ wait: (Polled) -> Bool) {
    while isOpen, wait(self) { ready(0) }
    end()
  }
}
