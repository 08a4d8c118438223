import Basics
import ChaosRuntime
import Exploration
import Testing

@Suite struct DirectedTests {
  /// A writer and a reader of one variable.
  private static let system = Program { runtime throws(Stopped) in
    let value = Shared(runtime, "value", 0)
    let writers = try (1...2).map { number throws(Stopped) in
      try runtime.spawn("writer-\(number)") { () throws(Stopped) in try value.set(number) }
    }
    let reader = try runtime.spawn("reader") { () throws(Stopped) in _ = try value.get() }
    for thread in writers + [reader] { try thread.join() }
  }

  private static func run(_ targets: [HandOffs.Pair], _ seed: UInt64) -> HandOffs {
    let plan = StrategyPlan(.directed(targets), noise: .none)
    let report = Executor().run(
      system, RunRequest(scenarioSeed: 1, scheduleSeed: seed, schedule: .explore(plan)))
    return report.handOffs ?? HandOffs()
  }

  @Test func `A target is brought about whatever the seed`() throws {
    var known = Set<HandOffs.Pair>()
    for seed in 1...40 as ClosedRange<UInt64> { known.formUnion(Self.run([], seed).pairs) }
    // The reader sees the initial value or a writer's; the two writers are alike, being one name with two numbers.
    #expect(known.count == 2)
    for target in known {
      for seed in 1...40 as ClosedRange<UInt64> {
        #expect(Self.run([target], seed).pairs == [target], "seed \(seed)")
      }
    }
  }

  @Test func `A target that cannot be is dropped and the run ends`() {
    let pairs = (1...10 as ClosedRange<UInt64>).flatMap { Self.run([], $0).pairs }
    let impossible = pairs.prefix(1).map { HandOffs.Pair(object: $0.object, from: 12345, to: $0.to) }
    #expect(!impossible.isEmpty)
    let plan = StrategyPlan(.directed(impossible), noise: .none)
    let report = Executor().run(
      Self.system, RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .explore(plan)))
    #expect(report.incidents.isEmpty)
    #expect(report.steps < 100)
  }

  @Test func `Only directed schedules watch hand offs`() {
    let report = Executor().run(
      Self.system, RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .explore(stalls: false)))
    #expect(report.handOffs == nil)
  }
}

@Suite struct MutationTests {
  private static func line(_ kind: Recording.Kind, _ occurrence: Int, _ value: String) -> Recording.Line {
    Recording.Line(kind: kind, subject: "main", site: "lock a", occurrence: occurrence, value: value)
  }

  private static let recording = Recording(
    lines: (0..<20).map { line($0 % 5 == 0 ? .stall : .run, $0, $0 % 5 == 0 ? "1000000" : "t\($0 % 3)") }
      + [Recording.Line(kind: .fault, subject: "f/0", site: "s", occurrence: 0, value: "1")])

  @Test func `A variation is a function of its seed and keeps faults`() throws {
    var mutation = Mutation()
    #expect(mutation.variation(scenario: 1, seed: 1, stalls: true) == nil)
    mutation.add(Self.recording, scenario: 1)
    #expect(mutation.variation(scenario: 2, seed: 1, stalls: true) == nil)
    var texts: Set<String> = []
    for seed in 1...30 as ClosedRange<UInt64> {
      let a = try #require(mutation.variation(scenario: 1, seed: seed, stalls: true))
      #expect(a == mutation.variation(scenario: 1, seed: seed, stalls: true))
      #expect(a.lines.filter { $0.kind == .fault } == Self.recording.lines.filter { $0.kind == .fault })
      #expect(abs(a.lines.count - Self.recording.lines.count) <= 5)
      texts.insert(a.text)
      let calm = try #require(mutation.variation(scenario: 1, seed: seed, stalls: false))
      #expect(!calm.lines.contains { $0.kind == .stall })
    }
    #expect(texts.count > 25)
  }

  @Test func `A recording without choices of threads is not taken up`() {
    var mutation = Mutation()
    mutation.add(Recording(lines: [Self.line(.stall, 0, "1000000")]), scenario: 1)
    #expect(mutation.variation(scenario: 1, seed: 1, stalls: true) == nil)
  }
}
