import Basics
import ChaosRuntime
import HistoricalBugs
import TestSupport
import Testing
import Trading

@testable import FieldReconciliation

/// Causes that `chaos doctor` knows, and what a stack dump tells, as hypotheses of a session.
@Suite struct SurroundingsTests {
  @Test func `Every cause of the doctor is a hypothesis, or one with a bug's`() throws {
    let known = Set(FieldDiagnosis.surroundings.map(\.id)).union(FieldDiagnosis.doctorAliases.keys)
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    let folder = root + "/Sources/Checks/Diagnosis"
    var ids: Set<String> = []
    for name in Files.names(in: folder) {
      let text = String(decoding: try #require(Files.read("\(folder)/\(name)")), as: UTF8.self)
      for match in text.matches(of: /(?:Cause\(\s*|id: |id = )"([a-z\\(.)-]+)"/) { ids.insert(String(match.1)) }
    }
    let guards = ids.filter { $0.hasPrefix("\\(") && $0.hasSuffix("-guard") }
    #expect(ids.count > 25 && guards.count == 1 && known.contains("*-guard"))
    #expect(ids.subtracting(guards).filter { !known.contains($0) }.sorted() == [])
    let hypotheses = Set(FieldDiagnosis.hypotheses.map(\.id))
    #expect(FieldDiagnosis.doctorAliases.filter { $0.key != "inconclusive" && !hypotheses.contains($0.value) } == [:])
  }

  /// A session of ours of two minutes with so many orders, of which some are filled, and further lines.
  private func diagnosis(sent: Int = 0, filled: Int = 0, _ more: [String], files: [String: String] = [:]) throws
    -> FieldDiagnosis
  {
    let scratch = Scratch()
    func line(_ second: Int, _ event: EventName, _ rest: String) -> String {
      let text = rest.isEmpty ? "" : ",\(rest)"
      let time = Instant.simulationEpoch + .seconds(second)
      return "{\"timestamp\":\"\(time)\",\"level\":\"INFO\",\"event_type\":\"\(event.rawValue)\"\(text)}\n"
    }
    var log = line(0, .engineStart, "") + line(119, .shutdownStarted, "") + line(120, .shutdownComplete, "")
    for index in 0..<sent {
      let order = "\"symbol\":\"A\(index)/USDT\",\"side\":\"buy\",\"client_order_id\":\"o\(index)\",\"qty\":\"1\""
      log += line(index, .orderSent, order)
      if index < filled { log += line(index, .orderFilled, order + ",\"filled_qty\":\"1\",\"filled_quote\":\"2\"") }
    }
    for text in more {
      let words = text.split(separator: " ", maxSplits: 1).map(String.init)
      log +=
        "{\"timestamp\":\"2025-01-01T00:00:30Z\",\"level\":\"WARNING\",\"event_type\":\"\(words[0])\",\(words[1])}\n"
    }
    scratch.write(log, to: "events_1.jsonl")
    scratch.write(
      "{\"timestamp\":\"2025-01-01T00:00:00Z\",\"kind\":\"balances\",\"balances\":[]}\n", to: "exchange.jsonl")
    for (name, text) in files { scratch.write(text, to: name) }
    var input = SessionReader.Input()
    input.directory = scratch.path
    return FieldDiagnosis(Reconciliation(try SessionReader.read(input)))
  }

  @Test(arguments: [
    ("GUARD_BLOCK \"guard\":\"spread\"", "spread-guard"), ("GUARD_BLOCK \"guard\":\"slippage\"", "slippage-guard"),
    ("GUARD_BLOCK \"guard\":\"exposure\"", "*-guard"), ("GUARD_BLOCK \"guard\":\"trading\"", "trading-off"),
    ("MD_POLL_FAILED \"code\":\"503\"", "connectivity"), ("ORDER_LOST \"intent_id\":\"i\"", "connectivity"),
    ("ORDER_FAILED \"client_order_id\":\"x\",\"error_code\":\"1\"", "level-hides-error"),
    ("METRICS_ENDPOINT_FAILED \"kind\":\"prometheus\",\"reason\":\"address in use\"", "port-in-use"),
    ("METRICS_ENDPOINT_FAILED \"kind\":\"prometheus\",\"reason\":\"no such address\"", "address-unusable"),
    ("METRICS_ENDPOINT_FAILED \"kind\":\"statsd\",\"reason\":\"refused\"", "server-unreachable"),
    ("METRICS_EXPORT_FAILED \"reason\":\"no space left\"", "disk-full"),
    ("METRICS_EXPORT_FAILED \"reason\":\"not permitted\"", "directory-not-writable"),
  ])
  func `A cause is named by its lines, and not by the lines of one that trades`(line: String, id: String) throws {
    let many = (0..<4).map { "\(line),\"n\":\($0)" }
    #expect(try diagnosis(many).named.map(\.hypothesis.id).contains(id))
    let isOfEntries = line.hasPrefix("GUARD") || line.hasPrefix("MD_POLL")
    if isOfEntries { #expect(try diagnosis(sent: 5, filled: 5, many).named.map(\.hypothesis.id) == []) }
    #expect(try diagnosis(sent: 5, filled: 5, []).named.map(\.hypothesis.id) == [])
  }

  @Test func `Nothing to decide on is said of a bot that never decided`() throws {
    #expect(try diagnosis([]).named.map(\.hypothesis.id) == ["no-signal"])
    #expect(try diagnosis(["DECISION_START \"n\":1"]).named.map(\.hypothesis.id) == [])
  }

  @Test func `A stack dump decides between a circle of locks and a process that was killed`() throws {
    let head = "STACKDUMP v1  simulated  threads 2\nTIME 2025-01-01T00:00:02Z\n"
    let cycle =
      head + """
        REASON DEADLOCK: threads wait for each other in a cycle

        CYCLE  (2 threads)
          a
              waits 0.000 ms for "state" at A.swift:79
              held by b, taken at A.swift:34
          b
              waits 222.500 ms for "budget" at B.swift:31
              held by a, taken at A.swift:58

        END complete

        """
    func states(_ dump: String?) throws -> [SignReading.State] {
      let found = try diagnosis([], files: dump.map { ["stackdump.txt": $0] } ?? [:])
      return [FieldSign.lockCycle, .hang].compactMap { sign in found.signs.first { $0.sign == sign }?.state }
    }
    #expect(try states(cycle) == [.seen, .missed])
    #expect(try states(head + "REASON HANG: no progress\n\nEND complete\n") == [.missed, .seen])
    #expect(try states(head + "REASON ASKED FOR: a signal\n\nEND complete\n") == [.missed, .missed])
    #expect(
      try states("Timeout (0:00:30)!\nThread 0x1 (most recent call first):\n") == [.notObservable, .notObservable])
    #expect(try states(nil) == [.notObservable, .notObservable])
    func named(_ dump: [FieldSign: SignReading.State]) -> [String] {
      let signs = FieldSign.allCases.map { sign -> SignReading in
        let state: SignReading.State = sign == .everythingStops ? .seen : dump[sign] ?? .missed
        return SignReading(sign: sign, state: state, says: "")
      }
      return FieldDiagnosis(signs, FieldDiagnosis.hypotheses).named.map(\.hypothesis.id)
    }
    #expect(named([.lockCycle: .notObservable, .hang: .notObservable]) == ["C-PORT-02", "killed"])
    #expect(named([.lockCycle: .seen]) == ["C-PORT-02"])
  }
}
