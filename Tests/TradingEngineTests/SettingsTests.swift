import Basics
import ChaosRuntime
import Synchronization
import TestSupport
import Testing
import Trading

@testable import TradingEngine

/// Counts the writes of the state file.
final class WriteCounter: Interposer {
  let count = Atomic<Int>(0)

  func atDisk(_ operation: DiskOperation, path: String, final: String) throws(Stopped) -> DiskError? {
    if operation == .write, final == StateDocument.path { count.add(1, ordering: .relaxed) }
    return nil
  }
}

/// A setting, another value for it, and a session in which the difference shows.
struct Variation: Sendable, CustomTestStringConvertible {
  var name: String
  var value: String
  var symbols = ["AIX"]
  var common: [(String, String)] = []
  var duration = Duration.seconds(60)
  var formatDelay = Duration.zero
  var balanceDelay = Duration.milliseconds(250)
  var habits = ScriptedVenue.Habits()
  var script: @Sendable (ScriptedVenue.Attempt) -> ScriptedVenue.Script = { _ in .fill(parts: 1, gap: .zero) }

  var testDescription: String { "\(name) = \(value)" }

  /// Everything that a session with these settings shows.
  func fingerprint(_ settings: [(String, String)]) throws -> String {
    var parts = EngineParts()
    if formatDelay > .zero {
      let delay = formatDelay
      let inner = parts.formatter
      parts.formatter = { HangingFormatter($0, inner($0), for: delay, when: { _, call in call % 9 == 0 }) }
    }
    let counter = WriteCounter()
    let run = try EngineRun(
      for: duration, symbols: symbols, settings: settings, parts: parts, script: script,
      balanceDelay: balanceDelay, habits: habits, interposer: { _ in counter })
    return "\(try Self.behaviour(run.events))\n\(run.placed)\(counter.count.load(ordering: .relaxed))"
  }

  /// Fields in which an event repeats a setting: a knob that changes nothing else has no effect.
  static let echoes = [
    "BUDGET_REFRESH_TIMEOUT": ["timeout_s"], "MD_POLL_OVERRUN": ["poll_interval_s", "overrun_s"],
    "COOLDOWN_SET": ["until"],
  ]

  private static func behaviour(_ events: [JSON]) throws -> String {
    events.map { event in
      let echoed = echoes[event["event_type"]?.string ?? ""] ?? []
      let kept = (event.members ?? []).filter { !echoed.contains($0.key) && $0.key != "message" }
      return JSON.object(kept).text
    }.joined(separator: "\n")
  }
}

@Suite struct SettingsTests {
  static let three = ["AIX", "BLESS", "COAI"]

  static let variations: [Variation] = [
    Variation(name: "GLOBAL_TRADING", value: "False"),
    Variation(name: "DROP_TRIGGER_VALUE", value: "0.97"),
    Variation(name: "DROP_TRIGGER_LOOKBACK_S", value: "1"),
    Variation(name: "POSITION_SIZE_USDT", value: "30"),
    Variation(name: "MIN_ORDER_VALUE", value: "25"),
    Variation(name: "MAX_SLIPPAGE_BPS_ENTRY", value: "1"),
    Variation(name: "MAX_SPREAD_BPS_ENTRY", value: "1"),
    Variation(name: "MAX_PER_SYMBOL_USD", value: "20"),
    Variation(name: "MAX_CONCURRENT_POSITIONS", value: "1", symbols: three),
    Variation(name: "MAX_PENDING_BUY_INTENTS", value: "1", symbols: three),
    Variation(
      name: "SYMBOL_COOLDOWN_AFTER_FAILED_ORDER_S", value: "5", script: { _ in .refuse() }),
    Variation(name: "TP", value: "1.05"),
    Variation(name: "SL", value: "0.998"),
    Variation(name: "MAX_HOLD_S", value: "5"),
    Variation(
      name: "EXIT_RETRY_S", value: "1",
      script: {
        $0.request.side == .buy ? .fill(parts: 1, gap: .zero) : .refuse()
      }),
    Variation(
      name: "INTENT_STALE_THRESHOLD_S", value: "20", symbols: ["AIX", "BLESS"], common: [("EXCHANGE_TIMEOUT_S", "600")],
      duration: .seconds(50), script: { _ in .hang(.seconds(500)) }),
    Variation(name: "ORDER_TTL_S", value: "5", script: { _ in .rest }),
    Variation(name: "RECONCILE_AFTER_S", value: "1", script: { _ in .fillSilently }),
    Variation(name: "ROUTER_MAX_RETRIES", value: "1", script: { _ in .refuse(ScriptedVenue.busy) }),
    Variation(name: "ROUTER_BACKOFF_MS", value: "100", script: { _ in .refuse(ScriptedVenue.busy) }),
    Variation(name: "ROUTER_SLIPPAGE_BPS", value: "10"),
    Variation(name: "ROUTER_TIF", value: "IOC"),
    Variation(name: "FOREIGN_ORDERS", value: "cancel", habits: ForeignOrderTests.habits),
    Variation(name: "EXCHANGE_TIMEOUT_S", value: "2", script: { _ in .hang(.seconds(25)) }),
    Variation(name: "MD_POLL_MS", value: "1000"),
    Variation(name: "ENGINE_CYCLE_MS", value: "700"),
    Variation(name: "TRACE_SAMPLE_RATE", value: "1"),
    Variation(name: "FIRST_FILL_REPORT", value: "True"),
    Variation(name: "STATE_PERSIST_INTERVAL_S", value: "1"),
    Variation(name: "BUDGET_REFRESH_INTERVAL_S", value: "20"),
    Variation(name: "BUDGET_REFRESH_TIMEOUT_S", value: "2", balanceDelay: .seconds(8)),
    Variation(name: "HEARTBEAT_INTERVAL_S", value: "2"),
    Variation(name: "LOG_QUEUE_MAX", value: "1", symbols: three),
    Variation(name: "FORMATTER_TIMEOUT_MS", value: "300", formatDelay: .milliseconds(200)),
    Variation(
      name: "SHUTDOWN_TIMEOUT_S", value: "3", common: [("EXCHANGE_TIMEOUT_S", "600")], duration: .seconds(15),
      script: { _ in .hang(.seconds(500)) }),
  ]

  @Test(arguments: variations) func `Every setting makes a difference`(_ variation: Variation) throws {
    let before = try variation.fingerprint(variation.common)
    #expect(try variation.fingerprint(variation.common) == before, "the same settings give the same session")
    let after = try variation.fingerprint(variation.common + [(variation.name, variation.value)])
    #expect(before != after)
  }

  @Test func `Every setting is varied`() {
    #expect(Set(Self.variations.map(\.name)) == Set(EngineSettings.names))
    #expect(Set(EngineSettings.names).count == EngineSettings.names.count)
  }

  @Test func `The defaults are the historical ones`() {
    let values = EngineSettings().values
    for (name, value) in [
      ("MAX_SLIPPAGE_BPS_ENTRY", "30"), ("MAX_SPREAD_BPS_ENTRY", "50"), ("MAX_PER_SYMBOL_USD", "60"),
      ("ROUTER_BACKOFF_MS", "400"), ("ROUTER_TIF", "GTC"), ("SL", "0.99"), ("TRACE_SAMPLE_RATE", "0.1"),
      ("MD_POLL_MS", "2500"), ("GLOBAL_TRADING", "True"),
    ] {
      #expect(values.first { $0.name == name }?.value == value)
    }
    #expect(EngineSettings().contradictions.isEmpty)
  }

  @Test func `Every text reads back`() throws {
    let settings = EngineSettings()
    var copy = EngineSettings()
    for (name, value) in settings.values { try copy.set(name, value) }
    #expect(copy == settings)
  }

  @Test func `Wrong texts are named`() {
    var settings = EngineSettings()
    #expect(throws: SettingError.unknownName("MAX_SPREAD")) { try settings.set("MAX_SPREAD", "1") }
    #expect(throws: SettingError.wrongType(name: "TP", text: "high", expected: "a number")) {
      try settings.set("TP", "high")
    }
    #expect(throws: SettingError.outOfRange(name: "SL", text: "1.2", range: "0.01 to 0.9999")) {
      try settings.set("SL", "1.2")
    }
    #expect(throws: SettingError.wrongType(name: "GLOBAL_TRADING", text: "yes", expected: "True or False")) {
      try settings.set("GLOBAL_TRADING", "yes")
    }
    #expect(throws: SettingError.outOfRange(name: "ROUTER_TIF", text: "DAY", range: "GTC, IOC, FOK")) {
      try settings.set("ROUTER_TIF", "DAY")
    }
    #expect(settings == EngineSettings())
  }

  @Test func `Contradictions are told`() throws {
    var settings = EngineSettings()
    try settings.set("POSITION_SIZE_USDT", "100")
    try settings.set("MIN_ORDER_VALUE", "200")
    try settings.set("ROUTER_SLIPPAGE_BPS", "31")
    try settings.set("ORDER_TTL_S", "61")
    try settings.set("BUDGET_REFRESH_TIMEOUT_S", "62")
    #expect(settings.contradictions.count == 5)
  }

  /// A live session accuses by these limits: an activity that is not among them has the runtime's 60 s.
  @Test func `Every activity of the engine has a limit by the settings in force`() throws {
    let names = Files.tree("\(Folder.root)/Sources/TradingEngine").flatMap { file in
      ["activity(\"", "timed(\""].flatMap { call in
        String(decoding: file.bytes, as: UTF8.self).split(separator: call).dropFirst().map {
          String($0.prefix { $0 != "\"" })
        }
      }
    }
    #expect(names.count >= 14)
    var settings = EngineSettings()
    #expect(Set(names).subtracting(settings.stuckLimits.map(\.activity)) == [])
    func limit(_ activity: String) -> Duration? { settings.stuckLimits.first { $0.activity == activity }?.limit }
    #expect(limit("budget.refresh") == .seconds(7))
    try settings.set("EXCHANGE_TIMEOUT_S", "60")
    #expect(limit("exchange.place_order") == .seconds(72))
    #expect(limit("state.write") == .seconds(10))
  }
}
