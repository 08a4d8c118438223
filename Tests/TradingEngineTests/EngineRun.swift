import Basics
import ChaosRuntime
import Monitoring
import Synchronization
import TestSupport
import Testing
import Trading

@testable import TradingEngine

/// One simulated session of the engine on a scripted venue, and what it left behind.
struct EngineRun {
  var events: [JSON] = []
  var stateFile: JSON?
  var summary: MetricsSummary?
  var report: ShutdownReport?
  var overview: StateOverview?
  var pending: [PendingIntent] = []
  var placed: [OrderRequest] = []
  var queries = 0
  var cancels: [String] = []
  var calls = (openOrders: 0, clock: 0, opened: 0, renewed: 0, rules: 0)
  var disk = MemoryDisk()
  var result: Simulation.Result?
  var logText = ""
  var landmarks: [(name: String, count: Int)] = []

  /// Runs the engine for `duration` and shuts it down.
  init(
    for duration: Duration = .seconds(60), symbols: [String] = ["AIX"], settings: [(String, String)] = [],
    parts: EngineParts = EngineParts(), schedule: Schedule<any Strategy> = .nominal, seed: UInt64 = 1,
    price: @escaping @Sendable (Symbol, Duration) -> Decimal = ScriptedVenue.drop,
    script: @escaping @Sendable (ScriptedVenue.Attempt) -> ScriptedVenue.Script = { _ in .fill(parts: 1, gap: .zero) },
    balanceDelay: Duration = .milliseconds(250), habits: ScriptedVenue.Habits = .init(),
    interposer: (@Sendable (Runtime) -> any Interposer)? = nil
  ) throws {
    var values = EngineSettings()
    for (name, value) in settings { try values.set(name, value) }
    let inForce = values
    let disk = disk
    let kept = Mutex(EngineRun.Kept())
    let marks = Mutex<[(name: String, count: Int)]>([])
    let result = Simulation(schedule: schedule, seed: seed).run(disk: disk) { runtime throws(Stopped) in
      if let interposer { runtime.install(interposer(runtime)) }
      let venue = ScriptedVenue(
        runtime, habits: habits, price: price, script: script, balance: { _ in (balanceDelay, true) })
      let metrics = Metrics()
      let engine = Engine(
        runtime: runtime, client: venue, symbols: symbols.map(ScriptedVenue.symbol), settings: inForce, parts: parts,
        metrics: metrics, logFile: "logs/events.jsonl")
      try engine.start()
      try runtime.sleep(duration)
      let overview = try engine.parts.state.overview()
      let pending = try engine.parts.intents.pending()
      let report = try engine.shutdown()
      let summary = metrics.summary(at: runtime.now)
      let passed = runtime.landmarks
      marks.withLock { $0 = passed }
      kept.withLock { $0 = Kept(overview, pending, report, summary, venue.state) }
    }
    self.result = result
    landmarks = marks.withLock { $0 }
    let left = kept.withLock { $0 }
    overview = left.overview
    pending = left.pending
    report = left.report
    summary = left.summary
    placed = left.venue?.placed.map(\.request) ?? []
    queries = left.venue?.queries ?? 0
    cancels = left.venue?.cancels ?? []
    calls = left.venue?.calls ?? calls
    let log = file("logs/events.jsonl") ?? []
    logText = String(decoding: log, as: UTF8.self)
    events = try log.split(separator: 0x0A).map { try JSON.parse(Array($0)) }
    stateFile = try file(StateDocument.path).map { try JSON.parse($0) }
  }

  private struct Kept {
    var overview: StateOverview?
    var pending: [PendingIntent] = []
    var report: ShutdownReport?
    var summary: MetricsSummary?
    var venue: ScriptedVenue.State?

    init() {}

    init(
      _ overview: StateOverview, _ pending: [PendingIntent], _ report: ShutdownReport, _ summary: MetricsSummary,
      _ venue: ScriptedVenue.State
    ) {
      self.overview = overview
      self.pending = pending
      self.report = report
      self.summary = summary
      self.venue = venue
    }
  }

  func file(_ path: String) -> [UInt8]? { disk.files.first { $0.path == path }?.bytes }

  /// The events of one type.
  func all(_ event: String) -> [JSON] { events.filter { $0["event_type"]?.string == event } }

  /// The event types that are in `types`, in the order they were logged.
  func order(of types: Set<String>) -> [String] {
    events.compactMap { $0["event_type"]?.string }.filter { types.contains($0) }
  }

  func sum(_ event: String, _ field: String) -> Decimal {
    all(event).reduce(.zero) { $0 + ($1[field]?.string.flatMap { Decimal($0) } ?? .zero) }
  }
}
