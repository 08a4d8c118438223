public import Basics
import Glibc

/// Real files under one directory, for live runs.
public final class FileDisk: Disk {
  private let root: String
  /// Makes the names in a directory durable; 0, or -1 and errno.
  private let syncNames: @Sendable (String) -> Int32

  /// `directory` exists; paths with `..` or a leading slash are refused with `io(EINVAL)`.
  public convenience init(directory: String) { self.init(directory: directory, syncNames: Self.syncNames) }

  init(directory: String, syncNames: @escaping @Sendable (String) -> Int32) {
    root = directory
    self.syncNames = syncNames
  }

  /// Truncates and writes; after an error the file is removed, so that no part of the new bytes is taken for the whole.
  public func write(_ bytes: [UInt8], to path: String, for final: String) throws(Stopped) -> Result<Void, DiskError> {
    put(bytes, to: path, flags: O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC)
  }

  /// Appends in as many calls of write(2) as it takes; after an error the file is as long as before, or gone when it
  /// was empty.
  public func append(_ bytes: [UInt8], to path: String) throws(Stopped) -> Result<Void, DiskError> {
    put(bytes, to: path, flags: O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC)
  }

  /// fsync(2) of the file's data; the name itself becomes durable with `rename`.
  public func sync(_ path: String, for final: String) throws(Stopped) -> Result<Void, DiskError> {
    guard let full = resolve(path) else { return .failure(.io(EINVAL)) }
    let descriptor = open(full, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { return .failure(Self.error(errno)) }
    defer { close(descriptor) }
    return fsync(descriptor) == 0 ? .success(()) : .failure(Self.error(errno))
  }

  /// rename(2), then fsync(2) of the directory: without it a power cut may bring the old name back.
  public func rename(_ path: String, to final: String) throws(Stopped) -> Result<Void, DiskError> {
    guard let from = resolve(path), let to = resolve(final) else { return .failure(.io(EINVAL)) }
    guard Glibc.rename(from, to) == 0 else { return .failure(Self.error(errno)) }
    // Until then a power cut may bring the old file back, or none: fsync(2).
    guard syncNames(String(to.prefix(upTo: to.lastIndex(of: "/") ?? to.startIndex))) == 0 else {
      return .failure(Self.error(errno))
    }
    return .success(())
  }

  private static func syncNames(_ directory: String) -> Int32 {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 { return -1 }
    defer { close(descriptor) }
    // A file system that cannot do it (EINVAL) has no more to give.
    return fsync(descriptor) == 0 || errno == EINVAL ? 0 : -1
  }

  /// Reads the file whole, at most 1 GiB.
  public func read(_ path: String) throws(Stopped) -> Result<[UInt8], DiskError> {
    guard let full = resolve(path) else { return .failure(.io(EINVAL)) }
    return Self.contents(of: full)
  }

  /// unlink(2); the directory is not synced, so that a power cut may bring the file back.
  public func remove(_ path: String) throws(Stopped) -> Result<Void, DiskError> {
    guard let full = resolve(path) else { return .failure(.io(EINVAL)) }
    return unlink(full) == 0 ? .success(()) : .failure(Self.error(errno))
  }

  /// All bytes of a file, at most `max`.
  public static func contents(of path: String, max: Int = 1 << 30) -> Result<[UInt8], DiskError> {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { return .failure(error(errno)) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let n = Glibc.read(descriptor, &chunk, chunk.count)
      if n < 0, errno == EINTR { continue }
      if n < 0 { return .failure(error(errno)) }
      if n == 0 { return .success(bytes) }
      if bytes.count + n > max { return .failure(.io(EFBIG)) }
      bytes.append(contentsOf: chunk[..<n])
    }
  }

  /// Makes a directory and its parents.
  public static func makeDirectory(_ path: String) -> Result<Void, DiskError> {
    var at = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      at += at.isEmpty && !path.hasPrefix("/") ? "\(part)" : "/\(part)"
      if part.isEmpty { at = at == "/" ? "" : at; continue }
      if mkdir(at, 0o755) != 0, errno != EEXIST { return .failure(error(errno)) }
    }
    return .success(())
  }

  private func put(_ bytes: [UInt8], to path: String, flags: Int32) -> Result<Void, DiskError> {
    guard let full = resolve(path) else { return .failure(.io(EINVAL)) }
    var descriptor = open(full, flags, 0o644)
    if descriptor < 0, errno == ENOENT, let slash = full.lastIndex(of: "/") {
      if case .failure(let error) = Self.makeDirectory(String(full[..<slash])) { return .failure(error) }
      descriptor = open(full, flags, 0o644)
    }
    if descriptor < 0 { return .failure(Self.error(errno)) }
    defer { close(descriptor) }
    var info = stat()
    let isRegular = fstat(descriptor, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
    var written = 0
    while written < bytes.count {
      let n = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if n < 0, errno == EINTR { continue }
      if n < 0 {
        let error = Self.error(errno)
        if isRegular { takeBack(descriptor, full, flags, size: info.st_size) }
        return .failure(error)
      }
      written += n
    }
    return .success(())
  }

  /// A part of the bytes may stand in the file: what was appended to is as long as before, what was new is gone.
  private func takeBack(_ descriptor: Int32, _ full: String, _ flags: Int32, size: off_t) {
    if flags & O_APPEND != 0, size > 0 { ftruncate(descriptor, size) } else { unlink(full) }
  }

  private func resolve(_ path: String) -> String? {
    if path.isEmpty || path.hasPrefix("/") || path.split(separator: "/").contains("..") { return nil }
    return "\(root)/\(path)"
  }

  private static func error(_ code: Int32) -> DiskError {
    switch code {
    case ENOSPC, EDQUOT: .full
    case EROFS: .readOnly
    case ENOENT: .notFound
    default: .io(code)
    }
  }
}
