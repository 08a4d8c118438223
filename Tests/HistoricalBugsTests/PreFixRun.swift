import Basics
import ChaosRuntime
import HistoricalBugs
import Monitoring
import Synchronization
import TestSupport
import Testing
import Trading
import TradingEngine

/// A disk that stalls each write of the state file for 250 ms.
final class StallingDisk: Interposer {
  private let runtime: Runtime

  init(_ runtime: Runtime) { self.runtime = runtime }

  func atDisk(_ operation: DiskOperation, path: String, final: String) throws(Stopped) -> DiskError? {
    if operation == .write, final == StateDocument.path { try runtime.sleep(.milliseconds(250)) }
    return nil
  }
}

extension ScriptedVenue.Habits {
  /// Of a venue that tells neither acceptance nor fees and keeps no orders: what a part does not hear, it cannot ask for.
  static func terse(_ symbols: [Symbol]) -> Self {
    var habits = Self()
    habits.symbols = symbols
    habits.orderDelay = .milliseconds(250)
    habits.quoteDelay = .milliseconds(90)
    habits.lookupDelay = nil
    habits.tellsAcceptance = false
    habits.tellsFees = false
    habits.free = Decimal(10_000)
    habits.events = ("user events", 1024)
    return habits
  }
}

/// One simulated session of the engine with one revision of a bug on a scripted venue, and what it left behind.
struct PreFixRun {
  var events: [JSON] = []
  var placed: [ScriptedVenue.Attempt] = []
  var balanceCalls: [Duration] = []
  var incidents: [Incident] = []
  var landmarks: [String] = []
  var pendingInFile = 0
  var summary: MetricsSummary?

  init(
    _ id: String, _ revision: String, for duration: Duration, symbols count: Int = 1,
    settings: [(name: String, value: String)] = [], stalls: Bool = false, seed: UInt64 = 1,
    script: @escaping @Sendable (ScriptedVenue.Attempt) -> ScriptedVenue.Script = { _ in .fill(parts: 1, gap: .zero) },
    balance: @escaping @Sendable (Int) -> (takes: Duration, succeeds: Bool) = { _ in (.milliseconds(280), true) }
  ) throws {
    let bug = try #require(AllBugs.named(id))
    let chosen = try #require(bug.revision(revision))
    var values = EngineSettings()
    for (name, value) in [("SL", "0.5"), ("MAX_CONCURRENT_POSITIONS", "100")] + settings {
      try values.set(name, value)
    }
    let inForce = values
    let symbols = (0..<count).compactMap { Symbol(base: "S\($0)", quote: "USDT") }
    let disk = MemoryDisk()
    let left = Mutex<(venue: ScriptedVenue.State?, landmarks: [String], summary: MetricsSummary?)>((nil, [], nil))
    let result = Simulation(seed: seed).run(disk: disk) { runtime throws(Stopped) in
      if stalls { runtime.install(StallingDisk(runtime)) }
      let venue = ScriptedVenue(
        runtime, habits: .terse(symbols), price: Self.drop, script: script, balance: balance)
      var parts = EngineParts()
      chosen.replace(&parts)
      let metrics = Metrics()
      defer {
        let marks = runtime.landmarks.map(\.name)
        let summary = metrics.summary(at: runtime.now)
        left.withLock { $0 = (venue.state, marks, summary) }
      }
      let engine = Engine(
        runtime: runtime, client: venue, symbols: symbols, settings: inForce, parts: parts, metrics: metrics)
      try engine.start()
      try runtime.sleep(duration)
      try engine.shutdown()
    }
    incidents = result.incidents
    let kept = left.withLock { $0 }
    placed = kept.venue?.placed ?? []
    balanceCalls = kept.venue?.balanceCalls ?? []
    landmarks = kept.landmarks
    summary = kept.summary
    for file in disk.files {
      switch file.path {
      case "logs/events.jsonl": events = try file.bytes.split(separator: 0x0A).map { try JSON.parse(Array($0)) }
      case StateDocument.path:
        pendingInFile = try JSON.parse(file.bytes)["pending_buy_intents"]?.members?.count ?? 0
      default: continue
      }
    }
  }

  /// 10 for five seconds, then 9.75 for good.
  static func drop(_ symbol: Symbol, _ since: Duration) -> Decimal {
    ScriptedVenue.decimal(since < .seconds(5) ? "10" : "9.75")
  }

  /// The events of one type.
  func all(_ type: String) -> [JSON] { events.filter { $0["event_type"]?.string == type } }

  /// Texts of one field of the events of one type.
  func texts(_ type: String, _ field: String) -> [String] { all(type).compactMap { $0[field]?.string } }

  /// When the events of one type were logged, since the start.
  func times(_ type: String) -> [Duration] {
    texts(type, "timestamp").compactMap { Instant(iso8601: $0) }.map { $0 - .simulationEpoch }
  }

  var errorCount: Int { events.count { $0["level"]?.string == "ERROR" } }
}
