import Basics
import Testing

@testable import Proof

@Suite struct GauntletMergeTests {
  /// The JSON of one shard of a gauntlet with the cases.
  private func shard(_ text: String?, _ ids: [String], seed: Int = 1, outcome: CaseOutcome = .passed) throws -> JSON {
    let clock = Clock()
    let cases = ids.map { gauntletCase($0, outcome, clock: clock, seconds: 1) }
    var report = GauntletReport(
      cases: cases, result: Gauntlet(cases, options: clock.options()).run(), seed: UInt64(seed), jobs: 1,
      budgetSeconds: nil, command: "chaos gauntlet")
    report.shard = text
    report.build = "b1"
    return try JSON.parse(Array(report.json.pretty().utf8))
  }

  private func problem(_ files: [(name: String, json: JSON)]) -> String {
    do throws(GauntletMerge.Problem) {
      _ = try GauntletMerge.merge(files, command: "chaos merge")
      return "none"
    } catch { return "\(error)" }
  }

  @Test func `All shards are the whole`() throws {
    let files = [
      ("a", try shard("1/2", ["fault/a", "pair/a"])), ("b", try shard("2/2", ["fault/b"], outcome: .failed)),
    ]
    let report = try GauntletMerge.merge(files, command: "chaos merge a b").report
    #expect(report.cases.map(\.id) == ["fault/a", "pair/a", "fault/b"])
    #expect(report.statement == "RED" && report.exitCode == 1 && report.missingShards == [])
    #expect(report.result.results[2].outcome == .failed)
    #expect(GauntletScreen.summary(report).contains("  fault        1 of 2 passed"))
  }

  @Test func `A missing shard is inconclusive never green`() throws {
    let report = try GauntletMerge.merge([("b", try shard("2/3", ["fault/b"]))], command: "chaos merge b").report
    #expect(report.missingShards == ["1/3", "3/3"])
    #expect(report.statement == "INCONCLUSIVE" && report.exitCode == 3)
    #expect(GauntletScreen.summary(report).contains("  missing  shard 3/3 was not reported\n"))
    #expect(report.json["missing_shards"]?.array?.count == 2)
  }

  @Test func `What is not one gauntlet is refused`() throws {
    let a = ("a", try shard("1/2", ["fault/a"]))
    #expect(
      problem([a, ("b", try shard("2/2", ["fault/a"]))]) == "b: fault/a is in a as well; every case is in one shard")
    #expect(problem([a, ("b", try shard("2/2", ["fault/b"], seed: 2))]).hasPrefix("b has another seed than a"))
    #expect(problem([a, ("b", try shard("2/3", ["fault/b"]))]).hasPrefix("b: it is shard 2/3, "))
    #expect(problem([a, ("b", try shard(nil, ["fault/b"]))]).hasPrefix("b: it is a whole gauntlet"))
    #expect(problem([("x", .object([]))]) == "x: this is not a JSON report of chaos gauntlet, format 1")
  }
}
