import Basics
import Checks
import Testing

/// Causes that no whole session can be made to have: from records written by hand.
@Suite struct DiagnosisTests {
  /// A healthy session: one order filled, its metrics written.
  private func healthy() -> RecordBuilder {
    var b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.log(99, "SHUTDOWN_COMPLETE")
    b.summary = .object([("counters", .object([("orders_failed", .int(0))]))])
    b.save(99)
    return b
  }

  private func causes(_ b: RecordBuilder) throws -> [String] {
    Diagnosis(try b.record()).entries.flatMap { entry in entry.causes.map { "\(entry.name): \($0.id)" } }
  }

  @Test func `A healthy record has none`() throws { #expect(try causes(healthy()) == []) }

  @Test func `An export that nobody called`() throws {
    var b = healthy()
    b.summary = nil
    #expect(try causes(b) == ["JSON export missing: export-not-called"])
  }

  @Test func `An export that the end came before`() throws {
    var b = healthy()
    b.summary = nil
    b.events.removeAll { $0.line["event_type"]?.string == "SHUTDOWN_COMPLETE" }
    b.endsLog = false
    b.set("shutdown", nil)
    #expect(try causes(b) == ["JSON export missing: cut-short"])
  }

  /// The engine was asked to end, and a thread that hangs kept it from doing so.
  @Test func `An export that a hanging shutdown never came to`() throws {
    var b = healthy()
    b.summary = nil
    b.events.removeAll { $0.line["event_type"]?.string == "SHUTDOWN_COMPLETE" }
    b.endsLog = false
    b.set(
      "incidents",
      .array([.object([("kind", "hang"), ("timestamp", .string(RecordBuilder.time(99))), ("summary", "it hangs")])]))
    #expect(try causes(b) == ["JSON export missing: cut-short"])
  }

  @Test func `Values that were too many are no unreachable server`() throws {
    var b = healthy()
    let fields: [(key: String, value: JSON)] = [("kind", "statsd"), ("address", "localhost:8125")]
    b.log(5, "METRICS_ENDPOINT_FAILED", fields + [("reason", "7 durations in one second were too many to be kept")])
    #expect(try causes(b) == [])
    b.log(6, "METRICS_ENDPOINT_FAILED", fields + [("reason", "Connection refused")])
    #expect(try causes(b) == ["StatsD metrics not received: server-unreachable"])
  }

  @Test func `An export that is torn`() throws {
    var b = healthy()
    b.raw = [("metrics/summary.json", Array(#"{"timestamp": 1, "coun"#.utf8))]
    #expect(try causes(b) == ["JSON export missing: export-torn"])
    let entry = try #require(Diagnosis(try b.record()).entries.first)
    #expect(entry.causes.first?.evidence.first?.place == "metrics/summary.json:1")
  }

  @Test func `Fills that the engine never heard of`() throws {
    var b = healthy()
    b.events.removeAll { $0.line["event_type"]?.string == "ORDER_FILLED" }
    #expect(try causes(b) == ["No ORDER_FILLED events: fills-unheard"])
  }

  @Test func `A failure whose line says nothing`() throws {
    var b = healthy()
    b.send(2, at: 5)
    b.refuse(2, at: 5.2)
    b.fail(2, at: 5.3, reason: .null)
    b.clear(2, at: 5.3, "order_failed")
    #expect(try causes(b) == ["Orders failing silently: line-vague"])
  }

  @Test func `An intent that was settled late`() throws {
    var b = healthy()
    b.send(2, at: 5)
    b.refuse(2, at: 5.2)
    b.fail(2, at: 5.3)
    b.clear(2, at: 20, "order_failed")
    #expect(try causes(b) == ["Excessive stale intents: settled-late"])
  }

  @Test func `A symptom without any line that explains it is still told`() throws {
    var b = healthy()
    b.save(99, pending: (0..<11).map { 100 + $0 })
    let entries = Diagnosis(try b.record()).entries
    #expect(entries.map(\.name) == ["Excessive stale intents"])
    #expect(entries.first?.causes == [])
  }

  @Test func `The cause that explains more stands first`() throws {
    var b = healthy()
    b.events = []
    b.venue = []
    b.log(1, "GUARD_BLOCK", [("guard", "spread")])
    for n in 0..<3 { b.log(2 + Double(n), "GUARD_BLOCK", [("guard", "slippage")]) }
    #expect(try causes(b) == ["No ORDER_FILLED events: slippage-guard", "No ORDER_FILLED events: spread-guard"])
  }
}
