import CPlatform

/// Circles that go through conditions, and so through channels and whatever else is built of them.
///
/// Who will signal a condition nobody can know; who has, the runtime does. A set of threads is closed when each waits without
/// a time limit, and all that could end its wait stand in the set: the owner of the lock, the thread that is to end,
/// everybody who has ever signalled the condition. A consumer and its producer that both wait are such a set, and idle. So
/// only a set is accused in which somebody waits for a lock: a lock is held for a moment, and its holder sleeps for good.
extension HangRules {
  /// Nanoseconds: how long the wait for the lock has lasted, and then how long the set stays as it is.
  static let circleLimit: UInt64 = 5_000_000_000
  private static let setMax = 64

  /// Puts the closed set that a wait for a lock stands in into `chain`; 0: there is none, or it has no condition in it, and
  /// is found otherwise.
  func closedSet(from slot: Int) -> Int {
    chain[0] = UInt32(slot)
    var count = 1
    var at = 0
    var hasCondition = false
    while at < count {
      guard let thread = cp_thread_at(chain[at]), cp_thread_is_in_use(thread) else {
        // It has ended, and holds its lock for ever.
        at += 1
        continue
      }
      if let lock = cp_thread_wanted_lock(thread) {
        guard let owner = LiveDump.owner(of: lock), owner != Int(chain[at]), add(owner, &count) else { return 0 }
      } else if cp_thread_waits_for_thread(thread) {
        guard let joined = LiveDump.slot(of: thread.pointee.joined), add(joined, &count) else { return 0 }
      } else if let word = cp_thread_awaited_word(thread) {
        guard addWakers(of: word, &count) else { return 0 }
        hasCondition = true
      } else {
        return 0
      }
      at += 1
    }
    return hasCondition ? count : 0
  }

  /// False: one of them is not known, or the set is too large.
  private func addWakers(of word: UnsafePointer<UInt32>, _ count: inout Int) -> Bool {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: Int(CP_WAKERS_MAX)) { wakers in
      let known = cp_word_wakers(word, wakers.baseAddress)
      guard known > 0 else { return false }
      for i in 0..<Int(known) {
        guard let waker = LiveDump.slot(of: wakers[i]) else {
          if cp_thread_is_alive(wakers[i]) { return false }
          continue
        }
        guard add(waker, &count) else { return false }
      }
      return true
    }
  }

  private func add(_ slot: Int, _ count: inout Int) -> Bool {
    for i in 0..<count where chain[i] == UInt32(slot) { return true }
    guard count < Self.setMax else { return false }
    chain[count] = UInt32(slot)
    count += 1
    return true
  }

  /// What changes when one of the set goes on.
  func epochs(of count: Int) -> UInt64 {
    var sum: UInt64 = 0
    for i in 0..<count {
      guard let thread = cp_thread_at(chain[i]) else { continue }
      sum = sum &* 31 &+ UInt64(chain[i]) &* 7 &+ UInt64(cp_thread_epoch(thread))
    }
    return sum
  }
}
