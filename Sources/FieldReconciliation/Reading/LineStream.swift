import Basics
import ChaosRuntime
import Glibc

/// The lines of a file of any size, one after the other; memory does not grow with the file.
///
/// A file that begins as gzip does (RFC 1952) is read through `gzip -dc` as a child. Only regular files are read.
public final class LineStream {
  /// Bytes of a line at most; a longer one is given as `isTooLong` and skipped.
  public static let lineBytesMax = 4 << 20
  private static let chunkBytes = 1 << 20
  /// Readers may look so many bytes beyond a line's end.
  static let padding = 16

  /// As the user knows the file.
  public let path: String
  /// Bytes of the file on disk, for progress; a file that grows meanwhile is read on.
  public let size: Int
  /// Number of the last line that was given, from 1.
  public private(set) var line = 0
  /// Whether the last line that was given had more than `lineBytesMax` bytes; what is given of it is empty.
  public private(set) var isTooLong = false
  /// Whether the last line that was given ended with the file, without a newline.
  public private(set) var isUnterminated = false
  /// Whether the file is packed and ends before its packed data does; what comes before was given.
  public private(set) var isCutOff = false

  private let file: Int32
  private var source: Int32
  private var child: Int32?
  /// Where the child says why it fails; nil: there is none.
  private var complaints: Int32?
  private var buffer: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private var start = 0
  private var end = 0
  private var isAtEnd = false

  /// Opens the file; nothing is read yet but its first two bytes.
  ///
  /// - Throws: `InputError` for a file that is missing, not regular or unreadable, and where `gzip` is needed and missing.
  public init(_ path: String) throws(InputError) {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
    if descriptor < 0 { throw InputError(file: path, "cannot be opened: \(String(cString: strerror(errno)))") }
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw InputError(file: path, "this is not a regular file, and only regular files are read")
    }
    self.path = path
    size = Int(info.st_size)
    file = descriptor
    source = descriptor
    capacity = 2 * Self.chunkBytes
    buffer = .allocate(capacity: capacity + Self.padding)
    buffer.initialize(repeating: 0, count: capacity + Self.padding)
    var magic: [UInt8] = [0, 0]
    if pread(descriptor, &magic, 2, 0) == 2, magic == [0x1F, 0x8B] { try unpack() }
  }

  /// A file that is in memory already; `path` is its name for places.
  init(_ bytes: [UInt8], path: String) {
    self.path = path
    size = bytes.count
    file = -1
    source = -1
    capacity = max(1, bytes.count)
    buffer = .allocate(capacity: capacity + Self.padding)
    buffer.initialize(repeating: 0, count: capacity + Self.padding)
    bytes.withUnsafeBufferPointer { if let base = $0.baseAddress { memcpy(buffer, base, bytes.count) } }
    end = bytes.count
    isAtEnd = true
  }

  deinit {
    if source != file { close(source) }
    if let complaints { close(complaints) }
    if file >= 0 { close(file) }
    buffer.deallocate()
    guard let child else { return }
    kill(child, SIGKILL)
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
  }

  /// Bytes of the file on disk that were taken so far; for a packed file those that its child has read.
  public var bytesRead: Int { max(0, Int(lseek(file, 0, SEEK_CUR))) }

  /// The next line without its newline and carriage return, valid until the next call; nil at the end.
  ///
  /// - Throws: `InputError` where the file cannot be read on, or is packed and broken; one that ends too early is read to there.
  public func next() throws(InputError) -> UnsafeBufferPointer<UInt8>? {
    isTooLong = false
    var searched = start
    while true {
      if searched < end, let found = memchr(buffer + searched, 0x0A, end - searched) {
        let at = buffer.distance(to: found.assumingMemoryBound(to: UInt8.self))
        defer { start = at + 1 }
        return given(to: at)
      }
      searched = end
      if isAtEnd {
        guard start < end else { return nil }
        defer { start = end }
        isUnterminated = true
        return given(to: end)
      }
      if end - start > Self.lineBytesMax {
        isTooLong = true
        start = end
      }
      let moved = start
      try fill()
      searched -= moved - start
    }
  }

  private func given(to at: Int) -> UnsafeBufferPointer<UInt8> {
    line += 1
    if isTooLong { return UnsafeBufferPointer(start: buffer, count: 0) }
    let isReturn = at > start && buffer[at - 1] == 0x0D
    return UnsafeBufferPointer(start: buffer + start, count: at - start - (isReturn ? 1 : 0))
  }

  /// Makes room and reads one chunk behind what is there.
  private func fill() throws(InputError) {
    if start > 0 {
      memmove(buffer, buffer + start, end - start)
      end -= start
      start = 0
    }
    if capacity - end < Self.chunkBytes {
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: 2 * capacity + Self.padding)
      larger.initialize(repeating: 0, count: 2 * capacity + Self.padding)
      memcpy(larger, buffer, end)
      buffer.deallocate()
      buffer = larger
      capacity *= 2
    }
    while true {
      let count = read(source, buffer + end, Self.chunkBytes)
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw InputError(file: path, "cannot be read: \(String(cString: strerror(errno)))") }
      end += count
      if count == 0 {
        isAtEnd = true
        try endOfChild()
      }
      return
    }
  }

  // MARK: gzip

  private static let gzip = ["/usr/bin/gzip", "/bin/gzip"]

  private func unpack() throws(InputError) {
    guard let program = Self.gzip.first(where: { access($0, X_OK) == 0 }) else {
      throw InputError(file: path, "is packed by gzip, and there is no \(Self.gzip[0]) to unpack it; unpack it first")
    }
    let (pipe, said) = (ChildProgram.pipe(), ChildProgram.pipe())
    guard let pipe, let said else {
      for end in [pipe?.reading, pipe?.writing, said?.reading, said?.writing].compactMap({ $0 }) { close(end) }
      throw InputError(file: path, "no descriptor is left to unpack it")
    }
    // Without a locale it says in English why it fails.
    var gzip = ChildProgram(program, words: ["gzip", "-dc"], environment: [])
    gzip.descriptors = (file, pipe.writing, said.writing)
    let started = try? gzip.start()
    close(pipe.writing)
    close(said.writing)
    complaints = said.reading
    guard let started else {
      close(pipe.reading)
      throw InputError(file: path, "\(program) cannot be started to unpack it")
    }
    child = started
    source = pipe.reading
  }

  private func endOfChild() throws(InputError) {
    guard let id = child else { return }
    child = nil
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0, errno == EINTR {}
    // 2 is a warning, such as bytes behind the end.
    let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 1
    guard code == 1 else { return }
    if complaint.contains("unexpected end of file"), line > 0 || end > start {
      isCutOff = true
    } else {
      throw InputError(file: path, "is no whole gzip file; unpack it by hand to see how far it goes")
    }
  }

  /// What the child said before it ended; a few words, which fit into any pipe.
  private var complaint: String {
    guard let complaints else { return "" }
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = read(complaints, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
