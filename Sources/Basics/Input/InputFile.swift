import Glibc

/// The one way in for files from outside: regular files only, read whole, at most so many bytes of each kind.
public enum InputFile {
  /// Kinds of files.
  public enum Kind: Sendable, CaseIterable {
    /// `run.json`.
    case run
    /// `recording.txt`: every choice of a run that was not the default one.
    case recording
    /// JSON lines: a log, the venue's truth.
    case log
    /// `config.json`, the engine's state, metrics.
    case document
    /// Faults, settings, alerts.
    case toml
    /// A gauntlet's JSON report.
    case report
    /// Recorded market data of one symbol.
    case ticks
    /// `stackdump.txt`.
    case dump

    /// Bytes that are read at most.
    public var bytesMax: Int {
      switch self {
      case .toml: 1 << 20
      case .document: 16 << 20
      case .run, .report, .ticks, .dump: 64 << 20
      case .recording: 128 << 20
      case .log: 256 << 20
      }
    }
  }

  /// All bytes of a regular file. A pipe or a device would make the reader wait, or never end: it is refused.
  ///
  /// - Throws: `InputError` for a file that is missing, not regular, unreadable, or larger than its kind may be.
  public static func bytes(_ path: String, _ kind: Kind) throws(InputError) -> [UInt8] {
    try bytes(path, max: kind.bytesMax)
  }

  /// The same with a limit of the caller's, in bytes.
  ///
  /// - Throws: `InputError` for a file that is missing, not regular, unreadable or larger than `max`.
  public static func bytes(_ path: String, max: Int) throws(InputError) -> [UInt8] {
    // Without O_NONBLOCK opening a pipe waits for its writer.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
    if descriptor < 0 { throw unopened(path, errno) }
    defer { close(descriptor) }
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { throw unopened(path, errno) }
    if let what = special(info) {
      throw InputError(file: path, "this is \(what), and only regular files are read")
    }
    func tooLarge(_ size: String) -> InputError {
      InputError(file: path, "the file has \(size) bytes, and at most \(max) are read of its kind")
    }
    if info.st_size > max { throw tooLarge("\(info.st_size)") }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(info.st_size))
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw InputError(file: path, "cannot be read: \(String(cString: strerror(errno)))") }
      if count == 0 { return bytes }
      if bytes.count + count > max { throw tooLarge("more than \(max)") }
      bytes.append(contentsOf: chunk[..<count])
    }
  }

  /// The same as text; a byte order mark is left out, and a byte that is not UTF-8 is named.
  ///
  /// - Throws: `InputError` as `bytes` does, and with the place of the first byte that is not UTF-8.
  public static func text(_ path: String, _ kind: Kind) throws(InputError) -> String {
    try text(of: bytes(path, kind), file: path)
  }

  /// Bytes as text; `file` is their name in the error that says where they are not UTF-8.
  public static func text(of bytes: [UInt8], file: String) throws(InputError) -> String {
    if let offset = firstInvalidByte(bytes[...]) {
      let (line, column) = place(of: offset, in: bytes)
      throw InputError(file: file, place: "\(line):\(column)", "this byte is not UTF-8; save the file as UTF-8 text")
    }
    return String(decoding: withoutMark(bytes[...]), as: UTF8.self)
  }

  /// Line and column of an offset, both from 1; the column counts bytes.
  public static func place(of offset: Int, in bytes: [UInt8]) -> (line: Int, column: Int) {
    let before = bytes[..<min(offset, bytes.count)]
    let line = before.reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
    let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    return (line, before.count - start + 1)
  }

  /// Without the mark that some editors put in front of UTF-8.
  public static func withoutMark(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes
  }

  /// The first byte that is not UTF-8, as an index of the slice; nil: all of it is.
  public static func firstInvalidByte(_ bytes: ArraySlice<UInt8>) -> Int? {
    let isPlain = bytes.withUnsafeBufferPointer { buffer in
      var all: UInt8 = 0
      for byte in buffer { all |= byte }
      return all < 0x80
    }
    if isPlain { return nil }
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var offset = bytes.startIndex
    while true {
      switch parser.parseScalar(from: &iterator) {
      case .valid(let scalar): offset += scalar.count
      case .emptyInput: return nil
      case .error: return offset
      }
    }
  }

  private static func unopened(_ path: String, _ code: Int32) -> InputError {
    if path.isEmpty { return InputError(file: "''", "an empty name is not a file") }
    var error: InputError
    switch code {
    case ENOENT: error = InputError(file: path, "there is no such file")
    // A socket cannot be opened.
    case ENXIO: error = InputError(file: path, "this is not a regular file, and only regular files are read")
    default: error = InputError(file: path, "cannot be opened: \(String(cString: strerror(code)))")
    }
    error.isMissing = code == ENOENT
    return error
  }

  /// What stands there in place of a regular file; nil: it is one.
  private static func special(_ info: stat) -> String? {
    switch info.st_mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "a directory"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }
}
