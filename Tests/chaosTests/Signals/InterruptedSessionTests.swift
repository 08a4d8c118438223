import Foundation
import TestSupport
import Testing

/// Ctrl-C and SIGTERM on a live session: the engine ends in order, and the report is of what there is.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct InterruptedSessionTests {
  private let scratch = Scratch()

  private func start(_ arguments: [String]) throws -> Companion {
    try Companion(
      try #require(Tool.folder) + "/chaos", arguments + ["--out", scratch.path], in: scratch.path,
      log: scratch.path + "/log")
  }

  /// The one session directory, once its engine runs.
  private func session() throws -> String {
    var found: String?
    try #require(
      Machine.eventually(seconds: 60) {
        let names = Folder.names(scratch.path).filter { $0.contains("_2") && !$0.contains(".partial-") }
        found = names.first.map { scratch.path + "/" + $0 }
        return found.map { Machine.text($0 + "/logs/events_session.jsonl").contains("ENGINE_START") } ?? false
      }, "an engine that has started: \(Machine.text(scratch.path + "/log"))")
    return try #require(found)
  }

  private func leftOvers() -> [String] {
    (FileManager.default.subpaths(atPath: scratch.path) ?? []).filter {
      $0.contains(".partial-") || $0.hasSuffix(".tmp")
    }
  }

  @Test(arguments: [
    (["paper", "--live", "--duration", "3600"], SIGINT, "SIGINT"),
    (["run", "--bug", "9.2", "--revision", "fixed", "--live", "--duration", "3600"], SIGTERM, "SIGTERM"),
  ])
  func `The engine ends in order and the report says so`(arguments: [String], signal: Int32, name: String) throws {
    let running = try start(arguments)
    let directory = try session()
    running.send(signal)
    #expect(running.wait(seconds: 30) == 128 + signal, "\(Machine.text(scratch.path + "/log"))")
    let run = Machine.text(directory + "/run.json")
    #expect(run.contains("\"interrupted\": {") && run.contains("\"signal\": \"\(name)\""))
    #expect(!run.contains("\"unfinished\"") && run.contains("\"real_seconds\""))
    #expect(Machine.text(directory + "/logs/events_session.jsonl").contains("SHUTDOWN_COMPLETE"))
    #expect(leftOvers() == [])
    let screen = Machine.text(scratch.path + "/log")
    #expect(screen.contains("by \(name)") && !screen.contains("virtual seconds"), "\(screen)")
    let check = try Tool.chaos(["check", directory])
    #expect(check.code == 3, "\(check.out)")
    #expect(check.out.contains("the session was interrupted by \(name) after"))
    #expect(!check.out.contains("ALL TESTS PASSED"))
    // 1 where the guide has a hint, such as that nothing was sent yet.
    #expect([1, 3].contains(try Tool.chaos(["doctor", directory]).code))
  }

  @Test func `A second signal ends it at once`() throws {
    // Its original joins a thread that never ends: the orderly way out takes a minute.
    let running = try start([
      "paper", "--live", "--duration", "3600", "--no-faults", "--revision", "C-SERV-05=original",
    ])
    _ = try session()
    running.send(SIGTERM)
    usleep(20_000)
    running.send(SIGINT)
    #expect(running.wait(seconds: 5) == 130)
    #expect(leftOvers() == [])
  }

  /// 9.1's router swallows failures: that is established before the signal comes, and decides.
  @Test func `An established failure decides the exit code`() throws {
    let fault = "exchange.place_order[side=BUY]@after(0)=100%return(30004)"
    let running = try start([
      "paper", "--live", "--duration", "3600", "--fault", fault, "--revision", "9.1=original", "--set",
      "DROP_TRIGGER_VALUE=1",
    ])
    let directory = try session()
    let venue = directory + "/logs/exchange.jsonl"
    try #require(Machine.eventually(seconds: 60) { Machine.text(venue).contains("\"code\":30004") })
    // The grace of errors-observable.
    usleep(2_500_000)
    running.send(SIGINT)
    #expect(running.wait(seconds: 30) == 1, "\(Machine.text(scratch.path + "/log"))")
    #expect(try Tool.chaos(["check", directory]).code == 1)
  }

  /// Whatever is opened while 1 or 2 is closed gets that number, and what is printed lands in it.
  @Test func `A closed output is replaced and a closed pipe kills nobody`() throws {
    let program = try #require(Tool.folder) + "/chaos"
    let words = "paper --live --duration 3600 --no-faults --out \(scratch.path)"
    let running = try Companion(
      "/bin/bash", ["-c", "exec \(program) \(words) >&- 2>&-"], in: scratch.path, log: scratch.path + "/log")
    _ = try session()
    for descriptor in 0...2 {
      let target = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(running.id)/fd/\(descriptor)")
      #expect(target == "/dev/null")
    }
    running.send(SIGTERM)
    #expect(running.wait(seconds: 30) == 143)
    let piped = "\(program) paper --json --out \(scratch.path)/piped | true; exit ${PIPESTATUS[0]}"
    #expect(try Tool.run("/bin/bash", ["-c", piped]).code == 0)
  }
}
