import ChaosRuntime
import TestSupport
import Testing

@testable import Exploration

@Suite struct LaneDiagramTests {
  private static let system = LockPair(isReversed: true, plan: nil, rounds: 20)

  private static func shrunk() throws -> Shrinker<LockPair>.Result {
    try ShrinkerTests.shrink(system, try ShrinkerTests.failing(system))
  }

  @Test func `Each thread of the cycle has a lane and each choice a mark`() throws {
    let result = try Self.shrunk()
    let text = try #require(LaneDiagram.text(result.report))
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines[0].contains("first") && lines[0].contains("second"))
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(lines.filter { $0.contains(" > ") }.count == result.recording.lines.count, "\(text)")
    #expect(lines.count { $0.contains("lock a") } >= 2 && lines.count { $0.contains("lock b") } >= 2, "\(text)")
    let cycle = try #require(result.report.incidents.first).cycleLines
    #expect(cycle.count == 4)
    #expect(cycle.contains { $0.hasPrefix("first holds \"a\", taken at ") })
    #expect(cycle.contains { $0.hasPrefix("  and waits for \"a\" at ") && $0.hasSuffix(", which first holds") })
  }

  @Test func `A run without choices or incident has no lanes`() {
    var request = RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .nominal)
    request.tracing = .steps(1..<1000)
    let report = Executor().run(LockPair(isReversed: false), request)
    #expect(report.trace?.kept.isEmpty == false)
    #expect(LaneDiagram.text(report) == nil)
  }

  @Test func `Kept steps say where choices were made`() throws {
    let report = try Self.shrunk().report
    let kept = try #require(report.trace?.kept)
    #expect(kept.count == report.steps)
    #expect(kept.reduce(0) { $0 + $1.choices } == report.recording.lines.count)
  }

  @Test func `The critical moment is the choice that loses the run`() throws {
    let result = try Self.shrunk()
    let moment = CriticalMoment.find(
      result.report, of: Self.system, checks: ShrinkerTests.checks, executor: Executor(), samplesMax: 60)
    #expect(moment.points.count >= 2)
    let start = moment.points[0]
    #expect(start.choice == nil && start.after == .zero && start.failing < start.samples)
    let last = try #require(moment.points.last)
    #expect(last.share > start.share)
  }

  @Test func `Names are paths without parents and numbers`() {
    #expect(LaneDiagram.name(of: "main/engine/router#2") == "router")
    #expect(LaneDiagram.name(of: "first") == "first")
  }
}
