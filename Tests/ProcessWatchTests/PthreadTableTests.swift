import Testing

@testable import ProcessWatch

/// The table that a preloaded program writes, and what it proves.
@Suite struct PthreadTableTests {
  private struct Thread {
    var tid: Int
    var epoch = 1
    var held: [Int] = []
    var waiting = 0
  }

  private func table(_ threads: [Thread], signals: [Int] = [], signalCount: Int? = nil) -> PthreadTable? {
    var bytes = [UInt8](repeating: 0, count: 4096 + 512 * threads.count)
    func put(_ value: Int, _ size: Int, at place: Int) {
      for k in 0..<size { bytes[place + k] = UInt8(truncatingIfNeeded: value >> (8 * k)) }
    }
    for (k, byte) in "CHLOCKS".utf8.enumerated() { bytes[k] = byte }
    put(1, 4, at: 8)
    put(threads.count, 4, at: 12)
    put(signalCount ?? signals.count, 4, at: 20)
    for (k, mutex) in signals.enumerated() { put(mutex, 8, at: 24 + 8 * k) }
    for (i, thread) in threads.enumerated() {
      let at = 4096 + 512 * i
      put(1, 4, at: at)
      put(thread.tid, 4, at: at + 4)
      put(thread.epoch, 4, at: at + 8)
      put(thread.held.count, 4, at: at + 12)
      put(thread.waiting, 8, at: at + 16)
      for (k, mutex) in thread.held.enumerated() { put(mutex, 8, at: at + 40 + 16 * k) }
    }
    return PthreadTable(bytes)
  }

  private let ring = [
    Thread(tid: 1, held: [10], waiting: 20), Thread(tid: 2, held: [30, 20], waiting: 10),
    Thread(tid: 3, waiting: 10), Thread(tid: 4, held: [40]),
  ]

  private func circles(_ table: PthreadTable?) -> [[Int32]]? { table?.circles().map { $0.map(\.tid).sorted() } }

  @Test func `A circle is found once and waiters outside of it are not in it`() {
    #expect(circles(table(ring)) == [[1, 2]])
    #expect(circles(table([ring[2], ring[0], ring[1]])) == [[1, 2]])
    #expect(circles(table([Thread(tid: 1, held: [10], waiting: 10)])) == [[1]])
    #expect(circles(table([ring[0], ring[3]])) == [])
    #expect(circles(table([ring[0], Thread(tid: 2, held: [20])])) == [])
  }

  @Test func `A mutex that others give back proves nothing`() {
    #expect(circles(table(ring, signals: [20])) == [])
    #expect(circles(table(ring, signals: [99])) == [[1, 2]])
    #expect(circles(table(ring, signalCount: 65)) == [])
  }

  @Test func `What is no table is none`() {
    #expect(PthreadTable([]) == nil)
    #expect(PthreadTable([UInt8](repeating: 0, count: 8192)) == nil)
    #expect(table([])?.rows == [])
  }
}
