import Basics
import ChaosRuntime
import Exploration
import HistoricalBugs
import PaperSession
import TestSupport
import Testing
import Trading

@testable import FieldReconciliation

/// Signs, and what they name.
@Suite struct DiagnosisTests {
  private func diagnosis(_ directory: String) throws -> (FieldDiagnosis, Reconciliation) {
    var input = SessionReader.Input()
    input.directory = directory
    let found = Reconciliation(try SessionReader.read(input))
    return (FieldDiagnosis(found), found)
  }

  @Test(.enabled(if: RecordedSession.directory != nil, RecordedSession.absence))
  func `The historical session is named by its own signs, and a null fee is no reason to name another`() throws {
    let directory = try #require(RecordedSession.directory)
    let (diagnosis, found) = try diagnosis(directory)
    #expect(diagnosis.named.map(\.hypothesis.id) == ["FILL-3", "MD-1"] && !diagnosis.isTied)
    #expect(diagnosis.named[0].hypothesis.aliases == ["DUP-1"])
    #expect(diagnosis.ranked.first { $0.hypothesis.id == "FILL-1" }?.isNamed == false)
    let text = found.text(with: diagnosis)
    #expect(text.contains("\n  1. FILL-3 (DUP-1)  order id wiped, clock in the key"), "\(text)")
    #expect(text.contains("\n     seen    no-order-id: 8 errors: WAIT_FILL_NO_ORDER_ID (system.jsonl:78)\n"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  /// Its truth and its log alone, other seed than the proof's.
  @Test(arguments: ["PRE-1", "CXL-1", "STOP-1", "LANE-1"])
  func `An original's session names its bug`(bug: String) throws {
    var wishes = PaperInputs(kind: .proof, bug: bug)
    let faults = try #require(AllBugs.named(bug)).provokedBy.faults
    wishes.faults = try FaultSelection(directory: nil).sources(Array(faults.prefix(1))).map(\.source)
    wishes.revisions = [PaperInputs.Revision(bug: bug, revision: "original")]
    let report = Executor().run(try PaperSystem(wishes), PaperSystem.paperRequest(seed: 5))
    let scratch = Scratch()
    let files = report.judgement.files.filter { $0.path.hasPrefix("logs/") && !$0.path.contains("disk") }
    #expect(Files.write(files, to: "\(scratch.path)/session") == nil)
    let (diagnosis, _) = try diagnosis("\(scratch.path)/session")
    #expect(diagnosis.named.first?.hypothesis.id == bug, "\(diagnosis.named.map(\.hypothesis.id))")
  }

  @Test func `Every bug of the catalogue predicts something, and no two the same`() {
    var seen: [Set<FieldSign>: String] = [:]
    for bug in AllBugs.all {
      let signs = Set(bug.inTheField.predicts + bug.inTheField.oneOf)
      #expect(!signs.isEmpty, "\(bug.id)")
      #expect(seen[signs] == nil, "\(bug.id) predicts what \(seen[signs] ?? "") does")
      seen[signs] = bug.id
      #expect(
        signs.isDisjoint(with: bug.inTheField.forbids) && signs.isDisjoint(with: bug.inTheField.allows), "\(bug.id)")
    }
    let predicted = Set(FieldDiagnosis.hypotheses.flatMap { $0.field.predicts + $0.field.oneOf + $0.field.allows })
    #expect(FieldSign.allCases.filter { !predicted.contains($0) } == [], "a sign that nobody predicts decides nothing")
  }

  /// Three buys of one signal; their names are of their decisions or not, their ids are found again or not, and steps are lost.
  @Test(arguments: [true, false])
  func `Mechanisms of the historical bot outside the catalogue are named by its files`(isShown: Bool) throws {
    let scratch = Scratch()
    var (orders, calls, system, phases) = ("", "", "", "")
    for index in 0..<3 {
      let head = "\"symbol\":\"A/USDT\",\"side\":\"buy\",\"amount\":10,\"price\":2"
      let time = 1_762_074_840 + index * 2
      orders +=
        "{\"event_type\":\"ORDER_SENT\",\(head),\"order_id\":\"X\(index)\",\"client_order_id\":\"buy_\(isShown ? "d\(index)" : "k")_\(index)\",\"decision_id\":\"d\(index)\",\"ts\":\(time)}\n"
      calls +=
        "{\"ts_ns\":\(time)000000000,\"method\":\"create_order\",\(head),\"reply\":{\"id\":\"X\(index)\",\"status\":\"closed\",\"filled\":10,\"cost\":20}}\n"
      let code = isShown ? "WAIT_FILL_REHYDRATE" : "BUY_ORDER_PERSISTED"
      system += "{\"ts\":\(time),\"level\":\"WARNING\",\"code\":\"\(code)\"}\n"
      phases += "{\"symbol\":\"A/USDT\",\"event\":\"BUY_ORDER_PLACED\",\"ts_ms\":\(time)000}\n"
    }
    for (name, text) in [
      ("orders.jsonl", orders), ("exchange_orders.jsonl", calls), ("system.jsonl", system),
      ("phase_events.jsonl", isShown ? String(phases.split(separator: "\n")[0]) + "\n" : phases),
    ] { scratch.write(text, to: name) }
    let (diagnosis, _) = try diagnosis(scratch.path)
    let outside = Set(diagnosis.named.map(\.hypothesis.id)).intersection(["DUP-1", "FILL-3-residue", "OBS-4"])
    #expect(outside == (isShown ? ["DUP-1", "FILL-3-residue", "OBS-4"] : []))
  }

  private static func hypothesis(_ id: String, _ predicts: [FieldSign], forbids: [FieldSign] = [])
    -> FieldDiagnosis.Hypothesis
  {
    FieldDiagnosis.Hypothesis(
      id: id, aliases: [], title: id, origin: .catalogue, field: FieldHypothesis(predicts: predicts, forbids: forbids))
  }

  @Test func `A name needs a sign that the better ones do not explain`() {
    let all = [
      Self.hypothesis("a", [.noOrderId, .fillUnseen]), Self.hypothesis("b", [.fillUnseen]),
      Self.hypothesis("c", [.latePolls]),
      Self.hypothesis("d", [.latePolls, .pollsEnd], forbids: [.noOrderId]),
    ]
    func named(_ seen: [FieldSign], hidden: [FieldSign] = []) -> [String] {
      let signs = FieldSign.allCases.map { sign -> SignReading in
        seen.contains(sign) ? .seen(sign, "") : hidden.contains(sign) ? .notObservable(sign, "x") : .missed(sign)
      }
      return FieldDiagnosis(signs, all).named.map(\.hypothesis.id)
    }
    #expect(named([.noOrderId, .fillUnseen, .latePolls]) == ["a", "c"])
    #expect(named([.fillUnseen]) == ["b"])
    #expect(named([.latePolls], hidden: [.pollsEnd]) == ["c", "d"], "equals are named together")
    #expect(named([.buysByRound]) == [])
    let common = (0..<3).map { Self.hypothesis("\($0)", [.fillUnseen, FieldSign.allCases[$0]]) }
    let weak = FieldDiagnosis(
      FieldSign.allCases.map { $0 == .fillUnseen ? .seen($0, "") : .notObservable($0, "x") }, common)
    #expect(weak.named.isEmpty, "what three predict names none of them")
    let unknown = FieldDiagnosis([.seen(.buysByRound, "3")], all)
    #expect(unknown.named.isEmpty && unknown.unexplained.map(\.sign) == [.buysByRound])
  }
}
