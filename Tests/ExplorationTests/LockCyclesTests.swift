import Basics
import ChaosRuntime
import Exploration
import Testing

/// What is not looked at is counted and said.
@Suite struct LockCyclesTests {
  /// Every thread takes every pair of locks.
  static func dense(_ locks: Int, threads: Int) -> Program {
    Program { runtime throws(Stopped) in
      let all = (0..<locks).map { Lock(runtime, "lock-\($0)") }
      var handles: [ThreadHandle] = []
      for number in 0..<threads {
        handles.append(
          try runtime.spawn("thread-\(number)") { () throws(Stopped) in
            for first in 0..<locks {
              for second in 0..<locks where second != first {
                try all[first].withLock { () throws(Stopped) in
                  try all[second].withLock { () throws(Stopped) in }
                }
              }
            }
          })
      }
      for handle in handles { try handle.join() }
    }
  }

  @Test func `A dense order is cut and the cut is said`() {
    let result = LongCycleTests.check(Self.dense(8, threads: 6), attempts: 1)
    #expect(!result.cycles.isEmpty)
    #expect(result.cuts == ["of 1 of 1 sets of locks that lead to each other not all cycles were looked for"])
  }

  @Test func `Orders beyond the table are counted`() {
    let result = LongCycleTests.check(Self.dense(14, threads: 24), attempts: 1)
    let kept = LockOrder.edgesMax
    #expect(result.cuts.contains("\(14 * 13 * 24 - kept) orders of two beyond \(kept) were not kept"))
  }

  @Test func `A whole look has no cuts`() {
    #expect(LongCycleTests.check(LongCycleTests.ring(6)).cuts.isEmpty)
    #expect(LongCycleTests.check(Self.dense(3, threads: 3), attempts: 1).cuts.isEmpty)
  }
}
