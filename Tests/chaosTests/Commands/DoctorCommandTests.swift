import Foundation
import TestSupport
import Testing

/// `chaos doctor`: what people and programs see of it.
@Suite struct DoctorCommandTests {
  @Test func `A healthy session has nothing`() throws {
    let scratch = Scratch()
    _ = try Tool.chaos(["paper", "--duration", "120", "--out", scratch.path])
    let doctor = try Tool.chaos(["doctor", scratch.path + "/latest"])
    #expect(doctor.out == "nothing found\n")
    #expect(doctor.error == "")
    #expect(doctor.code == 0)
  }

  @Test func `A hint stands under the guides name with its lines and the next step`() throws {
    let scratch = Scratch()
    _ = try Tool.chaos(["paper", "--duration", "60", "--set", "GLOBAL_TRADING=False", "--out", scratch.path])
    let doctor = try Tool.chaos(["doctor", scratch.path + "/latest"])
    #expect(doctor.code == 1)
    let lines = doctor.out.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines.prefix(3) == ["\"No ORDER_FILLED events\"", "  no order was sent", ""])
    #expect(lines[3].hasPrefix("  1. GLOBAL_TRADING is off: "))
    #expect(lines[4] == #"       config.json:2: "GLOBAL_TRADING": "False""#)
    #expect(lines[5].hasPrefix("       logs/events_"))
    #expect(
      doctor.out.contains(
        "     next: --set GLOBAL_TRADING=True, or the line GLOBAL_TRADING in the\n           --config file\n"))
    let json = try JSONSerialization.jsonObject(
      with: Data(try Tool.chaos(["doctor", "--json", scratch.path + "/latest"]).out.utf8))
    let entries = (json as? [String: Any])?["entries"] as? [[String: Any]]
    #expect(entries?.map { $0["name"] as? String } == ["No ORDER_FILLED events", "Inconclusive"])
    let causes = entries?.first?["causes"] as? [[String: Any]]
    #expect(causes?.first?["id"] as? String == "trading-off")
    #expect((json as? [String: Any])?["exit_code"] as? Int == 1)
  }

  @Test func `A red check without an entry of the guide has one of its own`() throws {
    let scratch = Scratch()
    _ = try Tool.chaos(["paper", "--revision", "9.4=original", "--out", scratch.path])
    let doctor = try Tool.chaos(["doctor", scratch.path + "/latest"])
    #expect(doctor.code == 1)
    #expect(doctor.out.hasPrefix("\"budget-refresh-bounded\"\n  "))
    #expect(doctor.out.contains("Sources/TradingEngine/Budget/ThreadedRefresher.swift"))
    #expect(doctor.error.contains("every check with its evidence: 'chaos check "))
  }

  @Test func `A foreign folder is a usage error`() throws {
    let scratch = Scratch()
    let doctor = try Tool.chaos(["doctor", scratch.path])
    #expect(doctor.code == 2)
    #expect(doctor.error.contains("run.json, logs/events_*.jsonl, logs/exchange.jsonl are missing"))
    #expect(try Tool.chaos(["docter", scratch.path]).error.contains("did you mean 'doctor'?"))
  }
}
