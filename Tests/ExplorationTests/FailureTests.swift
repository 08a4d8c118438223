import Basics
import ChaosRuntime
import Exploration
import Testing

@Suite struct FailureTests {
  @Test func `A failed check comes before the incident and the incident before nothing`() throws {
    var report = try IncidentFailureTests.failure()
    #expect(report.failure()?.check == "no-deadlock")
    #expect(report.failure(by: [])?.check == "no-deadlock")
    report.judgement.verdicts = [Verdict(check: "mine", outcome: .fail, reason: "as asked")]
    #expect(report.failure()?.check == "mine")
    #expect(report.failure(by: ["mine"])?.check == "mine")
    #expect(report.failure(by: ["another"])?.check == "no-deadlock")
    report.incidents = []
    #expect(report.failure(by: ["another"]) == nil)
    #expect(!report.reachedStepLimit)
  }
}
