import Basics

/// Due times of waiting threads, earliest first; equal times in the order in which they were set.
///
/// The order of equal times is kept by a number, since a heap alone would let its own history decide which of two
/// threads wakes first, and with it the schedule. An entry whose wait ended early stays where it is until it comes up:
/// looking for an entry in a heap costs more than stepping over it later. The token tells.
struct TimerQueue {
  struct Entry {
    let due: Int64
    let sequence: UInt64
    let token: UInt32
    let thread: ThreadReference

    /// The wait that it was set for is over.
    var isVoid: Bool { thread.look { $0.timerToken != token || $0.state == .finished } }
  }

  // A hole is moved, not an element: one write for each level instead of a swap.
  private var heap = RawList<Entry>(capacity: 32)
  private var sequence: UInt64 = 0

  var earliest: Entry? { heap.isEmpty ? nil : heap[0] }

  func deallocate() { heap.deallocate() }

  mutating func insert(due: Int64, thread: ThreadReference) {
    sequence &+= 1
    let entry = Entry(due: due, sequence: sequence, token: thread.look { $0.timerToken }, thread: thread)
    heap.append(entry)
    let base = heap.base
    var hole = heap.count - 1
    while hole > 0 {
      let parent = (hole - 1) / 2
      guard Self.isBefore(entry, base[parent]) else { break }
      base[hole] = base[parent]
      hole = parent
    }
    base[hole] = entry
  }

  mutating func removeEarliest() -> Entry? {
    guard let first = earliest, let last = heap.last else { return nil }
    heap.removeLast()
    let (base, count) = (heap.base, heap.count)
    guard count > 0 else { return first }
    var hole = 0
    while true {
      var child = 2 * hole + 1
      guard child < count else { break }
      if child + 1 < count, Self.isBefore(base[child + 1], base[child]) { child += 1 }
      guard Self.isBefore(base[child], last) else { break }
      base[hole] = base[child]
      hole = child
    }
    base[hole] = last
    return first
  }

  mutating func removeAll() { heap.removeAll() }

  private static func isBefore(_ a: Entry, _ b: Entry) -> Bool {
    a.due < b.due || (a.due == b.due && a.sequence < b.sequence)
  }
}
