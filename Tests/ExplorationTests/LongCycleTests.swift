import Basics
import ChaosRuntime
import Exploration
import Testing

/// Cycles of any length, and of each set of locks at least one.
@Suite struct LongCycleTests {
  static func check(_ program: Program, attempts: Int = 40) -> LockOrderCheck<Program>.Result {
    LockOrderCheck(program, executor: Executor()).run(LockOrderTests.nominal, attempts: attempts)
  }

  static func ring(_ count: Int) -> Program {
    Program { runtime throws(Stopped) in
      let forks = (0..<count).map { Lock(runtime, "fork-\($0)") }
      var threads: [ThreadHandle] = []
      for seat in 0..<count {
        threads.append(
          try runtime.spawn("philosopher-\(seat)") { () throws(Stopped) in
            try forks[seat].withLock { () throws(Stopped) in
              try forks[(seat + 1) % count].withLock { () throws(Stopped) in }
            }
          })
      }
      for thread in threads { try thread.join() }
    }
  }

  @Test(arguments: [6, 10, 70])
  func `A ring of any length is predicted and confirmed`(count: Int) throws {
    let result = Self.check(Self.ring(count))
    #expect(result.cycles.count == 1 && result.cycles[0].cycle.edges.count == count)
    let report = try #require(result.confirmed.first?.report)
    #expect(report.incidents.map(\.kind) == [.deadlock])
    #expect(report.incidents[0].cycle.count == count)
  }

  /// More sets of locks than the short cycles that are listed: each has its own.
  @Test func `Each set of locks has a cycle`() {
    let pairs = 230
    let program = Program { runtime throws(Stopped) in
      let locks = (0..<2 * pairs).map { Lock(runtime, "lock-\($0)") }
      let takeAll: @Sendable (Int) throws(Stopped) -> Void = { (first) throws(Stopped) in
        for pair in 0..<pairs {
          try locks[2 * pair + first].withLock { () throws(Stopped) in
            try locks[2 * pair + 1 - first].withLock { () throws(Stopped) in }
          }
        }
      }
      let threads = [
        try runtime.spawn("up") { () throws(Stopped) in try takeAll(0) },
        try runtime.spawn("down") { () throws(Stopped) in try takeAll(1) },
      ]
      for thread in threads { try thread.join() }
    }
    let result = Self.check(program, attempts: 1)
    #expect(result.cycles.count == pairs)
    #expect(Set(result.cycles.map { $0.cycle.fingerprint }).count == pairs)
  }

  /// A short circle that one thread alone makes does not hide the long one of several.
  @Test func `A circle of one thread does not hide another`() {
    let program = Program { runtime throws(Stopped) in
      let locks = (0..<7).map { Lock(runtime, "lock-\($0)") }
      let take: @Sendable (Int, Int) throws(Stopped) -> Void = { (first, second) throws(Stopped) in
        try locks[first].withLock { () throws(Stopped) in
          try locks[second].withLock { () throws(Stopped) in }
        }
      }
      var threads: [ThreadHandle] = []
      for number in 0..<7 {
        threads.append(
          try runtime.spawn("thread-\(number)") { () throws(Stopped) in
            try take(number, (number + 1) % 7)
            if number == 0 { try take(1, 0) }
          })
      }
      for thread in threads { try thread.join() }
    }
    let result = Self.check(program, attempts: 8)
    #expect(result.cycles.contains { $0.cycle.edges.count == 7 })
    #expect(result.confirmed.count >= 1)
  }
}
