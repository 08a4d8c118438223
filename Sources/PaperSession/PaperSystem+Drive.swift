public import Basics
public import ChaosRuntime
public import Exploration
import FakeExchange
import FaultInjection
import Monitoring
import Synchronization
import Trading
import TradingEngine

/// What one session owns while it runs and leaves behind.
public final class PaperSessionState: Sendable {
  struct State {
    var front: ExchangeFront?
    var venue: (any SessionVenue)?
    /// What the venue said at the end.
    var venueEnd: SessionVenueEnd?
    var injector: FaultInjector?
    var engine: Engine?
    var phases: [(name: String, start: Instant, end: Instant)] = []
    var interruption: SessionInterruption?
    var shutdownRequested: Instant?
    /// Whether the main loop had ended before anybody asked for the engine's end.
    var hasLostMainLoop = false
    var shutdownCompleted: Instant?
    var report: ShutdownReport?
  }

  let request: RunRequest
  let scenario: Scenario
  let settings: EngineSettings
  let state = Mutex(State())

  init(request: RunRequest, scenario: Scenario, settings: EngineSettings) {
    self.request = request
    self.scenario = scenario
    self.settings = settings
  }
}

extension PaperSystem {
  /// Path of the event log; the stamp is the simulated epoch's, so that two runs write the same names.
  static let eventsPath = "logs/events_session.jsonl"

  /// What the session will own; its scenario is drawn from the request's scenario seed.
  public func makeSession(_ request: RunRequest) -> PaperSessionState {
    let scenario = scenario(seed: request.scenarioSeed)
    // The settings were checked when the system was made.
    let settings: EngineSettings
    do throws(PaperError) { settings = try self.settings(for: scenario) } catch { settings = EngineSettings() }
    return PaperSessionState(request: request, scenario: scenario, settings: settings)
  }

  /// When each activity of the engine is stuck, by the settings in force.
  public func stuckLimits(_ request: RunRequest) -> [(activity: String, limit: Duration)] {
    makeSession(request).settings.stuckLimits
  }

  /// Puts venue, injector and engine together, passes the phases of the scenario, and shuts the engine down.
  public func drive(_ session: PaperSessionState, in runtime: Runtime) throws(Stopped) {
    let catalogue = SiteCatalogue(PaperSites.definitions)
    let injector = makeInjector(runtime, catalogue)
    let start = runtime.now
    let client = try makeClient(session, runtime, catalogue, injector, start)
    let engine = Engine(
      runtime: runtime, client: client, symbols: session.scenario.symbols, settings: session.settings,
      parts: parts(formatterSite: catalogue.required(PaperSites.format), injector: injector), metrics: Metrics(),
      logFile: Self.eventsPath)
    session.state.withLock {
      $0.injector = injector
      $0.engine = engine
    }
    let keeper = try live.map { live throws(Stopped) in
      let keeper = SessionKeeper(self, session, live, runtime)
      return (keeper: keeper, thread: try keeper.start())
    }
    let running = try services.map { service throws(Stopped) in try service.start(engine) }
    noteSeeds(session.request, runtime)
    try engine.start()
    try pass(session, engine, injector, in: runtime, since: start)
    for service in running { try service.engineWillEnd() }
    let requested = runtime.now
    session.state.withLock { $0.shutdownRequested = requested }
    let second = scene?.endsTwice == true ? try askBesides(session, engine, runtime) : nil
    let report = try engine.shutdown()
    if let second { _ = try second.join(timeout: session.settings.shutdownTimeout) }
    let completed = runtime.now
    try injector.disarm()
    venue?.heal()
    try venue?.disconnect()
    for service in running { try service.finish() }
    session.state.withLock {
      $0.report = report
      $0.shutdownCompleted = completed
      if let last = $0.phases.indices.last { $0.phases[last].end = completed }
    }
    if let keeper { try keeper.keeper.finish(keeper.thread) }
  }

  /// The phases up to the engine's end; faults are off when they are over, also when somebody interrupts them.
  private func pass(
    _ session: PaperSessionState, _ engine: Engine, _ injector: FaultInjector, in runtime: Runtime,
    since start: Instant
  ) throws(Stopped) {
    let phases = phases(session.scenario)
    /// Ends early when the engine's main loop is gone: then the rest of the session is its shutdown.
    func pass(until offset: Duration) throws(Stopped) {
      let end = start + offset
      while runtime.now < end, !interrupt(session, runtime) {
        let rest = end - runtime.now
        let step = live == nil ? rest : min(rest, Self.interruptionInterval)
        if rest <= .zero { return }
        if scene?.isUnattended == true {
          try runtime.sleep(step)
        } else if try engine.waitForMainLoop(timeout: step) {
          session.state.withLock { $0.hasLostMainLoop = true }
          return
        } else if live == nil {
          return
        }
      }
    }
    enter("baseline", session, runtime)
    try pass(until: phases.chaosStart)
    let notes = faults.map { runtime.notes.add("armed fault \($0.id)") }
    if !interrupt(session, runtime) {
      enter("chaos", session, runtime)
      if isFaultArmed {
        injector.arm()
        venue?.arm()
        for note in notes { runtime.notes.set(note, to: 1) }
      }
      try pass(until: phases.healStart)
    }
    guard phases.isHealed else {
      runtime.heal()
      return
    }
    enter("heal", session, runtime)
    try injector.disarm()
    venue?.heal()
    for note in notes { runtime.notes.set(note, to: 0) }
    runtime.heal()
    try pass(until: phases.settleStart)
    if interrupt(session, runtime) { return }
    enter("settle", session, runtime)
    try pass(until: phases.end)
  }

  /// Another thread that asks for the end; which of the two is first the seed decides.
  private func askBesides(
    _ session: PaperSessionState, _ engine: Engine, _ runtime: Runtime
  ) throws(Stopped) -> ThreadHandle {
    let other = try runtime.spawn("second-ender") { () throws(Stopped) in _ = try engine.shutdown() }
    if session.request.scenarioSeed % 2 == 1 { try runtime.sleep(.milliseconds(5)) }
    return other
  }

  /// How soon an interruption is noticed.
  private static let interruptionInterval = Duration.milliseconds(100)

  /// Whether somebody wants the session to end; notes when that was first seen.
  private func interrupt(_ session: PaperSessionState, _ runtime: Runtime) -> Bool {
    guard let signal = live?.interruption() else { return false }
    let now = runtime.now
    session.state.withLock { state in
      if state.interruption == nil { state.interruption = SessionInterruption(signal: signal, time: now) }
    }
    return true
  }

  /// The client of the engine: of the exchange in memory, or of the venue that the session was given.
  private func makeClient(
    _ session: PaperSessionState, _ runtime: Runtime, _ catalogue: SiteCatalogue, _ injector: FaultInjector,
    _ start: Instant
  ) throws(Stopped) -> any ExchangeClient {
    if let venue {
      let stage = SessionStage(
        scenario: session.scenario, isRough: !inputs.hasProofScenario,
        feeMode: session.scenario.feeMode == .quote ? nil : session.scenario.feeMode)
      let client = try venue.begin(stage, venueFaults(venue), in: runtime)
      session.state.withLock { $0.venue = venue }
      return client
    }
    let front = ExchangeFront(
      runtime: runtime, venue: makeVenue(session, start: start),
      faults: faults.isEmpty
        ? nil : SiteFaults(catalogue: catalogue, injector: injector, profile: sessionSettings.profile),
      latency: market?.venue.latency ?? ExchangeLatency())
    front.provideStates(to: catalogue)
    session.state.withLock { $0.front = front }
    return front
  }

  private func makeInjector(_ runtime: Runtime, _ catalogue: SiteCatalogue) -> FaultInjector {
    do throws(InjectionError) {
      let injector = try FaultInjector(runtime: runtime, catalogue: catalogue, faults: faults)
      if injector.needsInterposer { runtime.install(injector) }
      return injector
    } catch {
      fatalError("faults were checked before and are wrong now: \(error)")
    }
  }

  private func makeVenue(_ session: PaperSessionState, start: Instant) -> Venue {
    var profile = sessionSettings.profile
    if session.scenario.feeMode != .quote { profile.feeMode = session.scenario.feeMode }
    var depth = depth
    if let notional = session.scenario.depthNotional { depth.notional = notional }
    do throws(VenueSetupError) {
      return try Venue(
        profile: profile, source: source(session.scenario, start: start),
        accounts: [("engine", session.scenario.startingBalances)], depth: depth)
    } catch {
      fatalError("scenario \(session.scenario.name) makes no venue: \(error)")
    }
  }

  private func noteSeeds(_ request: RunRequest, _ runtime: Runtime) {
    let note = runtime.notes.add("scenario seed, schedule seed", isText: true)
    runtime.notes.set(note, to: "\(request.scenarioSeed), \(request.scheduleSeed)")
  }

  private func enter(_ name: String, _ session: PaperSessionState, _ runtime: Runtime) {
    let now = runtime.now
    runtime.notes.set(runtime.notes.add("phase", isText: true), to: name)
    session.state.withLock { state in
      if let last = state.phases.indices.last { state.phases[last].end = now }
      state.phases.append((name, now, now))
    }
  }
}
