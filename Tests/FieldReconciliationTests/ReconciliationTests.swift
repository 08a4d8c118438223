import Basics
import ChaosRuntime
import Exploration
import PaperSession
import TestSupport
import Testing
import Trading

@testable import FieldReconciliation

/// Belief against truth, on sessions of ours and of the historical bot.
@Suite struct ReconciliationTests {
  /// Writes files and compares what is in their directory.
  private func compare(_ scratch: Scratch, _ files: [String: String], zone: Int? = nil) throws -> Reconciliation {
    for (name, text) in files { scratch.write(text, to: name) }
    var input = SessionReader.Input()
    input.directory = scratch.path
    input.zone = zone
    return Reconciliation(try SessionReader.read(input))
  }

  private static let head = "\"symbol\":\"AIX/USDT\",\"side\":\"buy\""

  private static func log(_ event: String, _ second: Int, _ id: String, _ more: String = "") -> String {
    "{\"event_type\":\"\(event)\",\(head),\"client_order_id\":\"\(id)\",\"amount\":10.0,\"price\":2.0\(more),\"ts\":\"2025-11-02T09:14:\(second < 10 ? "0" : "")\(second)Z\"}\n"
  }

  private static func truth(_ second: Int, _ id: String, _ status: String, filled: String = "0", cost: String = "0")
    -> String
  {
    "{\"id\":\"V\(id)\",\"clientOrderId\":\"\(id)\",\"timestamp\":\(1_762_074_840_000 + second * 1000),\(head),\"amount\":10,\"price\":2,\"status\":\"\(status)\",\"filled\":\(filled),\"cost\":\(cost),\"fee\":{\"cost\":0.01,\"currency\":\"USDT\"}}\n"
  }

  private func verdicts(_ log: String, _ truth: String, more: [String: String] = [:]) throws -> Reconciliation {
    try compare(Scratch(), ["orders.jsonl": log, "fetch_orders.jsonl": truth].merging(more) { $1 })
  }

  @Test(.enabled(if: RecordedSession.directory != nil, RecordedSession.absence))
  func `The historical bot's session comes out as its venue has it`() throws {
    let fieldOne = try #require(RecordedSession.directory)
    var input = SessionReader.Input()
    input.directory = fieldOne
    let found = Reconciliation(try SessionReader.read(input))
    #expect(found.figures == ["sent 8/8", "acknowledged 8/8", "filled 0/at_least 3", "unknown 8/at_most 5"])
    #expect(found.entries == ["fill_unseen at_least 37 USDT", "doubled", "balance_drift", "position_drift"])
    let gaps = try #require(found.doubled.first).gaps
    #expect(gaps.count == 7 && gaps.allSatisfy { (1.9...2.2).contains($0) })
    #expect(found.unlogged.count == 6 && found.exitCode == 1)
    #expect(found.text.contains("DISAGREE  4 points; fills that the bot does not know of: at least 37.00 USDT"))
    #expect(found.text.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test func `A session of the good engine agrees`() throws {
    let system = try PaperSystem(PaperInputs(kind: .paper, durationSeconds: 120))
    let report = Executor().run(system, PaperSystem.paperRequest(seed: 2))
    let scratch = Scratch()
    #expect(Files.write(report.judgement.files, to: "\(scratch.path)/session") == nil)
    var input = SessionReader.Input()
    input.directory = "\(scratch.path)/session"
    let found = Reconciliation(try SessionReader.read(input))
    #expect(found.exitCode == 0, "\(found.text)")
    #expect(found.session.beliefs.count > 5 && found.session.map == "chaos session")
  }

  @Test func `An order is told from another by the first thing that differs`() throws {
    func kinds(_ log: String, _ truth: String) throws -> [String] { try verdicts(log, truth).entries }
    let sent = Self.log("ORDER_SENT", 1, "a")
    let filled = Self.truth(1, "a", "closed", filled: "10", cost: "20")
    #expect(
      try kinds(
        sent + Self.log("ORDER_FILLED", 2, "a", ",\"cost\":20.0,\"fee\":{\"cost\":0.01,\"currency\":\"USDT\"}"), filled)
        == [])
    #expect(try kinds(sent, filled) == ["fill_unseen 20 USDT"])
    #expect(try kinds(sent + Self.log("ORDER_FAILED", 2, "a"), filled) == ["failure_was_fill 20 USDT"])
    #expect(try kinds(sent + Self.log("ORDER_CANCELED", 2, "a"), filled) == ["cancel_was_fill 20 USDT"])
    #expect(
      try kinds(sent + Self.log("ORDER_UPDATE", 2, "a", ",\"filled_qty\":4,\"cost\":8"), filled) == [
        "booked_short 12 USDT"
      ])
    #expect(
      try kinds(sent + Self.log("ORDER_FILLED", 2, "a", ",\"cost\":21.0"), filled) == ["cost_differs 1 USDT"])
    #expect(
      try kinds(
        sent + Self.log("ORDER_FILLED", 2, "a", ",\"cost\":20") + Self.log("ORDER_FILLED", 3, "a", ",\"cost\":20"),
        filled)
        == ["booked_twice 20 USDT"])
    #expect(
      try kinds(sent + Self.log("ORDER_FILLED", 2, "a", ",\"cost\":20"), Self.truth(1, "a", "canceled"))
        == ["booked_never_happened 20 USDT"])
    #expect(
      try kinds(sent + Self.log("ORDER_FILLED", 2, "a", ",\"cost\":20,\"fee\":0.004"), filled) == [
        "fee_unbooked 0.006 USDT"
      ])
    #expect(try kinds(sent + Self.log("ORDER_CANCELED", 2, "a"), Self.truth(1, "a", "canceled")) == [])
    #expect(
      try kinds(
        sent + Self.log("ORDER_SENT", 40, "b") + Self.log("ORDER_FAILED", 41, "b"), Self.truth(1, "a", "rejected"))
        == ["believed_open"])
    #expect(
      try kinds(sent + Self.log("ORDER_CANCELED", 2, "a"), Self.truth(1, "a", "open")) == ["left_open at_most 20 USDT"])
    #expect(
      try kinds(
        sent + Self.log("ORDER_CANCELED", 2, "a"),
        Self.truth(1, "a", "canceled") + Self.truth(40, "x", "closed", filled: "10", cost: "20"))
        == ["not_in_log 20 USDT"])
    #expect(
      try kinds(
        sent + Self.log("ORDER_CANCELED", 2, "a") + Self.log("ORDER_SENT", 30, "b"), Self.truth(1, "a", "canceled"))
        == ["never_sent"])
  }

  @Test func `Orders for one signal are doubles unless the one before was refused or ended without a fill`() throws {
    var (log, truth) = ("", "")
    for index in 0..<4 {
      log +=
        Self.log("ORDER_SENT", index * 2 + 1, "o\(index)")
        + Self.log("ORDER_FILLED", index * 2 + 2, "o\(index)", ",\"cost\":20,\"fee\":0.01")
      truth += Self.truth(index * 2 + 1, "o\(index)", "closed", filled: "10", cost: "20")
    }
    let found = try verdicts(log, truth)
    #expect(found.entries == ["doubled 60 USDT"])
    #expect(found.doubled.first?.gaps == [2, 2, 2])
    #expect(found.disagreements.first?.says == "4 buys one after the other, 2 to 2 s apart")
    let retried = try verdicts(
      (0..<4).map { Self.log("ORDER_SENT", $0 * 2 + 1, "o\($0)") + Self.log("ORDER_CANCELED", $0 * 2 + 2, "o\($0)") }
        .joined(),
      (0..<4).map { Self.truth($0 * 2 + 1, "o\($0)", "canceled") }.joined())
    #expect(retried.entries == [] && retried.exitCode == 0)
  }

  @Test func `Two sessions in one file are said, and a name that comes again is another order`() throws {
    func sent(_ second: Int, _ run: String) -> String {
      Self.log("ORDER_SENT", second, "a", ",\"order_id\":\"V\(run)\",\"session_id\":\"\(run)\"")
    }
    let found = try verdicts(
      sent(1, "one") + sent(50, "two"),
      ["one", "two"].map { run in
        Self.truth(run == "one" ? 1 : 50, "a", "canceled").replacing("\"Va\"", with: "\"V\(run)\"")
      }.joined())
    #expect(found.session.beliefs.count == 2 && found.session.truths.count == 2)
    #expect(found.notes.contains { $0.contains("the log holds 2 sessions: one, two") }, "\(found.notes)")
  }

  @Test func `A trade with a name counts once, wherever it stands`() throws {
    let trade =
      "{\"id\":\"t1\",\"order\":\"Va\",\"timestamp\":1762074841000,\(Self.head),\"price\":2,\"amount\":10,\"cost\":20,\"fee\":{\"cost\":0.01,\"currency\":\"USDT\"}}\n"
    let again = trade.replacing("\"price\":2,", with: "\"price\":2.0,")
    let found = try verdicts(
      Self.log("ORDER_SENT", 1, "a"), Self.truth(1, "a", "closed", filled: "10", cost: "20"),
      more: ["fetch_my_trades.jsonl": trade, "fetch_my_trades.jsonl.1": again])
    #expect(found.entries == ["fill_unseen 20 USDT"])
    #expect(found.notes.contains { $0.contains("are copies of lines that were read before") })
  }

  @Test func `Too little evidence is no agreement`() throws {
    let log = Self.log("ORDER_SENT", 1, "a", ",\"order_id\":\"Va\"")
    let open =
      "{\"ts_ns\":1762074841000000000,\"method\":\"create_order\",\"success\":true,\(Self.head),\"amount\":10,\"price\":2,\"reply\":{\"id\":\"Va\",\"status\":null,\"filled\":null,\"fee\":null}}\n"
    let found = try compare(Scratch(), ["orders.jsonl": log, "exchange_orders.jsonl": open])
    #expect(found.entries == [] && found.exitCode == 3)
    #expect(found.verdict == "INCONCLUSIVE  the end of 1 order is told by nobody")
    #expect(found.notes.contains("balances.jsonl is missing; it would tell fills of orders that nobody asked for"))
    #expect(try compare(Scratch(), ["orders.jsonl": log]).verdict == "INCONCLUSIVE  there is no word of the venue")
  }

  @Test func `Everything stands in the files for programs, and their cells are safe`() throws {
    let found = try verdicts(
      Self.log("ORDER_SENT", 1, "=a,<b>") + Self.log("ORDER_FAILED", 2, "=a,<b>", ",\"error\":\"said \\\"no\\\"\""),
      Self.truth(1, "=a,<b>", "closed", filled: "10", cost: "20"))
    #expect(found.csv.split(separator: "\n").count == 2)
    #expect(found.csv.contains("failure_was_fill,fill_unseen,AIX/USDT,\"'=a,<b> V=a,<b>\""))
    #expect(found.csv.contains("\"called failed (said \"\"no\"\"); the venue bought 10 AIX\""))
    #expect(found.svg.contains("=a,&lt;b&gt;") && !found.svg.contains("<b>"))
    #expect(found.json["unseen"]?.array?.first?["amount"]?.string == "20")
    #expect(found.json["exit_code"]?.int == 1)
  }
}
