import Foundation
import TestSupport
import Testing

/// `chaos run` as a user types it: what is refused, what does not count, and what is said of it.
@Suite struct RunCommandTests {
  /// A file `NAME.toml` in a folder.
  private static func write(_ name: String, _ folder: String, match: String = "", checks: String) throws -> String {
    let path = "\(folder)/\(name).toml"
    try """
    schema = 1
    id = "\(name)"
    title = "The venue refuses every order"
    severity = "noise"
    [[inject]]
    site = "exchange.place_order"
    \(match)
    plan = "return(30004)"
    [expect]
    checks = [\(checks)]
    """.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test(arguments: [
    (["--fault", "exchange.user_stream.execution_report[x=BALANCE]=drop"], "x: NEW, TRADE, CANCELED"),
    (["--fault", "deadlock", "--fault", "everyday"], "the fault 'everyday' provokes no listed bug"),
    (["--fault", "everyday", "--fault", "deadlock"], "the fault 'everyday' provokes no listed bug"),
    (["--fault", "deadlock", "--fault", "deadlock"], "the fault 'deadlock' is given twice"),
    (
      ["--fault", "slow-fill", "--bug", "9.1"],
      "insufficient-balance does; chaos run --bug 9.1 --fault insufficient-balance"
    ),
    (["--fault", "deadlock", "--checks", "no-deadlok"], "did you mean 'no-deadlock'?"),
    (["--fault", "everyday", "--revision", "original"], "as in --revision 9.1=original"),
    (["--fault", "./no-such.toml"], "the fault file cannot be read: "),
    (["--bug", "9.1", "--runs", "3"], "--runs needs --live"),
    (["--fault", "everyday", "--junit", "x.xml"], "no bug is provoked by this fault"),
    (["--fault", "everyday", "--campaigns", "5"], "--campaigns counts the searches of a proof, and no bug is"),
    (["--fault", "everyday", "--jobs", "2"], "--jobs divides proofs among workers, and no bug is"),
    (["--bug", "9.1", "--revision", "fixed", "--campaigns", "5"], "--campaigns counts the searches of a proof"),
    (["--bug", "9.1", "--lock-order", "--campaigns", "5"], "and --lock-order is not a proof"),
    (["--bug", "9.1", "--lock-order", "--budget", "5"], "--lock-order has neither"),
    (["--bug", "9.1", "--live", "--budget", "5"], "--live has --runs and --duration"),
  ])
  func `What makes no sense is refused, with what to do`(words: [String], text: String) throws {
    let result = try Tool.chaos(["run"] + words)
    #expect(result.code == 2)
    #expect(result.error.contains(text), "\(result.error)")
    #expect(result.out.isEmpty)
  }

  @Test func `A fault file is run by its path and its mistakes are shown`() throws {
    let scratch = Scratch()
    let good = try Self.write("good", scratch.path, checks: "\"no-duplicate-orders\"")
    let run = try Tool.chaos(
      [
        "run", "--fault", good, "--schedules", "2", "--duration", "40", "--checks", "no-crash, errors-observable",
        "--out", scratch.path + "/r",
      ])
    #expect(run.code == 0, "\(run.out)\(run.error)")
    #expect(run.out.contains("Fault  good: The venue refuses every order\n"))
    #expect(run.out.contains("; checks: no-crash, errors-observable\n"))
    let bad = try Self.write("bad", scratch.path, checks: "\"no-dupliate-orders\"")
    let refused = try Tool.chaos(["run", "--fault", bad])
    #expect(refused.code == 2)
    #expect(
      refused.error.contains(
        "bad.toml:10:11: no check is called 'no-dupliate-orders'; did you mean 'no-duplicate-orders'?"))
  }

  @Test func `A one line fault is judged by everything that applies and only where it fired`() throws {
    let scratch = Scratch()
    let line = "exchange.place_order=40%1*return(30004)"
    let words = ["run", "--fault", line, "--duration", "40", "--schedules", "3", "--out", scratch.path]
    let run = try Tool.chaos(words)
    #expect(run.code == 0, "\(run.out)\(run.error)")
    for check in ["positions-agree", "intents-settled", "log-complete", "shutdown-bounded", "valid-orders-sent"] {
      #expect(run.out.contains(check))
    }
    #expect(run.out.contains("passed  3 schedules, fault fired 3 times"), "\(run.out)")
    let never = try Tool.chaos(
      [
        "run", "--fault", "exchange.place_order[symbol=NO/USDT]=return(30004)", "--duration", "40", "--schedules", "2",
        "--out", scratch.path,
      ])
    #expect(never.code == 3)
    #expect(never.out.contains("INCONCLUSIVE  the fault never fired in 4 schedules"), "\(never.out)")
  }

  @Test func `A recording is played to its end and without orders nothing was tested`() throws {
    let scratch = Scratch()
    let ticks = scratch.path + "/ticks"
    try FileManager.default.createDirectory(atPath: ticks, withIntermediateDirectories: true)
    // Two minutes of a price that never moves.
    let lines = (0..<48).map { index in
      #"{"ts": \#(1_700_000_000 + Double(index) * 2.5), "symbol": "AIX/USDT", "last": 0.1, "bid": 0.0999, "ask": 0.1001, "volume": 1000, "spread_bps": 20}"#
    }
    try lines.joined(separator: "\n").write(toFile: ticks + "/AIX_USDT.jsonl", atomically: true, encoding: .utf8)
    let run = try Tool.chaos(
      [
        "run", "--fault", "log.format@after(5)=1*sleep(1ms)", "--market", ticks, "--schedules", "1", "--out",
        scratch.path + "/r",
      ])
    #expect(run.code == 3, "\(run.out)\(run.error)")
    #expect(run.out.contains("Seed   1   137.5 virtual seconds a schedule"), "\(run.out)")
    #expect(run.out.contains("Signals none"))
    #expect(run.out.contains("INCONCLUSIVE  no order was sent in 2 schedules, so nothing was tested"))
  }

  @Test func `A fault on top of a bugs own is armed and said`() throws {
    let scratch = Scratch()
    let run = try Tool.chaos([
      "run", "--fault", "everyday", "--fault", "deadlock", "--revision", "C-PORT-02=original", "--out", scratch.path,
    ])
    #expect(run.code == 4, "\(run.out)\(run.error)")
    #expect(run.out.contains("Fault  deadlock: ") && run.out.contains("Also   everyday: "))
    let other = try Tool.chaos([
      "run", "--fault", "slow-fill", "--bug", "9.1", "--revision", "original", "--schedules", "1", "--out",
      scratch.path,
    ])
    #expect(
      other.out.contains("Note   the fault 'slow-fill' is not known to provoke bug 9.1; insufficient-balance does\n"),
      "\(other.out)")
  }

  @Test func `A proof from one schedule is inconclusive and its reports say so`() throws {
    let scratch = Scratch()
    let run = try Tool.chaos([
      "run", "--fault", "null-fee", "--schedules", "1", "--campaigns", "1", "--out", scratch.path + "/r", "--junit",
      scratch.path + "/j.xml",
    ])
    #expect(run.code == 3)
    #expect(
      run.out.contains("INCONCLUSIVE\n  - PROVEN needs 5 campaigns, and 1 were asked for\n  - PROVEN needs 59 counted"))
    let junit = String(decoding: FileManager.default.contents(atPath: scratch.path + "/j.xml") ?? Data(), as: UTF8.self)
    #expect(junit.contains("1 of 59 schedules counted") && junit.contains("1 of 5 campaigns that PROVEN needs"))
  }
}
