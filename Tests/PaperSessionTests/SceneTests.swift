import Basics
import ChaosRuntime
import Checks
import Exploration
import PaperSession
import Testing
import Trading

@Suite struct SceneTests {
  /// Long enough for each scene to show what it is for.
  private static let seconds = 75.0

  private func run(_ scene: String, seconds: Double = Self.seconds) throws -> RunReport {
    let system = try PaperSystem(PaperInputs(kind: .paper, durationSeconds: seconds, scene: scene))
    return Executor().run(system, PaperSystem.paperRequest(seed: 1))
  }

  @Test(arguments: PaperScene.all.map(\.name)) func `A healthy session of every scene trades and fails nothing`(
    scene: String
  ) throws {
    let report = try run(scene)
    #expect(report.judgement.verdicts.filter { $0.outcome == .fail } == [])
    #expect(report.incidents.isEmpty && report.judgement.tally("SENT") > 0 && report.judgement.tally("FILLED") > 0)
  }

  @Test(arguments: [("falling", "stop_loss"), ("rising", "take_profit"), ("holding", "max_hold")])
  func `Positions end as the scene is made for`(scene: String, reason: String) throws {
    let record = try Sessions.record(try run(scene))
    let reasons = record.events(.decisionEnd).compactMap { $0.text(.outcome) }.filter { $0 != "signal_detected" }
    #expect(!reasons.isEmpty && reasons.allSatisfy { $0 == reason }, "\(reasons)")
  }

  @Test(arguments: [
    ("full", ["pending", "positions"]), ("poor", ["budget"]), ("choosy", ["spread", "slippage", "size"]),
  ])
  func `Limits block what the scene is made for`(scene: String, guards: [String]) throws {
    let record = try Sessions.record(try run(scene))
    let blocking = Set(record.events(.guardBlock).compactMap { $0.text(.guard) })
    #expect(blocking.isSuperset(of: guards), "\(blocking.sorted())")
  }

  @Test func `Fees are taken in what the scene says`() throws {
    func assets(_ scene: String) throws -> Set<String> {
      let record = try Sessions.record(try run(scene))
      return Set(record.venue.compactMap { $0.kind == "event" ? $0.text(.feeAsset) : nil })
    }
    #expect(try assets("fees-in-coins").subtracting(["USDT"]).isEmpty == false)
    #expect(try assets("fees-in-tokens") == ["MX", "USDT"])
  }

  @Test func `A scene that is none is refused with the nearest one`() throws {
    #expect(throws: (any Error).self) { try PaperSystem(PaperInputs(kind: .paper, scene: "faling")) }
    do { _ = try PaperSystem(PaperInputs(kind: .paper, scene: "faling")) } catch {
      #expect("\(error)" == "no scene is called 'faling'; did you mean 'falling'?")
    }
  }

  @Test func `The scene stands in the inputs of a run`() throws {
    let inputs = PaperInputs(kind: .paper, scene: "rising")
    #expect(PaperInputs(json: inputs.json) == inputs)
    #expect(PaperInputs(kind: .paper).json["scene"] == nil)
  }
}
