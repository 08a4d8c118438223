import Glibc

/// What a worker is at, in memory that its parent shares: readable after a trap, when nobody can send any more.
///
/// One writer, and the parent reads whole words; what it needs exactly it reads after the worker's death.
struct WorkerNote {
  /// Bytes for the name of an arm.
  private static let textMax = 192
  private static let size = 64 + textMax

  private let base: UnsafeMutableRawPointer

  /// Nil: no memory.
  init?() {
    let base = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
    guard let base, base != MAP_FAILED else { return nil }
    self.base = base
  }

  func free() { munmap(base, Self.size) }

  private subscript(word: Int) -> UInt64 {
    get { base.load(fromByteOffset: word * 8, as: UInt64.self) }
    nonmutating set { base.storeBytes(of: newValue, toByteOffset: word * 8, as: UInt64.self) }
  }

  /// Schedules begun in the case that runs.
  var begun: Int { Int(self[0]) }
  var scenarioSeed: UInt64 { self[1] }
  var scheduleSeed: UInt64 { self[2] }

  var what: String {
    let count = min(Int(self[3]), Self.textMax)
    return String(decoding: UnsafeRawBufferPointer(start: base + 64, count: count), as: UTF8.self)
  }

  func clear() { for word in 0..<4 { self[word] = 0 } }

  func begin(_ what: String, scenarioSeed: UInt64, scheduleSeed: UInt64) {
    self[1] = scenarioSeed
    self[2] = scheduleSeed
    let bytes = Array(what.utf8.prefix(Self.textMax))
    bytes.withUnsafeBytes {
      (base + 64).copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(base), byteCount: $0.count)
    }
    self[3] = UInt64(bytes.count)
    self[0] += 1
  }
}
