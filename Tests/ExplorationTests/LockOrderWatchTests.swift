import Basics
import ChaosRuntime
import Exploration
import Testing

/// A program about locks a, b and c that does another part of its work with every scenario seed.
private struct Parts: SystemUnderTest {
  let body: @Sendable (UInt64, Runtime, [Lock]) throws(Stopped) -> Void

  func makeSession(_ request: RunRequest) -> UInt64 { request.scenarioSeed }

  func drive(_ session: UInt64, in runtime: Runtime) throws(Stopped) {
    try body(session, runtime, ["a", "b", "c"].map { Lock(runtime, $0) })
  }

  func judge(_ session: UInt64, _ end: RunEnd) -> Judgement { Judgement(verdicts: []) }
}

private func take(_ locks: [Lock]) throws(Stopped) {
  for lock in locks { try lock.lock() }
  for lock in locks.reversed() { lock.unlock() }
}

@Suite struct LockOrderWatchTests {
  /// What a watch says after each of the schedules of these scenario seeds.
  private func notes(
    _ seeds: [UInt64], _ body: @escaping @Sendable (UInt64, Runtime, [Lock]) throws(Stopped) -> Void
  ) -> [Verdict?] {
    let watch = LockOrderWatch(check: "lock-order")
    return seeds.map { seed in
      var request = RunRequest(scenarioSeed: seed, scheduleSeed: seed, schedule: .nominal)
      watch.prepare(&request)
      return watch.note(Executor().run(Parts(body: body), request))
    }
  }

  /// Of two threads one works in odd schedules, the other in even ones.
  private func alternating(_ first: [Int], _ second: [Int]) -> [Verdict?] {
    notes([1, 3, 2]) { seed, runtime, locks throws(Stopped) in
      let one = try runtime.spawn("one") { () throws(Stopped) in
        if seed % 2 == 1 { try take(first.map { locks[$0] }) }
      }
      let two = try runtime.spawn("two") { () throws(Stopped) in
        if seed % 2 == 0 { try take(second.map { locks[$0] }) }
      }
      try one.join()
      try two.join()
    }
  }

  @Test func `A cycle of which each schedule shows one half is found`() throws {
    let verdicts = alternating([0, 1], [1, 0])
    #expect(verdicts[0] == nil && verdicts[1] == nil)
    let verdict = try #require(verdicts[2])
    #expect(verdict.outcome == .fail && verdict.check == "lock-order")
    #expect(
      verdict.reason == "over all schedules so far threads take 2 locks in a cycle: a -> b (one), b -> a (two)")
    #expect(verdict.evidence.count == 2)
    #expect(verdict == alternating([0, 1], [1, 0])[2])
  }

  @Test func `A lock that is asked for beside another is a finding where nobody needs two`() throws {
    let watch = LockOrderWatch(check: "lock-order") { held, _ in held == "b" }
    func note(_ seed: UInt64) -> Verdict? {
      var request = RunRequest(scenarioSeed: seed, scheduleSeed: seed, schedule: .nominal)
      watch.prepare(&request)
      let body: @Sendable (UInt64, Runtime, [Lock]) throws(Stopped) -> Void = { seed, _, locks throws(Stopped) in
        try take(seed == 1 ? [locks[1], locks[2]] : [locks[0], locks[1]])
      }
      return watch.note(Executor().run(Parts(body: body), request))
    }
    #expect(note(1) == nil)
    #expect(note(2)?.reason.contains("asks for b") == true)
  }

  @Test func `A signal without the lock of its condition is a finding where every signal needs it`() {
    func note(isHeld: Bool, signalsNeedLock: Bool = true) -> Verdict? {
      let watch = LockOrderWatch(check: "lock-order", signalsNeedLock: signalsNeedLock)
      var request = RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .nominal)
      watch.prepare(&request)
      let body: @Sendable (UInt64, Runtime, [Lock]) throws(Stopped) -> Void = { _, _, locks throws(Stopped) in
        let changed = Condition(locks[0], "changed")
        try locks[isHeld ? 0 : 1].withLock { changed.signal() }
      }
      return watch.note(Executor().run(Parts(body: body), request))
    }
    #expect(note(isHeld: false)?.reason.contains("signals changed without holding a") == true)
    #expect(note(isHeld: true) == nil)
    #expect(note(isHeld: false, signalsNeedLock: false) == nil)
  }

  @Test func `One order, and a lock held around both, are no finding`() {
    #expect(alternating([0, 1], [0, 1]).allSatisfy { $0 == nil })
    #expect(alternating([2, 0, 1], [2, 1, 0]).allSatisfy { $0 == nil })
  }

  @Test func `What spawn puts in order is no finding`() {
    let verdicts = notes([1, 2]) { seed, runtime, locks throws(Stopped) in
      if seed == 1 { try take([locks[0], locks[1]]) }
      let child = try runtime.spawn("child") { () throws(Stopped) in
        if seed == 2 { try take([locks[1], locks[0]]) }
      }
      try child.join()
    }
    #expect(verdicts.allSatisfy { $0 == nil })
  }

  @Test func `Locks of one name are left out`() {
    let verdicts = notes([1, 2]) { seed, runtime, locks throws(Stopped) in
      let same = [Lock(runtime, "account"), Lock(runtime, "account")]
      let thread = try runtime.spawn("one") { () throws(Stopped) in
        if seed == 1 { try take([locks[0], same[0]]) } else { try take([same[1], locks[0]]) }
      }
      try thread.join()
    }
    #expect(verdicts.allSatisfy { $0 == nil })
  }
}
