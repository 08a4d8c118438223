import Basics
import ChaosRuntime
import Checks
import Exploration
import FakeExchange
import Foundation
import PaperSession
import Synchronization
import TestSupport
import Testing
import Trading
import TradingEngine

/// A session in which exactly one thing was made wrong, and what the doctor says of it.
struct Illness: Sendable, CustomTestStringConvertible {
  var entry: String
  /// Another entry that the same cause shows up under.
  var alsoUnder: String?
  var cause: String
  /// One-line faults; nil: the everyday mix.
  var faults: [String]?
  var settings: [(String, String)] = []
  var revision: String?
  var market: String?
  var prepare: @Sendable (inout PaperSystem) -> Void = { _ in }
  /// Text that a line of evidence has to have.
  var line: String

  var testDescription: String { "\(entry): \(cause)" }

  func record() throws -> SessionRecord {
    let sources = try faults?.map { PaperInputs.FaultSource.oneLine($0) } ?? [Sessions.source("everyday")]
    var system = try PaperSystem(
      PaperInputs(
        kind: .paper, revisions: revision.map { [.init(bug: $0, revision: "original")] } ?? [], faults: sources,
        settings: settings.map { .init(name: $0.0, value: $0.1) }, market: market))
    system.judgedBy = []
    prepare(&system)
    return try Sessions.record(Executor().run(system, PaperSystem.paperRequest(seed: 1), epoch: system.epoch))
  }
}

@Suite struct DiagnosisTests {
  static let noFills = "No ORDER_FILLED events"
  static let stale = "Excessive stale intents"
  static let silent = "Orders failing silently"

  static let illnesses: [Illness] =
    entries + intents + failures + [
      metrics(
        "Prometheus metrics not exposed", "port-in-use",
        [(.kind, "prometheus"), (.address, "127.0.0.1:8000"), (.reason, "address already in use")]),
      metrics(
        "Prometheus metrics not exposed", "address-unusable",
        [(.kind, "prometheus"), (.address, "192.0.2.1:80"), (.reason, "cannot assign requested address")]),
      metrics(
        "StatsD metrics not received", "server-unreachable",
        [(.kind, "statsd"), (.address, "localhost:8125"), (.reason, "connection refused")]),
      metrics(
        "JSON export missing", "directory-not-writable",
        [(.path, "metrics/summary.json"), (.reason, "read-only file system")]),
      metrics("JSON export missing", "disk-full", [(.path, "metrics/summary.json"), (.reason, "no space left")]),
    ]

  private static let entries: [Illness] = [
    Illness(
      entry: noFills, cause: "trading-off", settings: [("GLOBAL_TRADING", "False")],
      line: #""GLOBAL_TRADING": "False""#),
    Illness(entry: noFills, cause: "spread-guard", settings: [("MAX_SPREAD_BPS_ENTRY", "1")], line: "guard=spread"),
    Illness(
      entry: noFills, cause: "slippage-guard",
      settings: [("MAX_SLIPPAGE_BPS_ENTRY", "0"), ("ROUTER_SLIPPAGE_BPS", "0")],
      market: InputTests.sampleMarket, line: "guard=slippage"),
    Illness(
      entry: noFills, cause: "thin-book", faults: [], settings: [("ROUTER_TIF", "FOK")],
      prepare: { $0.depth.notional = .one }, line: "event type=EXPIRED"),
    Illness(
      entry: noFills, cause: "connectivity", faults: ["exchange.place_order=return(lost)"],
      settings: [("MAX_CONCURRENT_POSITIONS", "100")], line: "ORDER_OUTCOME_UNKNOWN"),
    Illness(
      entry: noFills, cause: "connectivity", faults: ["exchange.market_rules=return(503)"], line: "MARKET_RULES_FAILED"),
    Illness(
      entry: noFills, cause: "connectivity", faults: ["exchange.fetch_tickers=return(timeout)"], line: "MD_POLL_FAILED"),
    Illness(entry: noFills, cause: "refused", faults: ["exchange.place_order=return(30004)"], line: "code=30004"),
    Illness(
      entry: noFills, cause: "balances-unknown", faults: ["exchange.fetch_balance=return(timeout)"],
      // After the end of the fault there is no drop that deep any more.
      settings: [("DROP_TRIGGER_VALUE", "0.96")],
      line: "call=fetch_balance outcome=unknown"),
    Illness(
      entry: noFills, cause: "no-signal", settings: [("DROP_TRIGGER_VALUE", "0.5")],
      line: #""DROP_TRIGGER_VALUE": "0.5""#),
    Illness(
      entry: noFills, cause: "budget-guard",
      settings: [("POSITION_SIZE_USDT", "600"), ("MAX_PER_SYMBOL_USD", "600")], line: "guard=budget"),
  ]

  private static let intents: [Illness] = [
    Illness(
      entry: stale, cause: "order-failed-not-subscribed", faults: ["exchange.place_order@every(3)=return(30004)"],
      prepare: { $0.replaceParts { $0.intents = { DeafBook($0, hearsFills: true) } } }, line: "ORDER_FAILED"),
    Illness(
      entry: stale, cause: "clear-not-called", faults: [],
      prepare: { $0.replaceParts { $0.intents = { DeafBook($0, hearsFills: false) } } }, line: "ORDER_FILLED"),
    Illness(
      entry: stale, cause: "cron-starved", faults: ["exchange.place_order@every(3)=return(lost)"],
      prepare: { $0.replaceParts { $0.reconciler = { _ in StarvedReconciler() } } }, line: "INTENT_PENDING"),
    Illness(
      entry: stale, cause: "connectivity",
      faults: ["exchange.place_order@every(3)=return(lost)", "exchange.query_order=return(timeout)"],
      line: "call=query_order outcome=unknown"),
  ]

  private static let failures: [Illness] = [
    Illness(entry: silent, cause: "router-silent", revision: "9.1", line: #""orders_failed": 0"#),
    Illness(
      entry: silent, cause: "level-hides-error",
      prepare: {
        $0.replaceParts {
          $0.log = {
            FilteredLog($0) { record in
              var record = record
              if record.level == .error { record.level = .info }
              return record
            }
          }
        }
      }, line: "ORDER_FAILED"),
    Illness(
      entry: silent, cause: "sampling-hides-error",
      prepare: {
        $0.replaceParts {
          $0.log = { context in
            let seen = Atomic<Int>(0)
            return FilteredLog(context) { record in
              guard record.level == .error else { return record }
              return seen.add(1, ordering: .relaxed).newValue % 3 == 0 ? record : nil
            }
          }
        }
      }, line: "TRACE_SAMPLE_RATE"),
    // Room for four records, and a disk that takes half a second for each append.
    Illness(
      entry: stale, alsoUnder: silent, cause: "log-queue-full",
      faults: ["exchange.place_order@every(3)=return(30004)", "disk.append=sleep(500ms)"],
      settings: [("LOG_QUEUE_MAX", "4")], line: "LOG_RECORDS_DROPPED"),
  ]

  /// What the metrics' endpoints and exports say of themselves, by the engine's log.
  private static func metrics(_ entry: String, _ cause: String, _ fields: [(FieldName, String)]) -> Illness {
    Illness(
      entry: entry, cause: cause,
      prepare: {
        $0.replaceParts {
          $0.heartbeat = {
            SpeakingHeartbeat(
              $0, says: fields.count == 3 ? .metricsEndpointFailed : .metricsExportFailed,
              fields.map { LogField($0.0, $0.1) })
          }
        }
      }, line: "reason=\(fields.last?.1 ?? "")")
  }

  @Test(arguments: illnesses) func `Each cause is named and no other`(_ illness: Illness) throws {
    let record = try illness.record()
    let diagnosis = Diagnosis(record)
    #expect(diagnosis.entries.map(\.name) == [illness.entry] + (illness.alsoUnder.map { [$0] } ?? []))
    for entry in diagnosis.entries {
      #expect(entry.causes.map(\.id) == [illness.cause], "\(entry)")
      #expect(entry.causes.first?.evidence.contains { $0.text.contains(illness.line) } == true, "\(entry)")
      for evidence in entry.causes.flatMap(\.evidence) { try expectToStand(evidence, in: record) }
    }
  }

  /// The line that evidence points at has the first word of it.
  private func expectToStand(_ evidence: Diagnosis.Evidence, in record: SessionRecord) throws {
    let parts = evidence.place.split(separator: ":")
    let number = try #require(Int(String(parts.last ?? "")))
    let words = evidence.text.split(separator: " ").map(String.init)
    switch parts.first {
    case "logs/exchange.jsonl":
      let line = try #require(record.venue.first { $0.line == number })
      #expect(line.kind == words.first)
    case record.eventsPath[...]:
      let event = try #require(record.events.first { $0.line == number })
      #expect(words.prefix(2).contains(event.typeName))
    default: #expect(evidence.text.hasPrefix("\""), "\(evidence.place) is a JSON file's member")
    }
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>) func `A healthy session gets no hint`(seed: UInt64) throws {
    for faults in [nil, []] as [[PaperInputs.FaultSource]?] {
      let run = Executor().run(try Sessions.paper(faults), PaperSystem.paperRequest(seed: seed))
      #expect(Diagnosis(try Sessions.record(run)).entries == [])
    }
  }

  @Test func `The fixed engine under a bugs fault gets no hint`() throws {
    for bug in Sessions.bugIds {
      let run = Executor().run(try Sessions.arm(bug, original: false, armed: true), Sessions.explored(1))
      // Where the fault is that the venue refuses nearly all, that is no hint at the engine.
      let entries = Diagnosis(try Sessions.record(run)).entries.filter { $0.causes.map(\.id) != ["refused"] }
      #expect(entries.map(\.name) == [], "\(bug): \(entries)")
    }
  }

  /// Both causes of 9.2 are told, the missing subscription first: it left more intents behind than the sweep missed.
  @Test func `The original of 92 has its two causes in order`() throws {
    let faults = try ["some-orders-refused", "slow-budget-refresh"].map(Sessions.source)
    let run = Executor().run(try Sessions.paper(faults, original: "9.2"), PaperSystem.paperRequest(seed: 3))
    let entries = Diagnosis(try Sessions.record(run)).entries
    #expect(entries.map(\.name) == [Self.stale])
    #expect(entries.first?.causes.map(\.id) == ["order-failed-not-subscribed", "cron-starved"])
    let weights = entries.first?.causes.map(\.weight) ?? []
    #expect(weights == weights.sorted(by: >))
  }

  /// What a session had no time for accuses nobody.
  @Test func `A session that a deadlock ended has that cause alone`() throws {
    let run = Executor().run(
      try Sessions.paper([Sessions.source("deadlock")], original: "C-PORT-02"), PaperSystem.paperRequest(seed: 1))
    try #require(!run.incidents.isEmpty)
    let entries = Diagnosis(try Sessions.record(run)).entries
    #expect(entries.contains { $0.name == "JSON export missing" })
    for entry in entries {
      #expect(entry.causes.map(\.id) == ["cut-short"], "\(entry)")
      #expect(entry.causes.first?.evidence.first?.place.hasPrefix("run.json:") == true, "\(entry)")
    }
  }

  @Test func `The entries are the guides`() {
    #expect(
      Diagnosis.names == [
        Self.noFills, Self.stale, Self.silent, "Prometheus metrics not exposed", "StatsD metrics not received",
        "JSON export missing",
      ])
  }

  /// A next step names only files and settings that there are.
  @Test func `Next steps name what exists`() throws {
    for file in Folder.names(Folder.root + "/Sources/Checks/Diagnosis") {
      let bytes = try FileDisk.contents(of: "\(Folder.root)/Sources/Checks/Diagnosis/\(file)").get()
      for word in String(decoding: bytes, as: UTF8.self).split(whereSeparator: { " \"(),:;'\n=".contains($0) }) {
        if word.hasPrefix("Sources/") {
          #expect(FileManager.default.fileExists(atPath: "\(Folder.root)/\(word)"), "\(file): \(word)")
        }
        for ending in ["_BPS_ENTRY", "_RATE", "_USDT", "_TRADING", "_TIF", "_MAX", "_THRESHOLD_S", "_TIMEOUT_S"]
        where word.hasSuffix(ending) && word.allSatisfy({ $0.isUppercase || $0 == "_" }) {
          #expect(EngineSettings.names.contains(String(word)), "\(file): \(word)")
        }
      }
    }
  }
}
