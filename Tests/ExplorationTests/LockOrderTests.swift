import Basics
import ChaosRuntime
import Exploration
import TestSupport
import Testing

/// A program about locks a, b, c, judged by its deadlocks alone.
private struct Scene: SystemUnderTest {
  typealias Body = @Sendable (Runtime, [Lock]) throws(Stopped) -> Void
  let body: Body

  init(_ body: @escaping Body) { self.body = body }

  func makeSession(_ request: RunRequest) {}

  func drive(_ session: Void, in runtime: Runtime) throws(Stopped) {
    try body(runtime, ["a", "b", "c"].map { Lock(runtime, $0) })
  }

  func judge(_ session: Void, _ end: RunEnd) -> Judgement {
    let deadlock = end.incidents.first { $0.kind == .deadlock }
    return Judgement(verdicts: [
      Verdict(check: "no-deadlock", outcome: deadlock == nil ? .pass : .fail, reason: deadlock?.summary ?? "none")
    ])
  }
}

/// Takes locks in the given order, after a pause.
private func take(_ locks: [Lock], after pause: Int, _ runtime: Runtime) throws(Stopped) {
  try runtime.sleep(.milliseconds(pause))
  for lock in locks { try lock.lock() }
  for lock in locks.reversed() { lock.unlock() }
}

@Suite struct LockOrderTests {
  static let nominal = RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .nominal)

  static func check<System: SystemUnderTest>(_ system: System, attempts: Int = 40) -> LockOrderCheck<System>.Result {
    LockOrderCheck(system, executor: Executor()).run(nominal, attempts: attempts)
  }

  @Test func `A reversed pair is confirmed from one clean schedule and replays`() throws {
    let system = LockPair(isReversed: true, isFaultArmed: false)
    let result = Self.check(system)
    #expect(result.observed.incidents.isEmpty)
    #expect(result.cycles.count == 1)
    let (cycle, report, attempt) = try #require(result.confirmed.first)
    #expect(cycle.text == "a -> b (first), b -> a (second)")
    #expect(attempt <= 4)
    #expect(report.incidents.map(\.kind) == [.deadlock])
    #expect(report.dump != nil)
    // Nothing but the pauses is in the recording.
    #expect(report.recording.lines.count <= 2 && report.recording.lines.allSatisfy { $0.kind == .stall })
    let replayed = Executor().run(
      system, RunRequest(scenarioSeed: 1, scheduleSeed: 9, schedule: .replay(report.recording)))
    #expect(replayed.incidents.map(\.summary) == report.incidents.map(\.summary))
    #expect(replayed.unusedLines == 0)
  }

  @Test func `A pair in one order has edges and no cycle`() {
    let result = Self.check(LockPair(isReversed: false, isFaultArmed: false))
    #expect(
      result.order.edges.map { "\($0.thread) \(result.order.name($0.held)) \(result.order.name($0.wanted))" } == [
        "first a b", "second a b",
      ])
    #expect(result.cycles.isEmpty && result.orderedCount == 0 && result.classCycles.isEmpty)
  }

  @Test func `A common gate guards and is named`() {
    let result = Self.check(
      Scene { runtime, locks throws(Stopped) in
        let one = try runtime.spawn("one") { () throws(Stopped) in
          try take([locks[2], locks[0], locks[1]], after: 1, runtime)
        }
        let two = try runtime.spawn("two") { () throws(Stopped) in
          try take([locks[2], locks[1], locks[0]], after: 2, runtime)
        }
        try one.join()
        try two.join()
      })
    #expect(result.confirmed.isEmpty)
    #expect(result.cycles.count == 1)
    guard case .guarded(let gates)? = result.cycles.first?.outcome else {
      Issue.record("the cycle is not guarded: \(result.cycles)")
      return
    }
    #expect(gates == ["c"])
  }

  @Test func `Spawn and join order threads`() {
    let spawned = Self.check(
      Scene { runtime, locks throws(Stopped) in
        try take([locks[0], locks[1]], after: 1, runtime)
        try runtime.spawn("child") { () throws(Stopped) in try take([locks[1], locks[0]], after: 1, runtime) }.join()
      })
    #expect(spawned.cycles.isEmpty && spawned.orderedCount == 1)
    let joined = Self.check(
      Scene { runtime, locks throws(Stopped) in
        try runtime.spawn("child") { () throws(Stopped) in try take([locks[1], locks[0]], after: 1, runtime) }.join()
        try runtime.spawn("next") { () throws(Stopped) in try take([locks[0], locks[1]], after: 1, runtime) }.join()
      })
    #expect(joined.cycles.isEmpty && joined.orderedCount == 1)
    // After the spawn the parent runs beside its child.
    let beside = Self.check(
      Scene { runtime, locks throws(Stopped) in
        let child = try runtime.spawn("child") { () throws(Stopped) in
          try take([locks[1], locks[0]], after: 1, runtime)
        }
        try take([locks[0], locks[1]], after: 5, runtime)
        try child.join()
      })
    #expect(beside.confirmed.count == 1 && beside.orderedCount == 0)
  }

  @Test func `One thread alone is no cycle`() {
    let result = Self.check(
      Scene { runtime, locks throws(Stopped) in
        try take([locks[0], locks[1]], after: 1, runtime)
        try take([locks[1], locks[0]], after: 1, runtime)
      })
    #expect(result.order.edges.count == 2)
    #expect(result.cycles.isEmpty && result.orderedCount == 0)
  }

  @Test func `A ring of three is confirmed`() throws {
    let result = Self.check(
      Scene { runtime, locks throws(Stopped) in
        var threads: [ThreadHandle] = []
        for n in 0..<3 {
          threads.append(
            try runtime.spawn("t\(n)") { () throws(Stopped) in
              try take([locks[n], locks[(n + 1) % 3]], after: 30 * n, runtime)
            })
        }
        for thread in threads { try thread.join() }
      })
    let found = try #require(result.confirmed.first)
    #expect(result.confirmed.count == 1)
    #expect(found.cycle.locks == ["a", "b", "c"])
  }

  @Test func `An order that only a message gives is unconfirmed`() {
    let result = Self.check(
      Scene { runtime, locks throws(Stopped) in
        let done = Channel<Int>(runtime, "done", capacity: 1)
        let one = try runtime.spawn("one") { () throws(Stopped) in
          try take([locks[0], locks[1]], after: 1, runtime)
          try done.send(1)
        }
        let two = try runtime.spawn("two") { () throws(Stopped) in
          _ = try done.receive()
          try take([locks[1], locks[0]], after: 1, runtime)
        }
        try one.join()
        try two.join()
      }, attempts: 8)
    #expect(result.confirmed.isEmpty)
    guard case .unconfirmed(let attempts)? = result.cycles.first?.outcome else {
      Issue.record("the cycle is not unconfirmed: \(result.cycles)")
      return
    }
    #expect(attempts == 8 && result.cycles.count == 1)
  }

  @Test func `Locks of one name are told apart and their names are compared too`() {
    let result = Self.check(
      Scene { runtime, _ throws(Stopped) in
        let (accounts, books) = (
          (0..<2).map { n in Lock(runtime, "account-\(n)") }, (0..<2).map { _ in Lock(runtime, "book") }
        )
        let one = try runtime.spawn("one") { () throws(Stopped) in try take([accounts[0], books[0]], after: 1, runtime)
        }
        let two = try runtime.spawn("two") { () throws(Stopped) in try take([books[1], accounts[1]], after: 2, runtime)
        }
        try one.join()
        try two.join()
      })
    #expect(result.cycles.isEmpty)
    #expect(result.classCycles == [["account", "book"]])
  }
}
