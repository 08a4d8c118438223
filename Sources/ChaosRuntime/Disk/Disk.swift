public import Basics
import Glibc

/// Why a disk operation failed.
public enum DiskError: Error, Sendable, Equatable {
  /// Errors that have a meaning of their own: no room left (ENOSPC, EDQUOT), a file system mounted read-only (EROFS),
  /// no file of that name (ENOENT).
  case full, readOnly, notFound
  /// Any other error number of the system.
  case io(Int32)

  /// What happened, for people.
  public var text: String {
    switch self {
    case .full: "no space left on device"
    case .readOnly: "read-only file system"
    case .notFound: "no such file"
    case .io(let code): "\(String(cString: strerror(code))) (errno \(code))"
    }
  }

  /// What to do about it, for people.
  public var advice: String {
    switch self {
    case .full: "free space on the disk of the session's directory, or take another one with --out"
    case .readOnly: "mount the session's directory writable, or take another one with --out"
    case .notFound: "make the missing directory again"
    case .io(EACCES), .io(EPERM): "give this user the right to write in the session's directory"
    case .io(ENOTDIR): "a part of the path is a file: make it a directory, or take another one with --out"
    case .io: "look at the disk and its mount: dmesg, df"
    }
  }
}

/// What is done to a file; the raw value is how fault files select it.
public enum DiskOperation: String, Sendable, CaseIterable {
  /// One case for each requirement of `Disk`.
  case write, append, sync, rename, read, remove
}

/// Files of one session directory; paths are relative to it, and missing parents are made.
///
/// `final` is the name under which a temporary file will be known; faults match it.
public protocol Disk: Sendable {
  /// Replaces the whole file.
  func write(_ bytes: [UInt8], to path: String, for final: String) throws(Stopped) -> Result<Void, DiskError>
  /// Adds bytes at the end of the file, which is made when it is missing.
  func append(_ bytes: [UInt8], to path: String) throws(Stopped) -> Result<Void, DiskError>
  /// Makes the file's present content survive a power cut; until then it may be lost.
  func sync(_ path: String, for final: String) throws(Stopped) -> Result<Void, DiskError>
  /// Gives the file its final name in one step; a file that had the name is gone.
  func rename(_ path: String, to final: String) throws(Stopped) -> Result<Void, DiskError>
  /// All bytes of the file; `.notFound` when there is none.
  func read(_ path: String) throws(Stopped) -> Result<[UInt8], DiskError>
  /// Deletes the file; `.notFound` when there is none.
  func remove(_ path: String) throws(Stopped) -> Result<Void, DiskError>

  /// Notes what the machine's crash would leave of a file now; `isBeingWritten`: in its own place. A disk that keeps no such
  /// notes does nothing.
  func noteCrashImage(of path: String, isBeingWritten: Bool, at time: Instant)

  /// Notes when something was added to a file. A disk that keeps no such notes does nothing.
  func noteAppend(of bytes: [UInt8], to path: String, at time: Instant)
}

extension Disk {
  /// Nothing.
  public func noteCrashImage(of path: String, isBeingWritten: Bool, at time: Instant) {}

  /// Nothing.
  public func noteAppend(of bytes: [UInt8], to path: String, at time: Instant) {}
}

extension Disk {
  /// Temporary file, sync, rename: the file is the old one or the new one, never a torn one.
  public func replace(_ bytes: [UInt8], at path: String) throws(Stopped) -> Result<Void, DiskError> {
    let temporary = path + ".tmp"
    if case .failure(let error) = try write(bytes, to: temporary, for: path) { return .failure(error) }
    if case .failure(let error) = try sync(temporary, for: path) { return .failure(error) }
    return try rename(temporary, to: path)
  }
}

/// The disk that a runtime hands out: each operation is a scheduling point, passes the interposer and takes its latency.
struct RuntimeDisk: Disk {
  let runtime: Runtime

  func write(_ bytes: [UInt8], to path: String, for final: String) throws(Stopped) -> Result<Void, DiskError> {
    if let error = try before(.write, path, final) { return .failure(error) }
    if path == final { note(final, isBeingWritten: true) }
    let result = try runtime.baseDisk.write(bytes, to: path, for: final)
    if path == final { note(final) }
    return result
  }

  func append(_ bytes: [UInt8], to path: String) throws(Stopped) -> Result<Void, DiskError> {
    if let error = try before(.append, path, path) { return .failure(error) }
    let result = try runtime.baseDisk.append(bytes, to: path)
    if case .success = result { runtime.baseDisk.noteAppend(of: bytes, to: path, at: runtime.now) }
    return result
  }

  func sync(_ path: String, for final: String) throws(Stopped) -> Result<Void, DiskError> {
    if let error = try before(.sync, path, final) { return .failure(error) }
    let result = try runtime.baseDisk.sync(path, for: final)
    if path == final { note(final) }
    return result
  }

  func rename(_ path: String, to final: String) throws(Stopped) -> Result<Void, DiskError> {
    if let error = try before(.rename, path, final) { return .failure(error) }
    let result = try runtime.baseDisk.rename(path, to: final)
    note(final)
    return result
  }

  func read(_ path: String) throws(Stopped) -> Result<[UInt8], DiskError> {
    if let error = try before(.read, path, path) { return .failure(error) }
    return try runtime.baseDisk.read(path)
  }

  func remove(_ path: String) throws(Stopped) -> Result<Void, DiskError> {
    if let error = try before(.remove, path, path) { return .failure(error) }
    let result = try runtime.baseDisk.remove(path)
    note(path)
    return result
  }

  private func note(_ path: String, isBeingWritten: Bool = false) {
    runtime.baseDisk.noteCrashImage(of: path, isBeingWritten: isBeingWritten, at: runtime.now)
  }

  private func before(_ operation: DiskOperation, _ path: String, _ final: String) throws(Stopped) -> DiskError? {
    if let simulated = runtime.simulated, !simulated.look({ $0.passes(.disk, object: 0) }) { throw .stopped }
    guard let interposer = runtime.interposer else { return nil }
    return try interposer.atDisk(operation, path: path, final: final)
  }
}
