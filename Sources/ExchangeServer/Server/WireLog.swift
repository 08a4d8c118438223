import Basics
import Glibc

/// A log that grows by whole lines while the server runs, with a bound; a disk that takes no more is said, and the server
/// goes on.
final class WireLog {
  /// Bytes of one log at most.
  static let bytesMax = 2 << 30

  private let descriptor: Int32
  private let path: String
  private var written = 0
  /// What is wrong with it; nil: nothing.
  private(set) var trouble: String?

  /// Nil, and errno, when the file cannot be made.
  init?(_ path: String) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o644)
    self.path = path
    if descriptor < 0 { return nil }
  }

  deinit { close(descriptor) }

  func append(_ bytes: [UInt8]) {
    guard trouble == nil, !bytes.isEmpty else { return }
    guard written + bytes.count <= Self.bytesMax else {
      trouble = "\(path) has reached \(Self.bytesMax >> 20) MiB; what comes later is not in it"
      return
    }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        trouble = "\(path): \(String(cString: strerror(errno))); what comes later is not in it"
        return
      }
      written += count
      rest = rest.dropFirst(count)
    }
  }
}
