/// Due times of waiting threads, earliest first; equal times in the order in which they were set.
struct TimerQueue {
  struct Entry {
    let due: Int64
    let sequence: UInt64
    let token: UInt32
    let thread: ThreadReference

    /// The wait that it was set for is over.
    var isVoid: Bool { thread.look { $0.timerToken != token || $0.state == .finished } }
  }

  private var heap = RawList<Entry>(capacity: 32)
  private var sequence: UInt64 = 0

  var earliest: Entry? { heap.isEmpty ? nil : heap[0] }

  func deallocate() { heap.deallocate() }

  mutating func insert(due: Int64, thread: ThreadReference) {
    sequence &+= 1
    heap.append(Entry(due: due, sequence: sequence, token: thread.look { $0.timerToken }, thread: thread))
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard Self.isBefore(heap[child], heap[parent]) else { break }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  mutating func removeEarliest() -> Entry? {
    guard let first = earliest else { return nil }
    let last = heap.remove(at: heap.count - 1)
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in (2 * parent + 1)...(2 * parent + 2)
      where child < heap.count && Self.isBefore(heap[child], heap[least]) { least = child }
      if least == parent { return first }
      heap.swapAt(parent, least)
      parent = least
    }
  }

  mutating func removeAll() { heap.removeAll() }

  private static func isBefore(_ a: Entry, _ b: Entry) -> Bool {
    a.due < b.due || (a.due == b.due && a.sequence < b.sequence)
  }
}
