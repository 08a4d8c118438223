import Basics
import ChaosRuntime
import Exploration
import HistoricalBugs
import PaperSession
import Testing

@Suite struct DeterminismTests {
  /// A nominal schedule, an explored one, one with stalls.
  static let requests: [RunRequest] = [
    Sessions.nominal(1), Sessions.explored(2), Sessions.explored(3, stalls: true),
  ]

  /// One of the three for each name, so that all of them are used by some.
  static func request(_ name: String, _ shift: Int = 0) -> RunRequest { requests[(name.utf8.count + shift) % 3] }

  /// One arm of each, in turns; each bug is met by one of four tests.
  static let arms = Sessions.bugs(from: 0, step: 4).enumerated().map { (id: $0.element, original: $0.offset % 2 == 0) }

  @Test(arguments: arms)
  func `The same request gives the same bytes`(id: String, original: Bool) throws {
    let used = Executor()
    // The used executor had another session before.
    _ = used.run(
      try Sessions.arm(id, original: !original, armed: false, judgedBy: PaperSystem.baseChecks), Self.requests[0])
    let request = Self.request(id, original ? 1 : 0)
    let a = used.run(try Sessions.arm(id, original: original, armed: true, judgedBy: PaperSystem.baseChecks), request)
    let b = Executor().run(
      try Sessions.arm(id, original: original, armed: true, judgedBy: PaperSystem.baseChecks), request)
    expectSameFiles(a, b)
    #expect(a.recording == b.recording)
    #expect(a.steps == b.steps && a.switches == b.switches)
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `A paper session is a function of its seed`(seed: UInt64) throws {
    let request = PaperSystem.paperRequest(seed: seed)
    let a = Executor().run(try Sessions.paper(), request)
    let b = Executor().run(try Sessions.paper(), request)
    expectSameFiles(a, b)
    let other = Executor().run(try Sessions.paper(), PaperSystem.paperRequest(seed: seed + 100))
    #expect(a.judgement.files.map(\.bytes) != other.judgement.files.map(\.bytes))
  }

  @Test(arguments: Sessions.bugs(from: 1, step: 4))
  func `OS threads give the same recording and the same bytes`(id: String) throws {
    let system = try Sessions.arm(id, original: true, armed: true, judgedBy: PaperSystem.baseChecks)
    let threads = Executor(carrier: .threads)
    // One explored schedule a bug, with or without stalls by its name.
    for request in [Self.requests[1 + id.utf8.count % 2]] {
      let fiber = Executor().run(system, request)
      let thread = threads.run(system, request)
      expectSameFiles(fiber, thread, except: ["run.json"])
      #expect(fiber.recording == thread.recording && fiber.steps == thread.steps)
      #expect(fiber.judgement.verdicts == thread.judgement.verdicts)
      let run = try #require(thread.judgement.files.first { $0.path == "run.json" })
      #expect(try JSON.parse(run.bytes)["carrier"]?.string == "threads")
    }
  }

  @Test(arguments: Sessions.bugs(from: 2, step: 4))
  func `A replay of the fix gives the same bytes`(id: String) throws {
    let system = try Sessions.arm(id, original: false, armed: true, judgedBy: PaperSystem.baseChecks)
    let request = Self.request(id)
    let run = Executor().run(system, request)
    let recording = try Recording(parsing: run.recording.text)
    let replayed = Executor().run(
      system, RunRequest(scenarioSeed: request.scenarioSeed, scheduleSeed: 99, schedule: .replay(recording)))
    expectSameFiles(run, replayed, except: ["run.json"])
    #expect(replayed.recording == run.recording)
    #expect(replayed.unusedLines == 0)
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `A replay of a paper session gives the same bytes`(seed: UInt64) throws {
    let system = try Sessions.paper()
    let run = Executor().run(system, PaperSystem.paperRequest(seed: seed))
    let replayed = Executor().run(
      system, RunRequest(scenarioSeed: seed, scheduleSeed: 0, schedule: .replay(run.recording)))
    expectSameFiles(run, replayed, except: ["run.json"])
    #expect(replayed.unusedLines == 0)
  }

  @Test(arguments: Sessions.bugs(from: 3, step: 4))
  func `An empty recording is the nominal schedule without the fault`(id: String) throws {
    let system = try Sessions.arm(id, original: true, armed: true, judgedBy: PaperSystem.baseChecks)
    let replayed = Executor().run(
      system, RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .replay(Recording())))
    // A condition is part of the scenario, so it is there in both.
    let hasCondition = try Sessions.bug(id).provokedBy.condition != nil
    let nominal = Executor().run(
      try Sessions.arm(id, original: true, armed: hasCondition, judgedBy: PaperSystem.baseChecks), Sessions.nominal(1))
    expectSameFiles(nominal, replayed, except: ["run.json"])
    #expect(replayed.judgement.faultCounts.allSatisfy { $0.fired == 0 })
  }
}
