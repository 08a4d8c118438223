/// Who holds and who waits in a program whose pthread mutexes `libChaosLocks.so` writes down; its header has the layout.
struct PthreadTable {
  /// One mutex that a thread has.
  struct Held: Equatable {
    var mutex: UInt64
    /// The address behind the call.
    var site: UInt64
  }

  /// One thread.
  struct Row: Equatable {
    var tid: Int32
    /// The same at two looks: it stood in one and the same wait between them.
    var epoch: UInt32
    var held: [Held]
    /// 0: it waits for no mutex, or a time limit ends its wait.
    var waiting: UInt64
    var waitSite: UInt64
    /// Nanoseconds of CLOCK_MONOTONIC.
    var since: UInt64

    /// Of this wait.
    var key: String { "\(tid):\(epoch)" }
  }

  private(set) var rows: [Row] = []
  /// Threads that are not in the table.
  private(set) var unlisted = 0
  /// Mutexes that one thread takes and another gives back: their owners prove nothing.
  private var signals: Set<UInt64> = []
  private var hasTooManySignals = false

  private static let version = 1
  private static let recordsAt = 4096
  private static let recordSize = 512
  private static let recordsMax = 4096
  private static let heldMax = 16
  private static let signalsMax = 64
  static let sizeMax = recordsAt + recordsMax * recordSize

  /// Nil: not such a table, or of another version.
  init?(_ bytes: [UInt8]) {
    func word(_ at: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } }
    func long(_ at: Int) -> UInt64 { UInt64(word(at)) | UInt64(word(at + 4)) << 32 }
    guard bytes.count >= Self.recordsAt, bytes.starts(with: Array("CHLOCKS\0".utf8)), word(8) == Self.version else {
      return nil
    }
    unlisted = word(16)
    let signalCount = word(20)
    hasTooManySignals = signalCount > Self.signalsMax
    for i in 0..<min(signalCount, Self.signalsMax) { signals.insert(long(24 + 8 * i)) }
    for i in 0..<min(word(12), Self.recordsMax) {
      let at = Self.recordsAt + i * Self.recordSize
      guard at + Self.recordSize <= bytes.count else { break }
      guard word(at) != 0 else { continue }
      let held = (0..<min(word(at + 12), Self.heldMax)).map { k in
        Held(mutex: long(at + 40 + 16 * k), site: long(at + 48 + 16 * k))
      }
      rows.append(
        Row(
          tid: Int32(truncatingIfNeeded: word(at + 4)), epoch: UInt32(word(at + 8)), held: held, waiting: long(at + 16),
          waitSite: long(at + 24), since: long(at + 32)))
    }
  }

  /// Who has a mutex; nil: nobody that is known, or its owner proves nothing.
  func holder(of mutex: UInt64) -> (row: Row, site: UInt64)? {
    guard !hasTooManySignals, !signals.contains(mutex) else { return nil }
    for row in rows { if let held = row.held.last(where: { $0.mutex == mutex }) { return (row, held.site) } }
    return nil
  }

  /// Circles of waits, each once; proven when the keys of their waits are the same at two looks.
  func circles() -> [[Row]] {
    var circles: [[Row]] = []
    var done: Set<Int32> = []
    for start in rows where start.waiting != 0 && !done.contains(start.tid) {
      var chain: [Row] = []
      var at = start
      while !chain.contains(where: { $0.tid == at.tid }) {
        chain.append(at)
        guard at.waiting != 0, let next = holder(of: at.waiting)?.row else { break }
        at = next
      }
      guard at.waiting != 0, let first = chain.firstIndex(where: { $0.tid == at.tid }),
        holder(of: chain[chain.count - 1].waiting)?.row.tid == at.tid
      else { continue }
      let circle = Array(chain[first...])
      if circle.contains(where: { done.contains($0.tid) }) { continue }
      done.formUnion(circle.map(\.tid))
      circles.append(circle)
    }
    return circles
  }
}
