import Basics
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
        ("quotes_ms", .int(10_000)),
        ("per_symbol_quote_max", "60"), ("total_quote_max", "100"),
      ])
    ),
  ]
  var events: [(at: Double, line: JSON)] = []
  var venue: [(at: Double, line: JSON)] = []
  var config: [(key: String, value: JSON)] = [
    ("GLOBAL_TRADING", "True"), ("EXCHANGE_TIMEOUT_S", "8"), ("RECONCILE_AFTER_S", "3"),
    ("STATE_PERSIST_INTERVAL_S", "10"), ("MD_POLL_MS", "2500"), ("EXIT_RETRY_S", "5"), ("ROUTER_MAX_RETRIES", "3"),
    ("SYMBOL_COOLDOWN_AFTER_FAILED_ORDER_S", "60"), ("ORDER_TTL_S", "30"), ("MAX_PER_SYMBOL_USD", "1000000"),
  ]
  /// Whether the log has its last line, SHUTDOWN_COMPLETE; it is written where the log has any.
  var endsLog = true
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

  /// Polls of these symbols every 2.5 s, answered 0.2 s later with quotes of that moment.
  mutating func poll(_ symbols: [String] = ["AIX/USDT"], from: Double = 0, until: Double = 100) {
    for at in stride(from: from, to: until, by: 2.5) { poll(symbols, at: at) }
  }

  /// One poll; `quoted` is the quotes' own time, and an outcome other than `ok` brings none.
  mutating func poll(
    _ symbols: [String] = ["AIX/USDT"], at: Double, took: Double = 0.2, quoted: Double? = nil, outcome: String = "ok"
  ) {
    let id = 1000 + venue.count
    let list = JSON.array(symbols.map { .string($0) })
    tell(at, "request", [("id", .int(id)), ("call", "fetch_tickers"), ("symbols", list)])
    let quotes = JSON.array([.object([("at", .string(Self.time(quoted ?? at))), ("symbols", list)])])
    tell(
      at + took, "reply",
      [("id", .int(id)), ("call", "fetch_tickers"), ("outcome", .string(outcome))]
        + (outcome == "ok" ? [("quotes", quotes)] : []))
  }

  /// The venue's last line, which counts the polls so far.
  mutating func summarize() {
    let polls = venue.count { $0.line["kind"]?.string == "request" && $0.line["call"]?.string == "fetch_tickers" }
    tell(102, "summary", [("requests", .object([("fetch_tickers", .int(polls))]))])
  }

  func files() -> SessionFiles {
    var events = events
    let isEnded = events.contains { $0.line["event_type"]?.string == "SHUTDOWN_COMPLETE" }
    if endsLog, !events.isEmpty, !isEnded {
      let last: [(key: String, value: JSON)] = [
        ("timestamp", .string(Self.time(101))), ("level", "INFO"), ("event_type", "SHUTDOWN_COMPLETE"),
      ]
      events.append((200, .object(last)))
    }
    let sorted = Self.ordered(events)
    var files: [(path: String, bytes: [UInt8])] = [
      ("run.json", Array(JSON.object(run).text.utf8)), (Self.eventsPath, Self.lines(sorted)),
      ("logs/jsonl/orders.jsonl", Self.lines(sorted.filter { $0["event_type"]?.string?.hasPrefix("ORDER_") == true })),
      ("logs/exchange.jsonl", Self.lines(Self.ordered(venue))),
      ("config.json", Array(JSON.object(config).text.utf8)),
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
    guard let check = Check.named(check) else { throw NoSuchCheck(name: check) }
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
