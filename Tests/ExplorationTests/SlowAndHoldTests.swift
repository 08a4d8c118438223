import Basics
import ChaosRuntime
import Exploration
import Testing

/// Threads that are slow for a whole run, and threads that give way while they hold a lock.
@Suite struct SlowAndHoldTests {
  static func run(_ system: some SystemUnderTest, _ plan: StrategyPlan, _ seed: UInt64) -> RunReport {
    Executor().run(
      system, RunRequest(scenarioSeed: seed, scheduleSeed: seed, schedule: .explore(plan)))
  }

  @Test func `A slow thread takes the same time for each step`() throws {
    var times: [Int64] = []
    var slowCounts: Set<Int> = []
    for seed in 1...40 as ClosedRange<UInt64> {
      let report = Self.run(Writers(), StrategyPlan(.slowThreads, noise: .stalls), seed)
      let stalls = report.recording.lines.filter { $0.kind == .stall }
      #expect(Set(stalls.map(\.value)).count <= 1, "seed \(seed)")
      let writers = Set(stalls.map(\.subject).filter { $0.contains("writer") })
      for writer in writers {
        #expect(stalls.count { $0.subject == writer && $0.site == "write value" } == 2, "seed \(seed): both steps")
      }
      slowCounts.insert(writers.count)
      if let value = stalls.first.flatMap({ Int64($0.value) }) { times.append(value) }
    }
    #expect(times.allSatisfy { (10_000...100_000_000).contains($0) })
    #expect(times.contains { $0 < 100_000 } && times.contains { $0 > 10_000_000 }, "log-uniform: \(times)")
    #expect(slowCounts.count >= 4, "none, some and all are slow: \(slowCounts)")
  }

  /// A thread that loses more and more time would miss every limit.
  @Test func `A slow thread catches up`() {
    let program = Program { runtime throws(Stopped) in
      let value = Shared(runtime, "value", 0)
      for round in 0..<10 {
        for _ in 0..<100 { try value.set(round) }
        try runtime.sleep(.seconds(8))
      }
    }
    var longest = Duration.zero
    for seed in 1...20 as ClosedRange<UInt64> {
      longest = max(longest, Self.run(program, StrategyPlan(.slowThreads, noise: .stalls), seed).virtualTime)
    }
    #expect(longest > .seconds(90) && longest < .seconds(125), "80 s and 4 s a round at most: \(longest)")
  }

  @Test func `Nobody is slow in a schedule without stalls`() {
    for noise in [StrategyPlan.Noise.none, .latencies] {
      let plan = StrategyPlan(.slowThreads, noise: noise)
      #expect(plan.makeStrategy().isFair)
      for seed in 1...10 as ClosedRange<UInt64> {
        let report = Self.run(Writers(), plan, seed)
        #expect(report.recording.lines.allSatisfy { $0.kind != .stall })
      }
    }
    #expect(!StrategyPlan(.slowThreads, noise: .stalls).makeStrategy().isFair)
  }

  /// `count` threads that take a lock of their own and then that of their neighbour, after `rest`.
  static func ring(_ count: Int, rest: Duration = .zero, isCorrect: Bool = false) -> Program {
    Program { runtime throws(Stopped) in
      let locks = (0..<count).map { Lock(runtime, "lock \($0)") }
      var threads: [ThreadHandle] = []
      for index in 0..<count {
        let (a, b) = (index, (index + 1) % count)
        let (first, second) = isCorrect ? (min(a, b), max(a, b)) : (a, b)
        threads.append(
          try runtime.spawn("member") { () throws(Stopped) in
            try runtime.sleep(rest * index)
            try locks[first].withLock { () throws(Stopped) in
              try locks[second].withLock { () throws(Stopped) in }
            }
          })
      }
      for thread in threads { try thread.join() }
    }
  }

  @Test(arguments: [StrategyPlan.Noise.none, .latencies, .stalls])
  func `Who holds a lock gives way until a cycle is closed`(noise: StrategyPlan.Noise) {
    for seed in 1...5 as ClosedRange<UInt64> {
      let plan = StrategyPlan(.holdAndWait, noise: noise)
      #expect(Self.run(Self.ring(12), plan, seed).incidents.map(\.kind) == [.deadlock])
      #expect(Self.run(Self.ring(12, isCorrect: true), plan, seed).incidents.isEmpty)
    }
  }

  /// Giving way is not enough when the others sleep; a pause is.
  @Test func `With stalls a holder waits for those that sleep`() {
    func found(_ noise: StrategyPlan.Noise) -> Int {
      (1...40 as ClosedRange<UInt64>).count { seed in
        let report = Self.run(
          Self.ring(3, rest: .milliseconds(2)), StrategyPlan(.holdAndWait, noise: noise), seed)
        return !report.incidents.isEmpty
      }
    }
    #expect(found(.latencies) == 0)
    #expect(found(.stalls) >= 3)
  }

  private static func kinds(_ portfolio: Portfolio, _ system: some SystemUnderTest, _ count: Int) -> [String] {
    let search = Search(Seeds(3), arm: 1, portfolio: portfolio)
    let executor = Executor()
    return (0..<count).map { index in
      let report = executor.run(system, search.request(index))
      search.note(report)
      let strategy = report.recording.header.first { $0.name == "strategy" }?.value ?? ""
      return String(strategy.prefix { $0 != "," })
    }
  }

  @Test func `Without a share neither has a turn`() {
    let portfolio = Portfolio(shares: [(.directed, 2), (.pos, 1), (.randomWalk, 1)], startsPlain: true)
    for program in [Self.ring(3, isCorrect: true), Self.ring(3, rest: .milliseconds(2), isCorrect: true)] {
      let kinds = Self.kinds(portfolio, program, 40)
      #expect(!kinds.contains("slow threads") && !kinds.contains("hold and wait"))
      #expect(kinds.contains("directed"))
    }
  }

  @Test func `Threads are slow only where a program waits for time`() {
    let untimed = Self.kinds(.standard, Self.ring(3, isCorrect: true), 60)
    #expect(!untimed.contains("slow threads") && untimed.contains("hold and wait"))
    let timed = Self.kinds(.standard, Self.ring(3, rest: .milliseconds(2), isCorrect: true), 60)
    #expect((7...8).contains(timed.count { $0 == "slow threads" }), "a quarter of thirty")
    #expect(timed.indices.allSatisfy { $0 % 2 == 1 || timed[$0] != "slow threads" })
    #expect(timed[1] == "hold and wait", "nothing to aim at yet")
  }
}
