import Basics
import ChaosRuntime
import HistoricalBugs
import PaperSession
import Proof
import TestSupport
import Testing
import Trading

import FieldReconciliation
@testable import FieldReproduction

/// From a session in the field to a case that anyone can run.
@Suite struct ReproductionTests {
  private func bug(_ id: String) throws -> HistoricalBug { try #require(AllBugs.named(id)) }

  @Test(.enabled(if: RecordedSession.directory != nil, RecordedSession.absence))
  func `The historical session is reproduced from its quotes, shrinks to nothing, and the good engine survives it`()
    throws
  {
    let fieldOne = try #require(RecordedSession.directory)
    var input = SessionReader.Input()
    input.directory = fieldOne
    let found = Reconciliation(try SessionReader.read(input))
    let library = try FaultSelection(directory: nil)
    let scenario = try FieldScenario(found, directory: fieldOne, bug: try bug("FILL-3"), scalesMoney: false, library)
    #expect(scenario.market.count == 15 && scenario.market.last?.name == "venue.json")
    #expect(Set(scenario.settings.map(\.name)).count == scenario.settings.count)
    #expect(scenario.settings.contains { $0.name == "POSITION_SIZE_USDT" && $0.value == "12.37" })
    let scratch = Scratch()
    #expect(Files.write(scenario.market.map { ("market/\($0.name)", $0.bytes) }, to: "\(scratch.path)/a") == nil)
    let result = try Reproduction(
      found, scenario, besides: [try bug("MD-1")], market: "\(scratch.path)/a/market",
      library: library, seed: 1, schedules: 1, shrinkMax: 3)
    // Late polls come of the 132 pairs that were polled, of which 14 have quotes.
    #expect(result.scenario.besides.map(\.id) == ["MD-1"] && result.unplayed.isEmpty)
    let poll = try #require(result.comparison.rows.first { $0.name == "s of a poll that came late" })
    #expect(poll.isMet && poll.field == "2.5")
    #expect(result.comparison.outcome == .reproduced, "\(result.comparison.text)")
    #expect(result.survives && result.exitCode == 0)
    #expect(result.choices.map { $0 <= 3 } == true)
    let files = files(result, found, ids: false, sizes: true)
    func text(_ files: [(path: String, bytes: [UInt8])]) -> String {
      files.map { String(decoding: $0.bytes, as: UTF8.self) }.joined()
    }
    for secret in ["X0007", "fsm_", "d_ed62", "orders.jsonl", scratch.path] { #expect(!text(files).contains(secret)) }
    #expect(
      text(self.files(result, found, ids: true, sizes: true)).contains(
        "d_ed62e054abdb_1762074879172,X0007,,orders.jsonl:1"))
    #expect(files.first { $0.path == "README.md" }.map { $0.bytes.count(where: { $0 == 0x0A }) <= 30 } == true)

    for file in files where !file.path.hasPrefix("market/") {
      let name = file.path.split(separator: "/").last.map(String.init) ?? ""
      let error =
        file.path.contains("/")
        ? Files.write([(name, file.bytes)], to: "\(scratch.path)/a/faults")
        : Files.replace(file.bytes, at: "\(scratch.path)/a/\(name)")
      #expect(error == nil)
    }
    let cases = try RegressionCase.all(in: scratch.path)
    #expect(cases.map(\.name) == ["a"] && cases[0].bug.id == "FILL-3" && cases[0].besides.map(\.id) == ["MD-1"])
    let hidden = try FieldScenario(found, directory: fieldOne, bug: try bug("FILL-3"), scalesMoney: true, library)
    #expect(hidden.market.last.map { String(decoding: $0.bytes, as: UTF8.self).contains("123.71") } == false)
    #expect(!hidden.settings.contains { $0.name.hasSuffix("_USDT") || $0.name.hasSuffix("_USD") })
  }

  private func files(_ result: Reproduction, _ found: Reconciliation, ids: Bool, sizes: Bool) -> [(
    path: String, bytes: [UInt8]
  )] {
    result.files(found, named: "", keeping: Reproduction.Keeping(ids: ids, sizes: sizes))
  }

  /// Figures of a session, told by hand.
  private func session(orders: Int, gap: Int, filled: Int) throws -> Reconciliation {
    let scratch = Scratch()
    var (log, truth) = ("", "")
    for index in 0..<orders {
      let time = 1_762_074_840 + index * gap
      let head = "\"symbol\":\"AIX/USDT\",\"side\":\"buy\",\"amount\":10,\"price\":2"
      log += "{\"event_type\":\"ORDER_SENT\",\(head),\"client_order_id\":\"o\(index)\",\"ts\":\(time)}\n"
      truth +=
        "{\"id\":\"\(index)\",\"clientOrderId\":\"o\(index)\",\"timestamp\":\(time)000,\(head),\"status\":\"closed\",\"filled\":\(index < filled ? 10 : 0),\"cost\":\(index < filled ? 20 : 0)}\n"
    }
    scratch.write(log, to: "orders.jsonl")
    scratch.write(truth, to: "fetch_orders.jsonl")
    var input = SessionReader.Input()
    input.directory = scratch.path
    return Reconciliation(try SessionReader.read(input))
  }

  /// Quotes at 2, whose bid and ask lie so many basis points apart and around the last price.
  private func guards(width: Int) throws -> [String: String] {
    let scratch = Scratch()
    let half = Double(width) / 10_000
    let ticks = [1_762_074_800, 1_762_074_900].map {
      "{\"ts\":\($0),\"symbol\":\"AIX/USDT\",\"last\":2,\"bid\":\(2 - half),\"ask\":\(2 + half),\"volume\":1,\"spread_bps\":1}\n"
    }
    let files = [
      ("ticks/AIX_USDT.jsonl", Array(ticks.joined().utf8)),
      ("config.json", Array("{\"MAX_SPREAD_BPS_ENTRY\":40,\"MAX_SLIPPAGE_BPS_ENTRY\":35}".utf8)),
    ]
    #expect(Files.write(files, to: scratch.path) == nil)
    let scenario = try FieldScenario(
      try session(orders: 3, gap: 2, filled: 3), directory: scratch.path, bug: try bug("FILL-3"), scalesMoney: true,
      try FaultSelection(directory: nil))
    return Dictionary(uniqueKeysWithValues: scenario.settings.map { ($0.name, $0.value) })
  }

  @Test func `Quotes without any pair that was traded are none`() throws {
    let scratch = Scratch()
    let tick =
      "{\"ts\":1762074800,\"symbol\":\"FF/USDT\",\"last\":2,\"bid\":2,\"ask\":2,\"volume\":1,\"spread_bps\":1}\n"
    #expect(Files.write([("ticks/FF_USDT.jsonl", Array(tick.utf8))], to: scratch.path) == nil)
    let scenario = try FieldScenario(
      try session(orders: 3, gap: 2, filled: 3), directory: scratch.path, bug: try bug("FILL-3"), scalesMoney: false,
      try FaultSelection(directory: nil))
    #expect(scenario.market.isEmpty && !scenario.isIdle)
    #expect(
      scenario.missing.contains(
        "no quotes of AIX/USDT, which it traded: the market of the bug's own scenario stands in"))
  }

  @Test func `A guard that its orders went through is as wide as their quotes, others are the file's`() throws {
    let wide = try guards(width: 200)
    #expect(wide["MAX_SPREAD_BPS_ENTRY"] == "203" && wide["MAX_SLIPPAGE_BPS_ENTRY"] == "100")
    let narrow = try guards(width: 20)
    #expect(narrow["MAX_SPREAD_BPS_ENTRY"] == "40" && narrow["MAX_SLIPPAGE_BPS_ENTRY"] == "35")
  }

  @Test func `A figure beyond its tolerance is named, and the outcome with it`() throws {
    let field = try session(orders: 8, gap: 2, filled: 8)
    let bug = try bug("FILL-3")
    func compared(_ other: Reconciliation) -> SignComparison {
      SignComparison(field: field, simulated: other, bugs: [bug])
    }
    #expect(compared(field).outcome == .reproduced)
    let slow = compared(try session(orders: 8, gap: 4, filled: 8))
    #expect(slow.outcome == .partly && slow.rows.filter { !$0.isMet }.map(\.name) == ["s between them"])
    let few = compared(try session(orders: 1, gap: 2, filled: 1))
    #expect(few.rows.filter { !$0.isMet }.map(\.name).contains("buys-by-round"))
    #expect(slow.text.contains("NO (25 %)"))
  }

  /// A session without quotes, played until a signal that was there from the start.
  private func interrupted() throws -> Reproduction {
    let found = try session(orders: 8, gap: 2, filled: 8)
    let library = try FaultSelection(directory: nil)
    let scenario = try FieldScenario(found, directory: nil, bug: try bug("PRE-1"), scalesMoney: false, library)
    return try Reproduction(
      found, scenario, besides: [try bug("MD-1")], market: nil, library: library, seed: 1, schedules: 3, shrinkMax: 3,
      isInterrupted: { true })
  }

  @Test func `What a signal kept from being run is said, and only a schedule that failed is a failure`() throws {
    let early = try interrupted()
    #expect(early.tried == 1 && early.survived.of == 0 && early.isCutShort && early.failure == nil)
    #expect(early.exitCode == ExitCode.inconclusive)
    let text = early.text(named: "", others: [], out: "r")
    #expect(text.contains("NOT RUN  interrupted before the good engine played this session"), "\(text)")
    #expect(!text.contains("FAILS") && !text.contains("SURVIVES") && !text.contains("0 of 0"))
    #expect(text.contains("MD-1, not played: the market is the first bug's own"))
    #expect(early.json["survives"] == .null && early.json["interrupted"]?.bool == true)
    let readme =
      files(early, try session(orders: 8, gap: 2, filled: 8), ids: false, sizes: true)
      .first { $0.path == "README.md" }.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
    #expect(readme.contains("NOT RUN: interrupted") && !readme.contains("fixed/"))
  }

  @Test(arguments: [
    ("", "'schema = 1' is needed"), ("schema = 1\n", "a case lacks 'bug'"),
    ("schema = 1\nbug = \"FILL-4\"\n", "did you mean 'FILL-"),
    ("schema = 1\nbug = \"FILL-3\"\nbgu = 1\n", "has no key 'bgu'"),
    ("schema = 1\nbug = \"FILL-3\"\nbesides = [\"MD-7\"]\n", "did you mean 'MD-"),
    ("schema = 1\nbug = \"FILL-3\"\nschedules = 0\n", "from 1 to 10000"),
    ("schema = 1\nbug = \"FILL-3\"\ntries = 0\n", "from 1 to 10000"),
    ("schema = 1\nbug = \"FILL-3\"\n[settings]\nTP = 2\n", "is text in quotes"),
  ])
  func `A mistake in a case is named with its place`(text: String, reason: String) {
    let scratch = Scratch()
    scratch.write(text, to: RegressionCase.fileName)
    let error = #expect(throws: UsageError.self) { try RegressionCase.all(in: scratch.path) }
    #expect(error?.text.contains(reason) == true, "\(error?.text ?? "")")
  }

  @Test func `A case fails with the pre-fix parts and passes with the good ones, and one that tests nothing is red`()
    throws
  {
    func result(_ text: String) throws -> CaseResult {
      let scratch = Scratch()
      scratch.write(text, to: RegressionCase.fileName)
      let item = try #require(try RegressionCase.all(in: scratch.path).first)
      return try item.gauntletCase(try FaultSelection(directory: nil), seed: 1)
        .run(CaseRun(isOverBudget: { false }, announce: { _, _ in }))
    }
    let good = try result("schema = 1\nbug = \"FILL-3\"\nschedules = 1\n")
    #expect(good.arms.map(\.outcome) == [.passed, .passed], "\(good.arms)")
    // The settings forbid trading: where the bot sent orders, that tests nothing; where it sent none, the fix passes.
    let idle = try result(
      "schema = 1\nbug = \"FILL-3\"\nschedules = 1\ntries = 1\n[settings]\nGLOBAL_TRADING = \"false\"\n")
    #expect(idle.arms.map(\.outcome) == [.failed, .failed])
  }
}
