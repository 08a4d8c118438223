import ChaosRuntime
import Checks
import Exploration
import FaultInjection
import HistoricalBugs
import PaperSession
import Proof
import Testing

@Suite struct BugTests {
  /// What judges every arm of a bug, the signature first.
  static func checks(_ bug: HistoricalBug) throws -> [String] {
    try [bug.signature] + Sessions.checks(bug) + PaperSystem.baseChecks
  }

  static func failed(_ report: RunReport, _ checks: [String]) throws -> [String] {
    try checks.compactMap { name in
      let verdict = try #require(report.judgement.verdict(name), "no check is called \(name)")
      return verdict.outcome == .fail ? "\(name): \(verdict.reason)" : nil
    }
  }

  static func isReached(_ report: RunReport, _ bug: HistoricalBug) throws -> Bool {
    let firedMin = try bug.provokedBy.faults.first.map { try Sessions.fault($0).expect.firedMin } ?? 0
    return report.judgement.faultCounts.allSatisfy { $0.fired >= firedMin }
      && bug.landmarks.allSatisfy { name in report.judgement.landmarks.contains { $0.name == name && $0.count > 0 } }
  }

  @Test(arguments: Sessions.bugIds)
  func `The original passes where nothing provokes it`(id: String) throws {
    let bug = try Sessions.bug(id)
    let system = try Sessions.arm(id, original: true, armed: false, judgedBy: Self.checks(bug))
    let seed = UInt64(1 + id.utf8.count % 3)
    let run = Executor().run(system, Sessions.nominal(seed))
    #expect(try Self.failed(run, Self.checks(bug)) == [], "seed \(seed)")
  }

  /// The scenario seeds of run seeds 1 to 10, the first three of each.
  @Test func `The nominal control of the reversed locks holds for run seeds`() throws {
    let system = try Sessions.arm("C-PORT-02", original: true, armed: false, judgedBy: [])
    let executor = Executor()
    for seed in 1...10 as ClosedRange<UInt64> {
      for index in 0..<3 {
        let run = executor.run(system, Sessions.nominal(Seeds(seed).scenario(index)))
        #expect(run.incidents.isEmpty, "--seed \(seed), scenario \(index)")
      }
    }
  }

  @Test(arguments: Sessions.bugIds)
  func `The original fails by its signature under its fault`(id: String) throws {
    let bug = try Sessions.bug(id)
    let system = try Sessions.arm(id, original: true, armed: true, judgedBy: Self.checks(bug))
    let executor = Executor()
    var found: RunReport?
    for index in 0..<20 where found == nil {
      let request = Seeds(1).request(arm: 1, index)
      if bug.isTimeSignature, !request.isStallFree { continue }
      let run = executor.run(system, request)
      if run.judgement.verdict(bug.signature)?.outcome == .fail { found = run }
    }
    let run = try #require(found, "\(id) was not provoked in 20 schedules")
    #expect(try Self.isReached(run, bug))
    #expect(run.judgement.verdict(bug.signature)?.evidence.isEmpty == false)
  }

  @Test(arguments: Sessions.bugIds)
  func `The fix passes every check under the fault`(id: String) throws {
    let bug = try Sessions.bug(id)
    let executor = Executor()
    var reached = 0
    for armed in [true, false] {
      let system = try Sessions.arm(id, original: false, armed: armed, judgedBy: Self.checks(bug))
      for index in 0..<(armed ? 2 : 1) {
        let run = executor.run(system, Seeds(1).request(arm: armed ? 1 : 0, index))
        #expect(try Self.failed(run, Self.checks(bug)) == [], "schedule \(index), fault \(armed ? "on" : "off")")
        if armed, try Self.isReached(run, bug) { reached += 1 }
      }
    }
    #expect(reached >= 1, "fault and landmarks met in \(reached) of 2 schedules")
  }

  static let attempts = AllBugs.all.flatMap { bug in
    bug.revisions.dropFirst().dropLast().map { Attempt(bug: bug.id, revision: $0.id) }
  }

  struct Attempt: Sendable, CustomTestStringConvertible {
    var bug: String
    var revision: String
    var testDescription: String { "\(bug)=\(revision)" }
  }

  /// An attempt is a fix that was none: under the same provocation one of the same checks turns red.
  @Test(arguments: attempts)
  func `An attempt fails like the original or in its own way`(attempt: Attempt) throws {
    let bug = try Sessions.bug(attempt.bug)
    var system = try Sessions.arm(attempt.bug, revision: attempt.revision, armed: true)
    system.judgedBy = Set(try Self.checks(bug))
    let executor = Executor()
    let isRed = try (0..<20).contains { index in
      let request = Seeds(1).request(arm: 1, index)
      return try !Self.failed(executor.run(system, request), Self.checks(bug)).isEmpty
    }
    #expect(isRed, "\(attempt.testDescription) passed 20 schedules")
  }

  /// A revision replaces every part that would heal its bug, and nothing that makes another one.
  @Test(arguments: Sessions.bugs(from: 0, step: 2))
  func `An original breaks no other bugs signature`(id: String) throws {
    let bug = try Sessions.bug(id)
    let others = AllBugs.all.map(\.signature).filter { $0 != bug.signature && !bug.consequences.contains($0) }
    let system = try Sessions.arm(id, original: true, armed: true, judgedBy: others)
    let index = id.utf8.count % 4
    let run = Executor().run(system, Seeds(1).request(arm: 1, index))
    let failed = try Self.failed(run, others)
    #expect(failed == [], "schedule \(index)")
  }

  @Test(arguments: Sessions.bugs(from: 1, step: 2))
  func `A failure replays to the same failure`(id: String) throws {
    let bug = try Sessions.bug(id)
    let system = try Sessions.arm(id, original: true, armed: true, judgedBy: Self.checks(bug))
    let executor = Executor()
    for index in [id.utf8.count % 3] {
      let run = executor.run(system, Seeds(1).request(arm: 1, index))
      let recording = try Recording(parsing: run.recording.text)
      let replayed = executor.run(
        system,
        RunRequest(scenarioSeed: run.request.scenarioSeed, scheduleSeed: 0, schedule: .replay(recording)))
      expectSameFiles(run, replayed, except: ["run.json"], "schedule \(index)")
      #expect(replayed.judgement.verdict(bug.signature) == run.judgement.verdict(bug.signature))
      #expect(replayed.recording == run.recording)
      #expect(replayed.unusedLines == 0)
    }
  }
}
