import ChaosRuntime
import Testing

@testable import Checks

/// What the doctor says beyond the guide's entries: dumps, and checks that are not clean.
@Suite struct DiagnosisChecksTests {
  private static let cycle = """
    STACKDUMP v1  simulated  threads 2  symbols: full (demangled, file:line, inlined frames)
    TIME 2025-01-01T00:00:02.882500Z
    REASON DEADLOCK: threads wait for each other in a cycle

    CYCLE  (2 threads)
      user-stream
          waits 0.000 ms for "state" at A.swift:95
          held by engine-main, taken at B.swift:32
      engine-main
          waits 222.500 ms for "budget" at C.swift:22
          held by user-stream, taken at D.swift:74
      => user-stream -> "state" -> engine-main -> "budget" -> user-stream

    END complete

    """
  private static let hang = """
    STACKDUMP v1  simulated  threads 2  symbols: full (demangled, file:line, inlined frames)
    TIME 2025-01-01T00:04:03.500000Z
    REASON HANG: no progress in an activity beyond its limit
      refresh is in 'exchange.fetch_balance' for 60.000 s without progress, limit 60.000 s
      stuck: refresh

    THREAD refresh
      verdict: STUCK, waits for "answer" for 60.000 s at ChaosRuntime/Condition.swift:1
      in 'exchange.fetch_balance', last progress 60.000 s ago, limit 60.000 s
      holds "http" taken at Gate.swift:66, held 60.000 s
      #0  Condition.wait()  at ChaosRuntime/Condition.swift:124
      #1  Gate.balances()  at Engine/Gate.swift:67

    END complete

    """

  private func diagnosis(dump: String, replay: String? = "chaos replay DIR") throws -> Diagnosis {
    var b = RecordBuilder()
    b.raw = [("stackdump.txt", Array(dump.utf8))]
    if let replay { b.set("replay", .string(replay)) }
    return Diagnosis(try b.record(), directory: "sessions/x")
  }

  @Test func `A cycle stands first with both places and the order that mends it`() throws {
    let diagnosis = try diagnosis(dump: Self.cycle)
    let entry = try #require(diagnosis.all.first)
    #expect(entry.name == "Stack dump")
    #expect(entry.symptom == "DEADLOCK: threads wait for each other in a cycle")
    let cause = try #require(entry.causes.first)
    #expect(
      cause.says
        == "user-stream waits for \"state\", which engine-main holds; engine-main waits for \"budget\", which "
        + "user-stream holds")
    #expect(
      cause.evidence == [
        Diagnosis.Evidence(
          place: "stackdump.txt:7",
          text: "user-stream waits for \"state\" at A.swift:95; engine-main holds it, taken at B.swift:32"),
        Diagnosis.Evidence(
          place: "stackdump.txt:10",
          text: "engine-main waits for \"budget\" at C.swift:22; user-stream holds it, taken at D.swift:74"),
      ])
    #expect(
      cause.next.hasPrefix("take the locks in one order everywhere, as user-stream does: \"budget\" before \"state\""))
    #expect(cause.next.contains("asks for \"budget\" at C.swift:22 while it holds \"state\" (taken at B.swift:32)"))
    #expect(cause.next.contains("'chaos shrink sessions/x'"))
    #expect(diagnosis.exitCode == 4)
  }

  @Test func `A hang names the thread what it holds and its own code`() throws {
    let cause = try #require(try diagnosis(dump: Self.hang).all.first?.causes.first)
    #expect(cause.says == "refresh is in 'exchange.fetch_balance' for 60.000 s without progress, limit 60.000 s")
    #expect(cause.evidence.map(\.place) == ["stackdump.txt:8", "stackdump.txt:10", "stackdump.txt:12"])
    #expect(cause.evidence.last?.text == "#1  Gate.balances()  at Engine/Gate.swift:67")
    #expect(cause.next.hasPrefix("let go of the lock before work that may not return"))
  }

  @Test func `A live session has no recording to shrink`() throws {
    let cause = try #require(try diagnosis(dump: Self.cycle, replay: nil).all.first?.causes.first)
    #expect(
      cause.next.hasSuffix("a live session has no recording: run it without --live, then 'chaos shrink' that session"))
  }

  @Test(arguments: ["", "REASON\n", "CYCLE  (2 threads)\n  a\n", "REASON HANG: x\n\nTHREAD a\n", "\u{0}"])
  func `A torn dump is a dump all the same`(text: String) throws {
    let diagnosis = try diagnosis(dump: text)
    #expect(diagnosis.all.first?.name == "Stack dump")
    #expect(diagnosis.exitCode == 4)
  }

  @Test func `Every check has a step or an entry of the guide`() {
    let guides = ["orders-filled", "intents-settled", "errors-observable"]
    for check in Check.all where !guides.contains(check.name) {
      #expect(Diagnosis.advice[check.id] != nil, "\(check.name)")
    }
  }

  @Test func `A red check of the session has an entry with its evidence`() throws {
    var b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.filledOrder(2, at: 3)
    b.log(3.5, "ORDER_SENT", [("decision_id", "d"), ("client_order_id", "c1")])
    b.log(3.6, "ORDER_SENT", [("decision_id", "d"), ("client_order_id", "c2")])
    let record = try b.record()
    let red = Check.judge(record).filter { $0.outcome == .fail }.map(\.check)
    #expect(red.contains("no-duplicate-orders"))
    let diagnosis = Diagnosis(record)
    let entry = try #require(diagnosis.all.first { $0.name == "no-duplicate-orders" })
    #expect(entry.causes.first?.evidence.contains { $0.text == "decision d: orders c1 and c2" } == true)
    #expect(diagnosis.exitCode == 1)
  }

  @Test func `The place of a line stands apart`() {
    let placed = Diagnosis.Evidence(verdictLine: "logs/events_1.jsonl:12: quotes were 10 s old")
    #expect(placed == Diagnosis.Evidence(place: "logs/events_1.jsonl:12", text: "quotes were 10 s old"))
    let free = Diagnosis.Evidence(verdictLine: "BAT/USDT: b bought 2 s after a")
    #expect(free == Diagnosis.Evidence(place: "", text: "BAT/USDT: b bought 2 s after a"))
  }
}
