import Basics
import ChaosRuntime
import Exploration
import PaperSession
import TestSupport
import Testing

/// Every bug that stops threads, on real ones: the session ends by itself, and its dump says who is stuck.
@Suite(.tags(.live), .realClock, .timeLimit(.minutes(5))) struct LiveSmokeTests {
  struct Smoke: Sendable, CustomTestStringConvertible {
    var bug: String
    var kind: Incident.Kind
    /// What stands in stackdump.txt: locks with their holders and the place where they were taken, or what is waited for.
    var texts: [String]
    var testDescription: String { bug }
  }

  static let smokes = [
    Smoke(
      bug: "9.5", kind: .hang,
      texts: ["\"log-handler\"  held by ", "taken at HistoricalBugs/FormatterHang.swift:", "verdict: STUCK"]),
    Smoke(
      bug: "C-ADAPTER-01", kind: .hang,
      texts: [
        "\"http\"  held by budget-refresh", "taken at HistoricalBugs/GateLock.swift:", "verdict: STUCK",
      ]),
    Smoke(
      bug: "C-PORT-02", kind: .deadlock,
      texts: ["\"budget\"", "\"state\"", "taken at HistoricalBugs/ReversedLocks.swift:"]),
    Smoke(
      bug: "C-SERV-05", kind: .hang, texts: ["THREAD main ", "waits for the end of \"heartbeat\"", "verdict: STUCK"]),
  ]

  @Test(arguments: smokes) func `A hang ends by itself and its dump names who is stuck`(smoke: Smoke) throws {
    let system = try Sessions.live(smoke.bug)
    let scratch = Scratch()
    let executor = LiveExecutor(
      directory: scratch.path, epoch: .simulationEpoch, stuckLimit: .seconds(5), limit: .seconds(150))
    let request = RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .nominal)
    let report = try executor.run(system, request) { [] }
    #expect(report.incidents.map(\.kind).first == smoke.kind, "\(report.incidents.map(\.summary))")
    #expect(report.leakedThreads == 0)
    let dump = String(decoding: try FileDisk.contents(of: "\(scratch.path)/stackdump.txt").get(), as: UTF8.self)
    for text in smoke.texts { #expect(dump.contains(text), "\(text) is not in\n\(dump.prefix(3000))") }
  }
}
