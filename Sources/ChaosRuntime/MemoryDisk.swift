import Synchronization

/// Files in memory, for simulated runs: what was written and not yet synced is known, so that a crash can lose it.
public final class MemoryDisk: Disk {
  private struct File {
    var bytes: [UInt8] = []
    /// What a power cut would leave; nil: nothing, not even the name.
    var durable: [UInt8]?
  }

  private struct State {
    var files: [String: File] = [:]
    var used = 0
  }

  /// Bytes that fit on the disk.
  public let capacity: Int
  private let state = Mutex(State())

  public init(capacity: Int = 1 << 30) { self.capacity = capacity }

  public func write(_ bytes: [UInt8], to path: String, for final: String) throws(Stopped) -> Result<Void, DiskError> {
    state.withLock { state in
      let old = state.files[path]?.bytes.count ?? 0
      if state.used - old + bytes.count > capacity { return .failure(.full) }
      state.used += bytes.count - old
      state.files[path, default: File()].bytes = bytes
      return .success(())
    }
  }

  public func append(_ bytes: [UInt8], to path: String) throws(Stopped) -> Result<Void, DiskError> {
    state.withLock { state in
      if state.used + bytes.count > capacity { return .failure(.full) }
      state.used += bytes.count
      state.files[path, default: File()].bytes.append(contentsOf: bytes)
      return .success(())
    }
  }

  public func sync(_ path: String, for final: String) throws(Stopped) -> Result<Void, DiskError> {
    state.withLock { state in
      guard let bytes = state.files[path]?.bytes else { return .failure(.notFound) }
      state.files[path]?.durable = bytes
      return .success(())
    }
  }

  public func rename(_ path: String, to final: String) throws(Stopped) -> Result<Void, DiskError> {
    state.withLock { state in
      guard let file = state.files.removeValue(forKey: path) else { return .failure(.notFound) }
      if let old = state.files[final] { state.used -= old.bytes.count }
      state.files[final] = file
      return .success(())
    }
  }

  public func read(_ path: String) throws(Stopped) -> Result<[UInt8], DiskError> {
    state.withLock { state in
      guard let file = state.files[path] else { return .failure(.notFound) }
      return .success(file.bytes)
    }
  }

  public func remove(_ path: String) throws(Stopped) -> Result<Void, DiskError> {
    state.withLock { state in
      guard let file = state.files.removeValue(forKey: path) else { return .failure(.notFound) }
      state.used -= file.bytes.count
      return .success(())
    }
  }

  /// Everything written so far, sorted by path.
  public var files: [(path: String, bytes: [UInt8])] {
    state.withLock { state in state.files.map { ($0.key, $0.value.bytes) } }.sorted { $0.0 < $1.0 }
  }

  /// The power fails: what was not synced is lost; of a file that was appended to since its last sync, `torn` bytes of the
  /// unsynced tail are kept.
  public func losePower(torn: Int = 0) {
    state.withLock { state in
      for path in state.files.keys.sorted() {
        guard let file = state.files[path] else { continue }
        let durable = file.durable ?? []
        guard file.durable != nil || torn > 0 else {
          state.files[path] = nil
          continue
        }
        var kept = durable
        if file.bytes.starts(with: durable) { kept += file.bytes.dropFirst(durable.count).prefix(torn) }
        state.files[path] = File(bytes: kept, durable: kept)
      }
      state.used = state.files.values.reduce(0) { $0 + $1.bytes.count }
    }
  }
}
