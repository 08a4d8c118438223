@testable import ChaosRuntime
import Testing

import Basics

@Suite struct TimerQueueTests {
  private static func thread(_ id: Int) -> SimThread {
    SimThread(name: "\(id)", path: "\(id)", id: id, world: nil, body: nil)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `The earliest comes first and equal times in their order`(seed: UInt64) {
    var draws = SplitMix(seed: seed)
    let threads = (0..<100).map { Self.thread($0) }
    let dues = threads.map { _ in Int64(draws.next() % 20) }
    var queue = TimerQueue()
    for (thread, due) in zip(threads, dues) { queue.insert(due: due, thread: ThreadReference(thread)) }
    let expected = dues.indices.sorted { (dues[$0], $0) < (dues[$1], $1) }
    var order: [Int] = []
    while let entry = queue.earliest {
      #expect(queue.removeEarliest()?.thread == entry.thread)
      order.append(entry.thread.thread.id)
    }
    #expect(order == expected)
    #expect(queue.removeEarliest() == nil)
    withExtendedLifetime(threads) {}
  }

  @Test func `Removals and insertions may alternate`() {
    let threads = (0..<4).map { Self.thread($0) }
    var queue = TimerQueue()
    queue.insert(due: 5, thread: ThreadReference(threads[0]))
    queue.insert(due: 3, thread: ThreadReference(threads[1]))
    #expect(queue.removeEarliest()?.due == 3)
    queue.insert(due: 5, thread: ThreadReference(threads[2]))
    queue.insert(due: 1, thread: ThreadReference(threads[3]))
    #expect(queue.removeEarliest()?.due == 1)
    #expect(queue.removeEarliest()?.thread == ThreadReference(threads[0]))
    #expect(queue.removeEarliest()?.thread == ThreadReference(threads[2]))
    queue.insert(due: 1, thread: ThreadReference(threads[0]))
    queue.removeAll()
    #expect(queue.earliest == nil)
    withExtendedLifetime(threads) {}
  }
}
