import ChaosRuntime
import ClassicPrograms
import Exploration
import TestSupport
import Testing

@Suite struct ProgramTests {
  static let programs = ClassicProgram.all.map(\.name)
  static let twins = ClassicProgram.twins.map(\.name)

  /// Figures of many campaigns are a command; here each bug is found once.
  @Test(arguments: programs)
  func `The portfolio finds the bug`(name: String) throws {
    let program = try #require(ClassicProgram.named(name))
    let executor = Executor()
    let found = campaign(program, Search(Seeds(1), arm: 1), by: executor, max: 10_000)
    let failure = try #require(found.failure?.report, "no bug in \(found.ran) schedules")
    let again = executor.run(
      program, RunRequest(scenarioSeed: 1, scheduleSeed: 0, schedule: .replay(failure.recording)))
    #expect(again.judgement.verdicts == failure.judgement.verdicts)
    #expect(again.unusedLines == 0)
  }

  @Test(arguments: twins)
  func `The correct twin holds`(name: String) throws {
    let twin = try #require(ClassicProgram.named(name))
    let found = campaign(twin, Search(Seeds(1), arm: 1), max: 100)
    #expect(found.failure == nil, "\(found.failure?.verdict.reason ?? "")")
    #expect(found.ran == 100)
  }

  @Test func `Names are unique and twins are marked`() {
    #expect(Set(Self.programs + Self.twins).count == Self.programs.count + Self.twins.count)
    #expect(Self.twins == Self.programs.map { "\($0)_ok" })
    #expect(ClassicProgram.all.allSatisfy { !$0.isCorrect } && ClassicProgram.twins.allSatisfy(\.isCorrect))
  }

  @Test(arguments: ["deadlock01", "din_phil_3", "carter01", "phase01"])
  func `Deadlocks are real ones`(name: String) throws {
    let program = try #require(ClassicProgram.named(name))
    let failure = try #require(campaign(program, Search(Seeds(2), arm: 1), max: 1000).failure?.report)
    #expect(failure.incidents.map(\.kind) == [.deadlock])
    #expect(failure.judgement.verdict("no-deadlock")?.outcome == .fail)
  }

  /// PCT of depth 3 takes two thousand schedules on average for the largest.
  @Test(arguments: ["reorder_3", "reorder_20"])
  func `The directed strategy finds a window between two writes`(name: String) throws {
    let program = try #require(ClassicProgram.named(name))
    var ran = 0
    for seed in 1...10 as ClosedRange<UInt64> {
      let search = Search(Seeds(seed), arm: 1, portfolio: .only(.directed))
      let found = campaign(program, search, max: 100)
      #expect(found.failure != nil, "seed \(seed)")
      ran += found.ran
    }
    #expect(ran <= 150, "\(ran) schedules in 10 searches")
  }

  @Test(arguments: ["din_phil_10", "din_phil_15", "din_phil_30"])
  func `A cycle of many locks takes three schedules at most`(name: String) throws {
    let program = try #require(ClassicProgram.named(name))
    for seed in 1...5 as ClosedRange<UInt64> {
      let found = campaign(program, Search(Seeds(seed), arm: 1), max: 3)
      #expect(found.failure?.report.incidents.map(\.kind) == [.deadlock], "seed \(seed)")
    }
  }

  /// Stalls that are drawn step by step take some three hundred schedules.
  @Test func `Slow threads fill a pool with tasks that wait for it`() throws {
    let program = try #require(ClassicProgram.named("nested_staggered_4"))
    var ran = 0
    for seed in 1...10 as ClosedRange<UInt64> {
      let found = campaign(program, Search(Seeds(seed), arm: 1, portfolio: .only(.slowThreads)), max: 400)
      #expect(found.failure != nil, "seed \(seed)")
      ran += found.ran
    }
    #expect(ran <= 700, "\(ran) schedules in 10 searches")
  }

  @Test func `What slow threads found is shrunk to few stalls`() throws {
    let program = try #require(ClassicProgram.named("nested_staggered_4"))
    let search = Search(Seeds(1), arm: 1, portfolio: .only(.slowThreads))
    let failure = try #require(campaign(program, search, max: 400).failure?.report)
    let shrunk = try Shrinker(
      program, failure.recording, request: failure.request, checks: ["no-stuck-wait"], executor: Executor()
    ).shrink()
    #expect(shrunk.report.incidents.map(\.kind) == failure.incidents.map(\.kind))
    #expect(shrunk.recording.lines.count { $0.kind == .stall } <= 8, "\(shrunk.recording.text)")
    #expect(shrunk.report.unusedLines == 0)
  }
}
