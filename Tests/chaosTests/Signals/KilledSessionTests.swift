import Foundation
import TestSupport
import Testing

/// A live session that the kernel ended: what it wrote until then can be read, and judged as far as that goes.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct KilledSessionTests {
  private let scratch = Scratch()

  private func start(_ name: String, _ arguments: [String] = []) throws -> Companion {
    try Companion(
      try #require(Tool.folder) + "/chaos",
      ["paper", "--live", "--duration", "3600", "--set", "DROP_TRIGGER_VALUE=1", "--out", "\(scratch.path)/\(name)"]
        + arguments,
      in: scratch.path, log: "\(scratch.path)/\(name).log")
  }

  @Test func `A good engine is inconclusive whenever it is killed`() throws {
    let moments = [0.0, 0.3, 0.6, 1.1, 1.7, 2.9]
    let sessions = try moments.map { try (session: start("\($0)"), folder: "\(scratch.path)/\($0)/latest") }
    for (_, folder) in sessions {
      try #require(Machine.eventually(seconds: 60) { FileManager.default.fileExists(atPath: folder + "/run.json") })
    }
    let began = ProcessInfo.processInfo.systemUptime
    for (moment, (session, _)) in zip(moments, sessions) {
      _ = Machine.eventually(seconds: 60) { ProcessInfo.processInfo.systemUptime - began >= moment }
      session.kill()
    }
    for (_, folder) in sessions {
      let check = try Tool.chaos(["check", folder])
      #expect(check.code == 3, "\(check.out) \(check.error)")
      #expect(check.out.contains("? INCONCLUSIVE: the session has not ended: it was killed, or it still runs"))
      let last = check.out.split(separator: "\n").last ?? ""
      #expect(last.contains("the session has not ended"), "\(check.out)")
      let doctor = try Tool.chaos(["doctor", folder])
      #expect(doctor.code == 3, "\(doctor.out) \(doctor.error)")
      #expect(doctor.out.contains("run.json:5: \"unfinished\": true"))
      #expect(doctor.error.contains("this is from what it wrote so far"))
      #expect(Machine.text(folder + "/config.json").contains("SHUTDOWN_TIMEOUT_S"))
      #expect(Machine.text(folder + "/run.json").contains("\"limits\""))
    }
    let replay = try Tool.chaos(["replay", sessions[0].folder])
    #expect(replay.error.contains("recording.txt: the file is missing; live runs have none"))
  }

  @Test func `The venues truth grows with it and is at most a second behind`() throws {
    let session = try start("growing", ["--no-faults"])
    let folder = scratch.path + "/growing/latest"
    func lines(_ file: String) -> Int { Machine.text("\(folder)/logs/\(file)").split(separator: "\n").count }
    try #require(Machine.eventually(seconds: 60) { lines("jsonl/orders.jsonl") > 0 }, "an order was sent")
    let isTold = Machine.eventually(seconds: 5) {
      Machine.text("\(folder)/logs/exchange.jsonl").contains("place_order")
    }
    session.kill()
    #expect(isTold)
    #expect(try Tool.chaos(["check", folder]).code == 3)
  }

  /// 9.1's router sends an order again that was refused for good: nothing that follows can undo that.
  @Test func `What is established is red`() throws {
    let fault = "exchange.place_order[side=BUY]@after(0)=100%return(30004)"
    let session = try start("red", ["--fault", fault, "--revision", "9.1=original"])
    let folder = scratch.path + "/red/latest"
    let isRed = Machine.eventually(seconds: 90) { (try? Tool.chaos(["check", folder]))?.code == 1 }
    let last = try Tool.chaos(["check", folder]).out
    #expect(isRed, "\(last)")
    session.kill()
    let check = try Tool.chaos(["check", folder])
    #expect(check.code == 1)
    #expect(check.out.contains("no-futile-retries"))
    #expect((check.out.split(separator: "\n").last ?? "").contains("the session has not ended"))
  }
}
