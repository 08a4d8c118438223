import Basics
import Exploration
import FaultInjection
import HistoricalBugs
import PaperSession
import TestSupport
import Testing

@Suite struct InputTests {
  static let sampleMarket = Folder.root + "/scripts/sample-market"

  /// The text of the refusal.
  private func refusal(_ inputs: PaperInputs, _ at: SourceLocation = #_sourceLocation) -> String {
    do {
      _ = try PaperSystem(inputs)
      Issue.record("nothing was refused", sourceLocation: at)
      return ""
    } catch { return error.description }
  }

  // MARK: Market

  @Test func `Recorded data is traded`() throws {
    let system = try PaperSystem(
      PaperInputs(kind: .paper, faults: [Sessions.source("everyday")], market: Self.sampleMarket))
    #expect(system.epoch == .simulationEpoch, "the sample begins where simulated time begins")
    let request = PaperSystem.paperRequest(seed: 1)
    let run = Executor().run(system, request, epoch: system.epoch)
    #expect(run.judgement.verdicts.filter { $0.outcome == .fail } == [])
    #expect(run.judgement.tally("SENT") > 0)
    #expect(run.virtualTime >= .seconds(system.virtualSeconds))
    expectSameFiles(run, Executor().run(system, request, epoch: system.epoch))
  }

  @Test func `The clock of recorded data begins at its first tick`() throws {
    let folder = Scratch()
    var text = ""
    for second in 0..<30 {
      let ts = 1_700_000_000 + second
      text += #"{"ts":\#(ts),"symbol":"AIX/USDT","last":1,"bid":1,"ask":1,"volume":1,"spread_bps":1}"# + "\n"
    }
    folder.write(text, to: "AIX_USDT.jsonl")
    let system = try PaperSystem(PaperInputs(kind: .paper, market: folder.path))
    #expect(system.epoch == Instant(nanoseconds: 1_700_000_000_000_000_000))
    let run = Executor().run(system, PaperSystem.paperRequest(seed: 1), epoch: system.epoch)
    #expect(run.judgement.verdicts.filter { $0.outcome == .fail } == [])
    let record = try Sessions.record(run)
    #expect(record.run.start == system.epoch)
    #expect(record.events.first.map { $0.time >= system.epoch } == true)
  }

  @Test func `Recorded data may be cut and not stretched`() throws {
    func seconds(_ asked: Double?) throws -> Double {
      try PaperSystem(PaperInputs(kind: .paper, market: Self.sampleMarket, durationSeconds: asked)).virtualSeconds
    }
    let whole = try seconds(nil)
    #expect(try seconds(30) < whole)
    #expect(try seconds(100_000) == whole)
  }

  @Test func `A missing folder is named`() {
    let text = refusal(PaperInputs(kind: .paper, market: "/no/such/folder"))
    #expect(text == "/no/such/folder: no such folder; --market expects a folder with one .jsonl file per symbol")
  }

  @Test func `An empty folder and an empty file are named`() {
    let folder = Scratch()
    let none = refusal(PaperInputs(kind: .paper, market: folder.path))
    #expect(none == "\(folder.path): no .jsonl files; one per symbol is needed")
    folder.write("", to: "AIX_USDT.jsonl")
    let text = refusal(PaperInputs(kind: .paper, market: folder.path))
    #expect(text.hasSuffix("AIX_USDT.jsonl: has no ticks"))
  }

  @Test(arguments: [
    ("{\"ts\":", 2, "no JSON"), ("{}", 2, "ts is missing"),
    (#"{"ts":1.5,"symbol":"AIX/USDT","last":1,"bid":2,"ask":1,"volume":1,"spread_bps":1}"#, 2, "ask 1 is below bid 2"),
    (#"{"ts":0.5,"symbol":"AIX/USDT","last":1,"bid":1,"ask":1,"volume":1,"spread_bps":1}"#, 2, "ts is not after"),
    (#"{"ts":2,"symbol":"ADA/USDT","last":1,"bid":1,"ask":1,"volume":1,"spread_bps":1}"#, 2, "symbol is ADA/USDT"),
  ])
  func `A broken line is named with file and line`(_ broken: (line: String, number: Int, reason: String)) {
    let folder = Scratch()
    let good = #"{"ts":1,"symbol":"AIX/USDT","last":1,"bid":1,"ask":1,"volume":1,"spread_bps":1}"#
    folder.write("\(good)\n\(broken.line)\n", to: "AIX_USDT.jsonl")
    let text = refusal(PaperInputs(kind: .paper, market: folder.path))
    #expect(text.contains("AIX_USDT.jsonl:\(broken.number): \(broken.reason)"), "\(text)")
  }

  // MARK: Settings

  @Test func `A contradiction is refused`() {
    let text = refusal(
      PaperInputs(
        kind: .paper,
        settings: [
          .init(name: "POSITION_SIZE_USDT", value: "100"), .init(name: "MAX_PER_SYMBOL_USD", value: "50"),
        ]))
    #expect(text == "POSITION_SIZE_USDT 100 is above MAX_PER_SYMBOL_USD 50: no entry would pass")
  }

  @Test func `An unknown setting gets a suggestion`() {
    let text = refusal(PaperInputs(kind: .paper, settings: [.init(name: "GLOBAL_TRADNIG", value: "True")]))
    #expect(text == "there is no setting GLOBAL_TRADNIG; did you mean GLOBAL_TRADING?")
    let far = refusal(PaperInputs(kind: .paper, settings: [.init(name: "XYZZY", value: "1")]))
    #expect(far == "there is no setting XYZZY")
  }

  @Test func `A wrong type and a value out of range are refused`() {
    let type = refusal(PaperInputs(kind: .paper, settings: [.init(name: "GLOBAL_TRADING", value: "perhaps")]))
    #expect(type.contains("GLOBAL_TRADING") && type.contains("\"perhaps\""))
    let range = refusal(PaperInputs(kind: .paper, settings: [.init(name: "TRACE_SAMPLE_RATE", value: "2")]))
    #expect(range.hasPrefix("TRACE_SAMPLE_RATE = 2 is out of range"))
  }

  @Test func `True is read in both spellings`() throws {
    for word in ["True", "true", "False", "false"] {
      _ = try PaperSystem(PaperInputs(kind: .paper, settings: [.init(name: "GLOBAL_TRADING", value: word)]))
    }
  }

  @Test func `Without trading no order is sent`() throws {
    let system = try PaperSystem(PaperInputs(kind: .paper, settings: [.init(name: "GLOBAL_TRADING", value: "False")]))
    let run = Executor().run(system, PaperSystem.paperRequest(seed: 1))
    #expect(run.judgement.tally("SENT") == 0)
    #expect(run.judgement.verdict("orders-filled")?.outcome == .inconclusive)
  }

  // MARK: Bugs and faults

  @Test func `Unknown bugs and revisions get a suggestion`() {
    #expect(
      refusal(PaperInputs(kind: .proof, bug: "C-PORT-20"))
        == "no bug is called 'C-PORT-20'; did you mean 'C-PORT-02'?")
    #expect(
      refusal(PaperInputs(kind: .paper, revisions: [.init(bug: "9.1", revision: "broken")]))
        == "bug 9.1 has no revision 'broken'; it has original, 4d0ef46, fixed")
  }

  @Test(arguments: [
    ("exchange.place_ordr=drop", "exchange.place_order"), ("log.format[levle=ERROR]=hang", "level"),
    ("log.format=drop", "sleep"), ("log.format=", "--fault"),
  ])
  func `A wrong one line fault is refused with a hint`(_ wrong: (line: String, hint: String)) {
    let text = refusal(PaperInputs(kind: .paper, faults: [.oneLine(wrong.line)]))
    #expect(text.contains(wrong.hint), "\(text)")
    #expect(text.contains("^"), "\(text)")
  }

  @Test func `A wrong fault file is refused with file and line`() throws {
    guard case .file(_, let text) = try Sessions.source("deadlock") else { return }
    let wrong = text.replacing("disk.write", with: "disk.wriet")
    let refused = refusal(PaperInputs(kind: .paper, faults: [.file(name: "mine.toml", text: wrong)]))
    #expect(refused.contains("mine.toml:14:11: ") && refused.contains("disk.write"), "\(refused)")
  }
}
