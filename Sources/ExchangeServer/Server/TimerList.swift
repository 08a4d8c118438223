import Basics

/// What is to be done later, in the order it is due.
struct TimerList {
  private var entries: [(due: Instant, action: (Instant) -> Void)] = []
  /// Things that wait at most; more are done at once.
  private static let entriesMax = 100_000

  /// When the next one is due; nil: nothing waits.
  var next: Instant? { entries.last?.due }

  /// False: there is no room.
  mutating func add(_ due: Instant, _ action: @escaping (Instant) -> Void) -> Bool {
    guard entries.count < Self.entriesMax else { return false }
    // Latest first; of equal times the one that was added first is done first.
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].due > due { low = middle + 1 } else { high = middle }
    }
    entries.insert((due, action), at: low)
    return true
  }

  /// What is due, in order.
  mutating func takeDue(_ now: Instant) -> [(Instant) -> Void] {
    var due: [(Instant) -> Void] = []
    while let last = entries.last, last.due <= now {
      due.append(last.action)
      entries.removeLast()
    }
    return due
  }
}
