import CPlatform
import Glibc

/// All memory that a dump needs, mapped before anything goes wrong. Pages that are never written cost nothing.
final class DumpArena {
  /// Registered threads and others; more are counted.
  static let threadsMax = Int(CP_CAPTURES_MAX)
  static let locksMax = 1024
  /// Waiters of a lock that are named.
  static let waitersMax = 4
  static let edgesMax = Int(CP_CYCLE_MAX)
  static let imagesMax = 512
  static let heldMax = Int(CP_THREADS_MAX) * Int(CP_HELD_MAX)
  static let activitiesMax = Int(CP_THREADS_MAX) * Int(CP_ACTIVITIES_MAX)
  private static let textSize = 8 << 20
  private static let mapsSize = 1 << 20
  private static let wordsSize = 4 << 20

  private let memory: UnsafeMutableRawBufferPointer
  private var used = 0

  let text: UnsafeMutableRawBufferPointer
  let maps: UnsafeMutableRawBufferPointer
  /// Bytes of /proc/self/maps in it.
  var mapsCount = 0
  /// Frame addresses and, in a simulation, the bytes of names.
  private let words: UnsafeMutableRawBufferPointer
  private var wordsUsed = 0
  /// Lent by the platform and never unmapped: a thread may answer long after this arena has gone.
  let captures: UnsafeMutablePointer<cp_capture>
  let statuses: UnsafeMutablePointer<cp_thread_status>
  let ids: UnsafeMutablePointer<Int32>
  /// Copies of the registry's records, by slot.
  let records: UnsafeMutablePointer<cp_thread>
  let threads: UnsafeMutablePointer<DumpThread>
  let held: UnsafeMutablePointer<DumpHeld>
  let activities: UnsafeMutablePointer<DumpActivity>
  let locks: UnsafeMutablePointer<DumpLock>
  let lockKeys: UnsafeMutablePointer<UnsafeRawPointer?>
  private let waiters: UnsafeMutablePointer<ThreadLabel>
  let edges: UnsafeMutablePointer<DumpEdge>
  let images: UnsafeMutablePointer<DumpImage>
  let notes: UnsafeMutablePointer<DumpNote>
  let process: UnsafeMutablePointer<cp_process_facts>
  var heldCount = 0
  var activityCount = 0
  var lockCount = 0

  private static let size = 40 << 20

  /// What an arena is made of.
  struct Parts {
    fileprivate let base: UnsafeMutableRawPointer
    fileprivate let captures: UnsafeMutablePointer<cp_capture>

    /// Nil: there is no address space, or too many dumps are under way.
    init?() {
      let base = mmap(nil, DumpArena.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
      guard let base, base != MAP_FAILED else { return nil }
      guard let captures = cp_captures_take() else {
        munmap(base, DumpArena.size)
        return nil
      }
      (self.base, self.captures) = (base, captures)
    }
  }

  /// For a program of ours, which cannot go on without.
  convenience init() {
    guard let parts = Parts() else { fatalError("no address space for the watchdog's 40 MiB") }
    self.init(parts)
  }

  init(_ parts: Parts) {
    let (base, size) = (parts.base, Self.size)
    let memory = UnsafeMutableRawBufferPointer(start: base, count: size)
    var used = 0
    func take<T>(_ type: T.Type, _ count: Int) -> UnsafeMutablePointer<T> {
      used = (used + 63) & ~63
      defer { used += count * MemoryLayout<T>.stride }
      precondition(used + count * MemoryLayout<T>.stride <= size, "the watchdog's tables outgrew their memory")
      return (base + used).bindMemory(to: type, capacity: count)
    }
    func bytes(_ count: Int) -> UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(start: take(UInt8.self, count), count: count)
    }
    text = bytes(Self.textSize)
    maps = bytes(Self.mapsSize)
    words = bytes(Self.wordsSize)
    captures = parts.captures
    statuses = take(cp_thread_status.self, Self.threadsMax)
    ids = take(Int32.self, Self.threadsMax)
    records = take(cp_thread.self, Int(CP_THREADS_MAX))
    threads = take(DumpThread.self, Self.threadsMax)
    held = take(DumpHeld.self, Self.heldMax)
    activities = take(DumpActivity.self, Self.activitiesMax)
    locks = take(DumpLock.self, Self.locksMax)
    lockKeys = take(UnsafeRawPointer?.self, Self.locksMax)
    waiters = take(ThreadLabel.self, Self.locksMax * Self.waitersMax)
    edges = take(DumpEdge.self, Self.edgesMax)
    images = take(DumpImage.self, Self.imagesMax)
    notes = take(DumpNote.self, Int(CP_NOTES_MAX))
    process = take(cp_process_facts.self, 1)
    self.memory = memory
    self.used = used
  }

  deinit {
    cp_captures_give(captures)
    munmap(memory.baseAddress, memory.count)
  }

  /// Forgets the last dump.
  func reset() {
    wordsUsed = 0
    heldCount = 0
    activityCount = 0
    lockCount = 0
  }

  /// Room for frame addresses; nil when there is none left.
  func takeFrames(_ count: Int) -> UnsafeMutablePointer<UInt>? {
    wordsUsed = (wordsUsed + 7) & ~7
    let size = count * MemoryLayout<UInt>.stride
    guard wordsUsed + size <= words.count, let start = words.baseAddress else { return nil }
    defer { wordsUsed += size }
    return (start + wordsUsed).assumingMemoryBound(to: UInt.self)
  }

  /// Room for a text; nil when there is none left.
  func takeText(_ count: Int) -> (bytes: UnsafePointer<UInt8>, chars: UnsafeMutablePointer<CChar>)? {
    guard wordsUsed + count <= words.count, let start = words.baseAddress else { return nil }
    defer { wordsUsed += count }
    let at = start + wordsUsed
    return (UnsafePointer(at.assumingMemoryBound(to: UInt8.self)), at.assumingMemoryBound(to: CChar.self))
  }

  /// A copy of a name that lives until the next `reset`.
  func keep(_ string: String) -> Text {
    var string = string
    return string.withUTF8 { utf8 in
      guard let start = words.baseAddress, wordsUsed + utf8.count <= words.count else { return Text.none }
      let copy = (start + wordsUsed).assumingMemoryBound(to: UInt8.self)
      for i in 0..<utf8.count { copy[i] = utf8[i] }
      wordsUsed += utf8.count
      return Text(start: copy, count: utf8.count)
    }
  }

  /// The name of a lock as it is now; records of locks are recycled.
  func lockName(_ lock: UnsafePointer<cp_lock>) -> Text {
    guard let start = words.baseAddress, wordsUsed + Int(CP_NAME_MAX) <= words.count else { return Text.none }
    let copy = (start + wordsUsed).assumingMemoryBound(to: CChar.self)
    cp_lock_copy_name(lock, copy)
    wordsUsed += Int(CP_NAME_MAX)
    return Text(cString: copy)
  }

  /// `end of NAME`, for a wait for the end of a thread.
  func endOf(_ name: Text) -> Text { joined("end of ", name, "") }

  /// `NAME (ended)`.
  func ended(_ name: Text) -> Text { joined("", name, " (ended)") }

  private func joined(_ before: StaticString, _ name: Text, _ after: StaticString) -> Text {
    let count = before.utf8CodeUnitCount + name.count + after.utf8CodeUnitCount
    guard let start = words.baseAddress, wordsUsed + count <= words.count else { return name }
    let copy = (start + wordsUsed).assumingMemoryBound(to: UInt8.self)
    func put(_ part: Text, at first: Int) {
      for i in 0..<part.count { copy[first + i] = part.start?[i] ?? 0 }
    }
    put(Text(before), at: 0)
    put(name, at: before.utf8CodeUnitCount)
    put(Text(after), at: before.utf8CodeUnitCount + name.count)
    wordsUsed += count
    return Text(start: copy, count: count)
  }

  /// Counts a waiter of a lock; the first few are named.
  func addWaiter(_ label: ThreadLabel, to row: UnsafeMutablePointer<DumpLock>) {
    let first = waiters + (row - locks) * Self.waitersMax
    if row.pointee.waiterCount < Self.waitersMax {
      first[row.pointee.waiterCount] = label
      row.pointee.waiters = UnsafeMutableBufferPointer(start: first, count: row.pointee.waiterCount + 1)
    }
    row.pointee.waiterCount += 1
  }

  /// The row of a lock in the LOCKS table, made when it is new; nil when the table is full.
  func lockRow(_ key: UnsafeRawPointer?, name: @autoclosure () -> Text) -> UnsafeMutablePointer<DumpLock>? {
    for i in 0..<lockCount where lockKeys[i] == key { return locks + i }
    guard lockCount < Self.locksMax else { return nil }
    lockKeys[lockCount] = key
    locks[lockCount] = DumpLock(name: name())
    lockCount += 1
    return locks + (lockCount - 1)
  }
}
