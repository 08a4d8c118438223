import Basics
import ChaosRuntime
import Monitoring
import Synchronization
import TestSupport
import Testing
import Trading

@testable import TradingEngine

/// A formatter that hangs on some records.
final class HangingFormatter: LogFormatter {
  private let runtime: Runtime
  private let inner: any LogFormatter
  private let duration: Duration
  private let hangs: @Sendable (LogRecord, Int) -> Bool
  private let calls = Atomic<Int>(0)

  init(
    _ parts: EngineAssembly, _ inner: any LogFormatter, for duration: Duration,
    when hangs: @escaping @Sendable (LogRecord, Int) -> Bool
  ) {
    runtime = parts.context.runtime
    self.inner = inner
    self.duration = duration
    self.hangs = hangs
  }

  func message(for record: LogRecord) throws(Stopped) -> String? {
    let call = calls.add(1, ordering: .relaxed).newValue
    if hangs(record, call) { try runtime.sleep(duration) }
    return try inner.message(for: record)
  }
}

/// A disk that refuses some operations on some files for a stretch of the session.
final class RefusingDisk: Interposer {
  private let runtime: Runtime
  private let error: DiskError
  private let from: Duration
  private let to: Duration
  private let refuses: @Sendable (DiskOperation, String) -> Bool

  init(
    _ runtime: Runtime, _ error: DiskError, from: Duration = .zero, to: Duration = .seconds(100_000),
    _ refuses: @escaping @Sendable (DiskOperation, String) -> Bool
  ) {
    self.runtime = runtime
    self.error = error
    self.from = from
    self.to = to
    self.refuses = refuses
  }

  func atDisk(_ operation: DiskOperation, path: String, final: String) throws(Stopped) -> DiskError? {
    let since = runtime.now - .simulationEpoch
    return since >= from && since < to && refuses(operation, final) ? error : nil
  }
}

@Suite struct LogTests {
  private func parts(
    _ duration: Duration, _ hangs: @escaping @Sendable (LogRecord, Int) -> Bool
  ) -> EngineParts {
    var parts = EngineParts()
    let inner = parts.formatter
    parts.formatter = { HangingFormatter($0, inner($0), for: duration, when: hangs) }
    return parts
  }

  @Test func `A formatter that times out loses the message and nothing else`() throws {
    let run = try EngineRun(
      for: .seconds(30), parts: parts(.seconds(8)) { record, _ in "\(record.event)" == "ORDER_FILLED" })
    let filled = try #require(run.all("ORDER_FILLED").first)
    #expect(filled["message"]?.string == "[formatter timed out]")
    #expect(filled["formatter_timeout"]?.bool == true)
    #expect(filled["intent_id"]?.string == "i-AIX_USDT-1")
    #expect(filled["filled_quote"]?.string != nil)
    #expect(filled["level"]?.string == "INFO")
    #expect(run.summary?.loggingTimeouts == 1)
    #expect(run.events.count { $0["formatter_timeout"] != nil } == 1)
    #expect(run.all("LOG_CALL_SLOW").isEmpty)
  }

  @Test func `Only one hanging worker is abandoned`() throws {
    let run = try EngineRun(
      for: .seconds(40), parts: parts(.seconds(1000)) { record, _ in "\(record.event)".hasPrefix("ORDER_") })
    let workers = run.report?.leaked.filter { $0.hasPrefix("format-worker") } ?? []
    #expect(workers.count == 2, "one abandoned, one that hangs in its place")
    #expect(run.all("ORDER_FILLED").count == 1)
    #expect(run.all("SHUTDOWN_COMPLETE").count == 1)
    #expect((run.summary?.loggingTimeouts ?? 0) >= 2)
  }

  @Test func `Lines keep the order they were logged in`() throws {
    let run = try EngineRun(for: .seconds(40), parts: parts(.milliseconds(400)) { _, call in call % 7 == 0 })
    let times = run.events.compactMap { $0["timestamp"]?.string }
    #expect(times == times.sorted())
    #expect((run.summary?.loggingTimeouts ?? 0) > 0)
  }

  @Test func `A full queue drops and counts`() throws {
    let run = try EngineRun(for: .seconds(40), symbols: ["AIX", "BLESS", "COAI"], settings: [("LOG_QUEUE_MAX", "1")])
    #expect(!run.all("LOG_RECORDS_DROPPED").isEmpty)
  }

  @Test func `A line is compact JSON in fixed order`() {
    var bytes: [UInt8] = []
    let record = LogRecord(
      time: .simulationEpoch, level: .warning, event: .heartbeat,
      fields: [
        LogField(.text, "a\"b"), LogField(.qty, .decimal(ScriptedVenue.decimal("-0.50"))),
        LogField(.waitedMs, .number(1.23456)), LogField(.symbols, .texts(["x", "y"])), LogField(.fee, .null),
      ])
    LogLine.append(record, message: .none, into: &bytes)
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == #"{"timestamp":"2025-01-01T00:00:00.000000Z","level":"WARNING","event_type":"HEARTBEAT","#
        + #""text":"a\"b","qty":"-0.5","waited_ms":1.235,"symbols":["x","y"],"fee":null}"# + "\n")
  }

  @Test func `What a disk refuses is written later and told`() throws {
    let calm = try EngineRun(for: .seconds(40))
    let run = try EngineRun(
      for: .seconds(40),
      interposer: {
        RefusingDisk($0, .full, from: .seconds(5), to: .seconds(20)) { operation, _ in operation == .append }
      })
    let told = run.all("LOG_WRITE_FAILED")
    #expect(told.map { $0["file"]?.string } == ["logs/events.jsonl", QueuedLog.ordersFile])
    #expect(told.first?["error"]?.string == "no space left on device")
    #expect(told.first?["advice"]?.string == DiskError.full.advice)
    let words = run.logText.split(separator: "\n").filter { !$0.contains("LOG_WRITE_FAILED") }
    #expect(words == calm.logText.split(separator: "\n"), "no line is lost, torn or twice there")
    #expect(run.file(QueuedLog.ordersFile) == calm.file(QueuedLog.ordersFile))
  }

  /// Nothing can be written from the first moment to the last: the engine trades on, and no file is there in part.
  @Test func `An engine without a disk trades on`() throws {
    for error in [DiskError.full, .readOnly] {
      let run = try EngineRun(
        for: .seconds(40), interposer: { RefusingDisk($0, error) { operation, _ in operation != .read } })
      #expect(run.disk.files.isEmpty)
      #expect(run.summary?.ordersFilled == 1)
      #expect(run.report?.leaked == [])
      #expect(run.result?.incidents.isEmpty == true)
    }
  }

  @Test func `An export that fails at the end is told`() throws {
    let run = try EngineRun(
      for: .seconds(20), interposer: { RefusingDisk($0, .readOnly) { $1 == Metrics.summaryPath && $0 == .rename } })
    let told = try #require(run.all("METRICS_EXPORT_FAILED").first)
    #expect(told["path"]?.string == "metrics/summary.json")
    #expect(told["reason"]?.string == "read-only file system")
    #expect(run.file(Metrics.summaryPath) == nil)
    #expect(run.all("SHUTDOWN_COMPLETE").count == 1)
  }
}
