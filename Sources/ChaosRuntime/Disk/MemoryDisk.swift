public import Basics
import Synchronization

/// Files in memory, for simulated runs: what was written and not yet synced is known, so that a crash can lose it.
public final class MemoryDisk: Disk {
  private struct File {
    var bytes: [UInt8] = []
    /// What a power cut would leave; nil: nothing, not even the name.
    var durable: [UInt8]?
  }

  /// A session has a handful of files: looking through their names costs less than hashing one.
  private struct State {
    var names: [String] = []
    var files: [File] = []
    var used = 0
    var images: [CrashImage] = []
    var appends: [AppendNote] = []

    func index(of path: String) -> Int? {
      names.firstIndex { $0.utf8.count == path.utf8.count && $0 == path }
    }

    /// The file of that name; makes one that is empty.
    mutating func makeIndex(of path: String) -> Int {
      if let index = index(of: path) { return index }
      names.append(path)
      files.append(File())
      return files.count - 1
    }

    mutating func remove(at index: Int) -> File {
      names.remove(at: index)
      return files.remove(at: index)
    }
  }

  /// Crash images kept at most; later ones are not noted.
  public static let imagesMax = 4096

  /// Appends that are noted at most; later ones are not.
  public static let appendsMax = 1 << 16

  /// Bytes that fit on the disk.
  public let capacity: Int
  private let state = Mutex(State())

  /// An empty disk; `capacity` is the sum of all files in bytes, above which writes fail with `.full`.
  public init(capacity: Int = 1 << 30) { self.capacity = capacity }

  /// Replaces the content; whole or, when it does not fit, not at all.
  public func write(_ bytes: [UInt8], to path: String, for final: String) throws(Stopped) -> Result<Void, DiskError> {
    state.withLock { state in
      let index = state.index(of: path)
      let used = state.used - (index.map { state.files[$0].bytes.count } ?? 0) + bytes.count
      if used > capacity { return .failure(.full) }
      state.used = used
      state.files[index ?? state.makeIndex(of: path)].bytes = bytes
      return .success(())
    }
  }

  /// Appends; whole or, when it does not fit, not at all.
  public func append(_ bytes: [UInt8], to path: String) throws(Stopped) -> Result<Void, DiskError> {
    state.withLock { state in
      if state.used + bytes.count > capacity { return .failure(.full) }
      state.used += bytes.count
      state.files[state.makeIndex(of: path)].bytes.append(contentsOf: bytes)
      return .success(())
    }
  }

  /// Marks the present content as what `losePower` leaves.
  public func sync(_ path: String, for final: String) throws(Stopped) -> Result<Void, DiskError> {
    state.withLock { state in
      guard let index = state.index(of: path) else { return .failure(.notFound) }
      state.files[index].durable = state.files[index].bytes
      return .success(())
    }
  }

  /// Moves content and what of it is synced to the new name; the name is durable at once, unlike on a real disk.
  public func rename(_ path: String, to final: String) throws(Stopped) -> Result<Void, DiskError> {
    state.withLock { state in
      guard let index = state.index(of: path) else { return .failure(.notFound) }
      if path == final { return .success(()) }
      let file = state.remove(at: index)
      let target = state.makeIndex(of: final)
      state.used -= state.files[target].bytes.count
      state.files[target] = file
      return .success(())
    }
  }

  /// The content as last written, synced or not.
  public func read(_ path: String) throws(Stopped) -> Result<[UInt8], DiskError> {
    state.withLock { state in
      guard let index = state.index(of: path) else { return .failure(.notFound) }
      return .success(state.files[index].bytes)
    }
  }

  /// Forgets the file, also what of it was synced.
  public func remove(_ path: String) throws(Stopped) -> Result<Void, DiskError> {
    state.withLock { state in
      guard let index = state.index(of: path) else { return .failure(.notFound) }
      state.used -= state.remove(at: index).bytes.count
      return .success(())
    }
  }

  /// Everything written so far, sorted by path.
  public var files: [(path: String, bytes: [UInt8])] {
    state.withLock { state in zip(state.names, state.files).map { ($0, $1.bytes) } }.sorted { $0.0 < $1.0 }
  }

  /// What a crash would have left of files, in the order of time; one entry for each change.
  public var crashImages: [CrashImage] { state.withLock { $0.images } }

  /// Notes what `losePower` would leave of the file; while it is being written in its own place that is a part of it.
  public func noteCrashImage(of path: String, isBeingWritten: Bool, at time: Instant) {
    state.withLock { state in
      guard state.images.count < Self.imagesMax else { return }
      let durable = state.index(of: path).flatMap { state.files[$0].durable }
      let content: CrashImage.Content = isBeingWritten ? .torn : durable.map { .whole($0) } ?? .missing
      let last = state.images.last { $0.path == path }
      if last?.content != content { state.images.append(CrashImage(time: time, path: path, content: content)) }
    }
  }

  /// What was added to files, in the order of time.
  public var appends: [AppendNote] { state.withLock { $0.appends } }

  /// Notes how many lines were added to the file.
  public func noteAppend(of bytes: [UInt8], to path: String, at time: Instant) {
    state.withLock { state in
      guard state.appends.count < Self.appendsMax else { return }
      state.appends.append(AppendNote(time: time, path: path, lines: bytes.count { $0 == 0x0A }))
    }
  }

  /// The power fails: what was not synced is lost; of a file that was appended to since its last sync, `torn` bytes of the
  /// unsynced tail are kept.
  public func losePower(torn: Int = 0) {
    state.withLock { state in
      for index in state.files.indices.reversed() {
        let file = state.files[index]
        let durable = file.durable ?? []
        guard file.durable != nil || torn > 0 else {
          _ = state.remove(at: index)
          continue
        }
        var kept = durable
        if file.bytes.starts(with: durable) { kept += file.bytes.dropFirst(durable.count).prefix(torn) }
        state.files[index] = File(bytes: kept, durable: kept)
      }
      state.used = state.files.reduce(0) { $0 + $1.bytes.count }
    }
  }
}
