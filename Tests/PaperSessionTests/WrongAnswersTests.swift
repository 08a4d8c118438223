import Exploration
import PaperSession
import Testing

/// Engines that answer a venue's fault wrongly, each with the check that sees it. Right engines meet the same faults in the gauntlet.
@Suite struct WrongAnswersTests {
  struct Wrong: Sendable, CustomTestStringConvertible {
    /// The row of the documentation's table.
    var row: Int
    var faults: [String]
    /// The bug whose parts answer wrongly.
    var bug: String
    var seconds: Double
    var check: String

    var testDescription: String { "\(row) \(faults.joined(separator: "+")): \(check)" }
  }

  static let wrong = [
    Wrong(row: 26, faults: ["server-disconnected"], bug: "H-SERV-01", seconds: 80, check: "no-duplicate-orders"),
    Wrong(row: 28, faults: ["maintenance"], bug: "C-ADAPTER-01", seconds: 50, check: "stream-reopened"),
    Wrong(row: 30, faults: ["filter-refusals"], bug: "H-SERV-01", seconds: 35, check: "no-futile-retries"),
    Wrong(row: 32, faults: ["duplicate-id", "dropped-fills"], bug: "H-SERV-01", seconds: 60, check: "positions-agree"),
    Wrong(row: 33, faults: ["post-only-refused"], bug: "H-SERV-01", seconds: 40, check: "no-futile-retries"),
    Wrong(row: 38, faults: ["key-revoked"], bug: "H-SERV-01", seconds: 40, check: "no-futile-retries"),
  ]

  @Test(arguments: wrong) func `An engine that answers wrongly is seen`(_ wrong: Wrong) throws {
    var system = try PaperSystem(
      PaperInputs(
        kind: .paper, revisions: [.init(bug: wrong.bug, revision: "original")],
        faults: wrong.faults.map { try Sessions.source($0) }, durationSeconds: wrong.seconds))
    system.judgedBy = [wrong.check]
    let run = Executor().run(system, Sessions.nominal(1))
    #expect(run.judgement.verdict(wrong.check)?.outcome == .fail)
  }
}
