import Foundation
import TestSupport
import Testing

/// The guide's post-deployment validation, through bash: a healthy session, and for each step one that it stops at.
@Suite(.enabled(if: Tool.hasJq, "jq is not installed")) struct ValidateSessionTests {
  static let script = Folder.root + "/scripts/validate_session.sh"

  private func validate(_ arguments: [String], in folder: Scratch) throws -> Tool.Result {
    var environment = ProcessInfo.processInfo.environment
    environment["CHAOS"] = try #require(Tool.folder) + "/chaos"
    return try Tool.run("/bin/bash", [Self.script] + arguments, in: folder.path, environment: environment)
  }

  /// Numbers of the steps with a line that begins with ✗.
  private func failed(_ result: Tool.Result) -> [Int] {
    var step = 0
    var failed: [Int] = []
    for line in result.out.split(separator: "\n") {
      if line.hasPrefix("[STEP ") { step = Int(String(line.dropFirst(6).prefix(1))) ?? 0 }
      if line.hasPrefix("  ✗") { failed.append(step) }
    }
    return failed
  }

  private func paper(_ options: [String], in scratch: Scratch) throws {
    _ = try Tool.chaos(["paper", "--out", scratch.path] + options)
  }

  @Test func `A healthy session passes every step`() throws {
    let scratch = Scratch()
    try paper([], in: scratch)
    let result = try validate([scratch.path + "/latest/"], in: scratch)
    #expect(result.code == 0)
    #expect(failed(result) == [])
    #expect(result.out.split(separator: "\n").count { $0.hasPrefix("  ✓") } == 5)
    #expect(result.out.hasSuffix("✓ SESSION VALID: \(scratch.path)/latest\n"))
  }

  @Test(
    arguments: [
      ([3], ["--duration", "60", "--set", "GLOBAL_TRADING=False"]), ([1], ["--revision", "DUP-2=original"]),
      (
        [1, 4],
        [
          "--duration", "1200", "--revision", "9.2=original", "--fault", "exchange.place_order@every(2)=return(30004)",
        ]
      ), ([1, 5], ["--revision", "9.1=original"]),
    ] as [([Int], [String])])
  func `A sick session fails the report and its step alone`(steps: [Int], options: [String]) throws {
    let scratch = Scratch()
    try paper(options, in: scratch)
    let result = try validate([scratch.path + "/latest"], in: scratch)
    #expect(result.code == 1)
    #expect(failed(result) == steps, "\(result.out)")
    #expect(result.out.contains("'chaos doctor \(scratch.path)/latest' names likely causes"))
  }

  @Test func `What is inconclusive is not valid`() throws {
    let scratch = Scratch()
    try paper(["--revision", "C-SERV-05=original"], in: scratch)
    let result = try validate([scratch.path + "/latest"], in: scratch)
    #expect(result.code == 3)
    #expect(failed(result) == [])
    #expect(result.out.contains("  ? INCONCLUSIVE: the regression test is inconclusive, exit code 3\n"))
    #expect(result.out.contains("? SESSION INCONCLUSIVE: "))
  }

  @Test func `A summary that is missing or torn ends at step two`() throws {
    let scratch = Scratch()
    try paper(["--duration", "60"], in: scratch)
    let summary = scratch.path + "/latest/metrics/summary.json"
    try "{\"counters\": {".write(toFile: summary, atomically: false, encoding: .utf8)
    let torn = try validate([scratch.path + "/latest"], in: scratch)
    #expect(torn.code == 1)
    #expect(failed(torn) == [2])
    try FileManager.default.removeItem(atPath: summary)
    let missing = try validate([scratch.path + "/latest"], in: scratch)
    #expect(missing.code == 1)
    #expect(failed(missing) == [2])
  }

  /// Step 1 on a copy whose session script starts the built program, so that no release build is needed.
  @Test(arguments: [(0, [], []), (1, ["--revision", "9.4=original"], [1])] as [(Int32, [String], [Int])])
  func `Without a directory the regression test is run`(code: Int32, options: [String], steps: [Int]) throws {
    let scratch = Scratch()
    let scripts = scratch.path + "/scripts"
    try FileManager.default.createDirectory(atPath: scripts, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: Self.script, toPath: scripts + "/validate_session.sh")
    let program = try #require(Tool.folder) + "/chaos"
    try
      "#!/bin/bash\n[[ $1 == 600 ]] || exit 70\nexec \(program) paper --duration \"$1\" \(options.joined(separator: " "))\n"
      .write(toFile: scripts + "/run_paper_session.sh", atomically: false, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scripts + "/run_paper_session.sh")
    let result = try Tool.run("/bin/bash", [scripts + "/validate_session.sh"], in: scratch.path)
    #expect(result.code == code, "\(result.out)\(result.error)")
    #expect(failed(result) == steps)
    #expect(result.out.contains("  | === Trading Bot Regression Test ===\n  | Duration: 600s\n"))
  }

  @Test func `Without jq it says what is missing`() throws {
    let scratch = Scratch()
    try FileManager.default.createSymbolicLink(
      atPath: scratch.path + "/dirname", withDestinationPath: "/usr/bin/dirname")
    let result = try Tool.run(
      "/bin/bash", [Self.script, scratch.path], in: scratch.path, environment: ["PATH": scratch.path])
    #expect(result.code == 2)
    #expect(
      result.error
        == "validate_session: jq is needed to read summary.json; install it (apt-get install jq) and run this again\n")
  }

  @Test func `What is not a directory is said to be`() throws {
    let scratch = Scratch()
    let result = try validate([scratch.path + "/none"], in: scratch)
    #expect(result.code == 2)
    #expect(result.error == "validate_session: \(scratch.path)/none is not a directory\n")
    #expect(try validate(["a", "b"], in: scratch).code == 2)
  }

  /// The guide's lines as it has them, where a session was just run.
  @Test func `The guides own lines work`() throws {
    let scratch = Scratch()
    _ = try Tool.chaos(["paper", "--duration", "600"], in: scratch.path)
    func line(_ text: String) throws -> String {
      let result = try Tool.run("/bin/bash", ["-c", text], in: scratch.path)
      #expect(result.code == 0, "\(text): \(result.error)")
      return result.out.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    let whole = try line("cat sessions/session_*/metrics/summary.json | jq .")
    #expect(whole.hasPrefix("{") && whole.contains("\"order_latency_ms\""))
    #expect(try #require(Double(line("jq -r '.gauges.fill_rate' sessions/session_*/metrics/summary.json"))) > 0)
    #expect(try #require(Int(line("jq -r '.counters.intents_stale' sessions/session_*/metrics/summary.json"))) < 10)
    let errors = try line(#"grep -c '"level":"ERROR"' sessions/session_*/logs/events_*.jsonl"#)
    let failures = try line("jq -r '.counters.orders_failed' sessions/session_*/metrics/summary.json")
    let told = try line(
      #"grep '"level":"ERROR"' sessions/session_*/logs/events_*.jsonl | grep -c '"event_type":"ORDER_FAILED"'"#)
    #expect(told == failures, "one ERROR line for each failed order")
    #expect(try #require(Int(errors)) >= #require(Int(failures)))
    #expect(Int(failures).map { $0 > 0 } == true)
  }
}
