import Foundation
import TestSupport
import Testing

/// A live session that the kernel ended: what it wrote until then can still be read.
@Suite(.tags(.live), .timeLimit(.minutes(3))) struct KilledSessionTests {
  @Test func itIsInconclusiveAndSaysSo() throws {
    let scratch = Scratch()
    let program = try #require(Tool.folder) + "/chaos"
    let session = try Companion(
      program, ["paper", "--live", "--duration", "120", "--out", scratch.path], in: scratch.path,
      log: scratch.path + "/log")
    let latest = scratch.path + "/latest"
    try #require(
      Machine.eventually(seconds: 60) {
        Machine.text(latest + "/logs/events_session.jsonl").contains("\"seq\":2,")
          && FileManager.default.fileExists(atPath: latest + "/metrics/summary.json")
      }, "two heartbeats and an export")
    let running = try Tool.chaos(["check", latest])
    session.kill()
    let killed = try Tool.chaos(["check", latest])
    for check in [running, killed] {
      #expect(check.code == 3)
      #expect(check.out.contains("? INCONCLUSIVE: the session has not ended: it was killed, or it still runs"))
      #expect(check.out.hasSuffix("without the session's end and the venue's truth nothing is judged\n"))
    }
    let doctor = try Tool.chaos(["doctor", latest])
    #expect(doctor.error.contains("this is from what it wrote so far"))
    #expect(doctor.code == 3)
    #expect(doctor.out.contains("run.json:5: \"unfinished\": true"), "\(doctor.out)")
    #expect(try Machine.summary(latest)["counters"] is [String: Int], "the last export is whole")
    #expect(
      try Tool.chaos(["replay", latest]).error.contains("recording.txt: the file is missing; live runs have none"))
  }
}
