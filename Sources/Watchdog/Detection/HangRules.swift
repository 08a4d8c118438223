import CPlatform
import Glibc

/// Decides which threads are stuck: inside an activity, without progress beyond its limit, seen so at two looks, while
/// the watchdog itself was on time. A wait outside every activity is idle and never accused, but for a wait for a lock: a
/// lock is held for a moment, and nobody is idle before one.
struct HangRules {
  /// Nanoseconds between the two looks that an accusation needs.
  private static let looksApart: UInt64 = 50_000_000
  /// Nanoseconds in one wait for a lock, where no activity has a limit of its own.
  private static let lockLimit: UInt64 = 60_000_000_000
  private static let lockWait: StaticString = "wait for a lock"
  private static let slots = Int(CP_THREADS_MAX)
  private static let depth = Int(CP_ACTIVITIES_MAX)
  /// One for each activity, one for a wait for a lock outside of all, one for the circle that such a wait stands in.
  private static let looksPerThread = depth + 2

  private struct Look {
    var id: UInt32 = 0
    var beat: UInt64 = 0
    var first: UInt64 = 0
    var isReported = false
  }

  private let owner: UnsafeRawPointer
  let limits: ActivityLimits
  private let looks: UnsafeMutablePointer<Look>
  /// Of a thread that was blamed: epoch + 1 at that time, so that further waiters behind it are no new incident.
  private let blamed: UnsafeMutablePointer<UInt32>
  private let record: UnsafeMutablePointer<cp_thread>
  let chain: UnsafeMutablePointer<UInt32>
  /// When a tick was late by [2^i, 2^(i+1)) nanoseconds, last.
  private let lateAt: UnsafeMutablePointer<UInt64>

  init(owner: UnsafeRawPointer, limits: ActivityLimits) {
    self.owner = owner
    self.limits = limits
    looks = .allocate(capacity: Self.slots * Self.looksPerThread)
    looks.initialize(repeating: Look(), count: Self.slots * Self.looksPerThread)
    blamed = .allocate(capacity: Self.slots)
    blamed.initialize(repeating: 0, count: Self.slots)
    record = .allocate(capacity: 1)
    record.initialize(to: cp_thread())
    chain = .allocate(capacity: Int(CP_CYCLE_MAX))
    chain.initialize(repeating: 0, count: Int(CP_CYCLE_MAX))
    lateAt = .allocate(capacity: 64)
    lateAt.initialize(repeating: 0, count: 64)
  }

  func deallocate() {
    limits.deallocate()
    looks.deallocate()
    blamed.deallocate()
    record.deallocate()
    chain.deallocate()
    lateAt.deallocate()
  }

  /// Notes that a tick came late, or that the machine slept: waits that passed then prove nothing.
  func noteLateTick(by lateness: UInt64, now: UInt64) {
    guard lateness > 0 else { return }
    lateAt[63 - lateness.leadingZeroBitCount] = now
  }

  /// The moment from which a clock with this limit runs again: the last tick late by more than about a quarter of it.
  private func restart(limit: UInt64) -> UInt64 {
    var latest: UInt64 = 0
    var bit = limit < 8 ? 0 : 63 - (limit / 4).leadingZeroBitCount
    while bit < 64 {
      latest = max(latest, lateAt[bit])
      bit += 1
    }
    return latest
  }

  /// The next thread to accuse; nil: none. Its slots are valid until the next call.
  func look(now: UInt64) -> Finding? {
    for slot in 0..<Self.slots {
      guard let thread = cp_thread_at(UInt32(slot)), cp_thread_is_in_use(thread), cp_thread_owner(thread) == owner,
        cp_thread_activity_count(thread) > 0 || cp_thread_waits_for_lock(thread), cp_thread_copy(thread, record)
      else { continue }
      if record.pointee.wait_kind == UInt32(CP_WAIT_LOCK), let finding = judgeCircle(slot, now) { return finding }
      if record.pointee.activity_count == 0, let finding = judge(slot, Self.depth, lockWaitActivity, now) {
        return finding
      }
      for i in 0..<min(Int(record.pointee.activity_count), Self.depth) {
        guard let activity = cp_thread_activity(record, UInt32(i))?.pointee else { continue }
        if let finding = judge(slot, i, activity, now) { return finding }
      }
    }
    return nil
  }

  /// A wait for a lock as an activity that began with it.
  private var lockWaitActivity: cp_activity {
    cp_activity(
      name: UnsafeRawPointer(Self.lockWait.utf8Start).assumingMemoryBound(to: CChar.self),
      name_length: UInt32(Self.lockWait.utf8CodeUnitCount), id: record.pointee.epoch, limit_ns: Self.lockLimit,
      beat_ns: record.pointee.wait_since_ns)
  }

  private func judge(_ slot: Int, _ i: Int, _ activity: cp_activity, _ now: UInt64) -> Finding? {
    let limit = limits.accused(activity)
    let look = looks + (slot * Self.looksPerThread + i)
    let start = max(activity.beat_ns, restart(limit: limit))
    guard now > start, now - start > limit else { return nil }
    if look.pointee.id != activity.id || look.pointee.beat != activity.beat_ns {
      look.pointee = Look(id: activity.id, beat: activity.beat_ns, first: now)
      return nil
    }
    guard !look.pointee.isReported, now - look.pointee.first >= Self.looksApart else { return nil }
    let count = followChain(from: slot)
    guard count > 0 else { return nil }
    look.pointee.isReported = true
    guard blame(Int(chain[count - 1])) else { return nil }
    let name = UnsafeRawPointer(activity.name)?.assumingMemoryBound(to: UInt8.self)
    return Finding(
      kind: .hang, slots: chain, count: count, found: now,
      activity: Text(start: name, count: Int(activity.name_length)), limit: limits.limit(of: activity),
      quiet: now - activity.beat_ns)
  }

  /// False: it was blamed for this wait before.
  private func blame(_ culprit: Int) -> Bool {
    let epoch = cp_thread_at(UInt32(culprit)).map { cp_thread_epoch($0) } ?? 0
    guard blamed[culprit] != epoch &+ 1 else { return false }
    blamed[culprit] = epoch &+ 1
    return true
  }

  /// A wait for a lock whose holder, and everybody who could free that, waits too. See `closedSet`.
  private func judgeCircle(_ slot: Int, _ now: UInt64) -> Finding? {
    let start = max(record.pointee.wait_since_ns, restart(limit: Self.circleLimit))
    guard now > start, now - start > Self.circleLimit else { return nil }
    let since = record.pointee.wait_since_ns
    let count = closedSet(from: slot)
    guard count > 0 else { return nil }
    let look = looks + (slot * Self.looksPerThread + Self.depth + 1)
    let epochs = epochs(of: count)
    if look.pointee.beat != epochs {
      look.pointee = Look(id: 0, beat: epochs, first: now)
      return nil
    }
    guard !look.pointee.isReported, now - max(look.pointee.first, start) >= Self.circleLimit else { return nil }
    look.pointee.isReported = true
    // Whoever else waits for the same lock is told of by the same report.
    guard blame(Int(chain[1])) else { return nil }
    return Finding(
      kind: .hang, slots: chain, count: count, found: now, activity: Text(Self.lockWait), limit: Self.circleLimit,
      quiet: now - since, isCircle: true)
  }

  /// Slots from a waiter to the end of its chain of locks, into `chain`; 0: it ends in a cycle, which is a deadlock and
  /// found as one.
  private func followChain(from slot: Int) -> Int {
    var at = slot
    var count = 0
    while count < Int(CP_CYCLE_MAX) {
      for k in 0..<count where chain[k] == UInt32(at) { return 0 }
      chain[count] = UInt32(at)
      count += 1
      guard let thread = cp_thread_at(UInt32(at)), let next = LiveDump.whoEnds(the: thread) else { return count }
      at = next
    }
    return 0
  }
}
