import ChaosRuntime
import Checks
import Trading

/// Writes the files of a small session by hand: 100 s, one engine, all well unless a test says otherwise.
struct RecordBuilder {
  static let eventsPath = "logs/events_20250101_000000.jsonl"

  var run: [(key: String, value: JSON)] = [
    ("format", .int(1)), ("virtual_seconds", .int(100)), ("firings", .array([])), ("incidents", .array([])),
    ("overdue_activities", .array([])), ("threads", .array([])), ("crash", .null), ("stall_free", .bool(true)),
    (
      "phases",
      .array([.object([("name", "baseline"), ("start", .string(time(0))), ("end", .string(time(100)))])])
    ),
    (
      "shutdown",
      .object([("requested", .string(time(100))), ("completed", .string(time(101))), ("limit_ms", .int(10_000))])
    ),
    (
      "limits",
      .object([
        ("heartbeat_ms", .int(30_000)), ("refresh_ms", .int(5000)), ("format_ms", .int(100)), ("call_ms", .int(8000)),
        ("per_symbol_quote_max", "60"), ("total_quote_max", "100"),
      ])
    ),
  ]
  var events: [(at: Double, line: JSON)] = []
  var venue: [(at: Double, line: JSON)] = []
  var state: JSON?
  var summary: JSON?
  /// Files as they are; they replace what the builder would write, and nil leaves a file out.
  var raw: [(path: String, bytes: [UInt8]?)] = []

  /// Seconds after the simulation's epoch, as files have it.
  static func time(_ second: Double) -> String {
    (Instant.simulationEpoch + .nanoseconds(Int64(second * 1e9))).iso8601()
  }

  mutating func set(_ key: String, _ value: JSON?) {
    run.removeAll { $0.key == key }
    if let value { run.append((key, value)) }
  }

  mutating func log(_ at: Double, _ type: String, level: String = "INFO", _ fields: [(key: String, value: JSON)] = []) {
    let head: [(key: String, value: JSON)] = [
      ("timestamp", .string(Self.time(at))), ("level", .string(level)), ("event_type", .string(type)),
    ]
    events.append((at, .object(head + fields)))
  }

  mutating func tell(_ at: Double, _ kind: String, _ fields: [(key: String, value: JSON)]) {
    let head: [(key: String, value: JSON)] = [("timestamp", .string(Self.time(at))), ("kind", .string(kind))]
    venue.append((at, .object(head + fields)))
  }

  func files() -> SessionFiles {
    let sorted = Self.ordered(events)
    var files: [(path: String, bytes: [UInt8])] = [
      ("run.json", Array(JSON.object(run).text.utf8)), (Self.eventsPath, Self.lines(sorted)),
      ("logs/jsonl/orders.jsonl", Self.lines(sorted.filter { $0["event_type"]?.string?.hasPrefix("ORDER_") == true })),
      ("logs/exchange.jsonl", Self.lines(Self.ordered(venue))),
    ]
    if let state { files.append(("state/engine_transient.json", Array(state.text.utf8))) }
    if let summary { files.append(("metrics/summary.json", Array(summary.text.utf8))) }
    for (path, bytes) in raw {
      files.removeAll { $0.path == path }
      if let bytes { files.append((path, bytes)) }
    }
    return SessionFiles(files)
  }

  func record() throws -> SessionRecord { try SessionRecord(files: files()) }

  func judge(_ check: String) throws -> Verdict {
    guard let check = Checks.named(check) else { throw NoSuchCheck(name: check) }
    return check.judge(try record())
  }

  private static func ordered(_ lines: [(at: Double, line: JSON)]) -> [JSON] {
    lines.indices.sorted { (lines[$0].at, $0) < (lines[$1].at, $1) }.map { lines[$0].line }
  }

  private static func lines(_ lines: [JSON]) -> [UInt8] {
    lines.flatMap { Array($0.text.utf8) + [0x0A] }
  }
}

struct NoSuchCheck: Error { var name: String }

extension JSON: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self = .string(value) }
}
