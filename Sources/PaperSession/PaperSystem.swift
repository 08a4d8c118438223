public import Basics
import ChaosRuntime
import Checks
public import Exploration
public import FakeExchange
public import FaultInjection
import HistoricalBugs
import Monitoring
import Trading
public import TradingEngine

/// Our engine on our exchange as a system under test.
public struct PaperSystem: SystemUnderTest {
  /// What was asked for; run.json keeps it, and a replay starts from it.
  public let inputs: PaperInputs
  /// The faults of the inputs, read and checked against the sites.
  public let faults: [Fault]
  /// False: the faults stay off, as in the arms without them.
  public var isFaultArmed = true
  let market: TickReplayer?
  let bug: HistoricalBug?
  let scene: PaperScene?
  let baseSettings: [(name: String, value: String)]
  /// What is traded on: venue and market data.
  public let sessionSettings: SessionSettings
  /// What the market maker offers; run.json does not keep it.
  public var depth = MarketDepth()
  /// Names of the checks that judge a session; nil: all of them. Whoever looks at many sessions for one thing need not pay for
  /// the rest.
  public var judgedBy: Set<String>?
  private var replaced: [@Sendable (inout EngineParts) -> Void]
  private(set) var services: [any SessionService] = []
  let isLive: Bool
  /// Of a live session that grows on the disk; nil: its files are written at its end.
  public var live: LiveSession?

  /// Where a live session trades in place of the exchange in memory; nil: there.
  public var venue: (any SessionVenue)?

  /// Whether the system was made for real threads.
  public var isLiveRun: Bool { isLive }

  /// Checks every input; nothing runs when one of them is wrong.
  ///
  /// - Throws: `PaperError` with the first input that is wrong.
  public init(_ inputs: PaperInputs, isLive: Bool = false) throws(PaperError) {
    self.inputs = inputs
    self.isLive = isLive
    faults = try Self.parse(inputs.faults)
    do throws(InjectionError) { try FaultInjector.validate(faults, against: PaperSites.definitions) } catch {
      throw .fault(error.description)
    }
    bug = try inputs.bug.map { id throws(PaperError) in try Self.bug(id) }
    scene = try inputs.scene.map { name throws(PaperError) in try Self.scene(name) }
    var replaced: [@Sendable (inout EngineParts) -> Void] = []
    for revision in inputs.revisions {
      replaced.append(try Self.replacement(revision))
    }
    self.replaced = replaced
    let (session, others) = try Self.split(inputs.settings)
    sessionSettings = session
    baseSettings = others
    market = try inputs.market.map { folder throws(PaperError) in try Self.market(folder, session.marketFill) }
    let settings = try settings(for: scenario(seed: 1))
    if let first = settings.contradictions.first { throw .setting(first) }
  }

  /// Puts a part of the caller's own in, on top of the revisions; run.json does not keep it.
  public mutating func replaceParts(_ replace: @escaping @Sendable (inout EngineParts) -> Void) {
    replaced.append(replace)
  }

  /// Lets a service accompany the engine; run.json does not keep it.
  public mutating func attach(_ service: any SessionService) { services.append(service) }

  /// Where the clock of a simulated session begins.
  public var epoch: Instant { market?.start ?? .simulationEpoch }

  /// Virtual seconds of one session.
  public var virtualSeconds: Double { phases(scenario(seed: 1)).end.seconds }

  // MARK: Inputs

  static func bug(_ id: String) throws(PaperError) -> HistoricalBug {
    guard let bug = AllBugs.named(id) else {
      throw .unknownBug(id, suggestion: Suggestion.closest(to: id, in: AllBugs.all.map(\.id)))
    }
    return bug
  }

  static func scene(_ name: String) throws(PaperError) -> PaperScene {
    guard let scene = PaperScene.named(name) else {
      throw .unknownScene(name, suggestion: Suggestion.closest(to: name, in: PaperScene.all.map(\.name)))
    }
    return scene
  }

  /// What puts a revision in place: all its parts, or the one that `REVISION/PART` names.
  private static func replacement(
    _ wanted: PaperInputs.Revision
  ) throws(PaperError) -> @Sendable (inout EngineParts) -> Void {
    let bug = try bug(wanted.bug)
    let words = wanted.revision.split(separator: "/", maxSplits: 1).map(String.init)
    guard let id = words.first, let found = bug.revision(id) else {
      throw .unknownRevision(bug: bug.id, revision: wanted.revision, known: bug.revisions.map(\.id))
    }
    guard words.count == 2 else { return found.replace }
    var parts = EngineParts()
    found.replace(&parts)
    guard parts.replaced.contains(words[1]) else {
      throw .unknownRevision(
        bug: bug.id, revision: wanted.revision, known: [id] + parts.replaced.map { "\(id)/\($0)" })
    }
    return { [parts] in $0.take(words[1], from: parts) }
  }

  private static func parse(_ sources: [PaperInputs.FaultSource]) throws(PaperError) -> [Fault] {
    var faults: [Fault] = []
    for source in sources {
      switch source {
      case .file(let name, let text):
        do throws(FaultFileError) {
          faults.append(
            try FaultFile.parse(text, file: name, sites: PaperSites.definitions, checks: Check.all.map(\.name)))
        } catch {
          throw .fault(error.description)
        }
      case .oneLine(let text):
        do throws(FaultFileError) { faults.append(try Fault(oneLine: text, sites: PaperSites.definitions)) } catch {
          throw .fault(error.description)
        }
      }
    }
    return faults
  }

  /// The settings of the session, and those of the engine.
  private static func split(
    _ settings: [PaperInputs.Setting]
  ) throws(PaperError) -> (SessionSettings, [(name: String, value: String)]) {
    var session = SessionSettings()
    var others: [(name: String, value: String)] = []
    do throws(SettingError) {
      for setting in settings where try !session.set(setting.name, setting.value) {
        others.append((setting.name, setting.value))
      }
    } catch {
      throw .setting(error.description)
    }
    return (session, others)
  }

  private static func market(_ folder: String, _ fill: TickReplayer.Fill) throws(PaperError) -> TickReplayer {
    do throws(MarketDataError) { return try TickReplayer(folder: folder, fill: fill) } catch {
      switch error {
      case .empty, .line, .sameSymbol, .unreadable: throw .market("\(folder)/\(error)")
      case .noFolder, .noFiles, .tooManyFiles, .tooLarge: throw .market(error.description)
      }
    }
  }

  func scenario(seed: UInt64) -> Scenario { fullScenario(seed: seed).without(inputs.leftOut.symbols) }

  private func fullScenario(seed: UInt64) -> Scenario {
    if let market, let folder = inputs.market {
      var scenario = PaperScenarios.replay(market, seed: seed, directory: folder)
      if let seconds = inputs.durationSeconds {
        scenario.duration = min(scenario.duration, Duration(nanoseconds: Int64(seconds * 1e9)))
      }
      return scenario
    }
    let asked = inputs.durationSeconds.map { Duration(nanoseconds: Int64($0 * 1e9)) }
    if let bug {
      var scenario = (inputs.isCalm ? bug.provokedBy.condition?.calm : nil)?(seed) ?? bug.scenario(seed)
      if let asked { scenario.duration = asked }
      return scenario
    }
    if let scene { return scene.scenario(seed: seed, duration: asked) }
    let duration = asked ?? .seconds(300)
    return inputs.kind == .reference
      ? PaperScenarios.reference(seed: seed, duration: duration) : PaperScenarios.paper(seed: seed, duration: duration)
  }

  func phases(_ scenario: Scenario) -> PaperPhases {
    fullPhases(scenario).shortened(by: Duration(nanoseconds: Int64(inputs.leftOut.chaosSeconds * 1e9)))
  }

  private func fullPhases(_ scenario: Scenario) -> PaperPhases {
    if market != nil { return .data(scenario.duration) }
    if scene?.endsUnderFaults == true { return .abrupt(scenario.duration) }
    if isLive, inputs.hasProofScenario { return .live(scenario.duration) }
    return inputs.hasProofScenario ? .proof(scenario.duration) : .paper(scenario.duration)
  }

  func settings(for scenario: Scenario) throws(PaperError) -> EngineSettings {
    var settings = EngineSettings()
    for (name, value) in scenario.settings + baseSettings {
      do throws(SettingError) { try settings.set(name, value) } catch {
        let names = EngineSettings.names + SessionSettings.all.map(\.name)
        if case .unknownName = error, let near = Suggestion.closest(to: name, in: names) {
          throw .setting("\(error); did you mean \(near)?")
        }
        throw .setting(error.description)
      }
    }
    return settings
  }

  func parts(formatterSite: Site, injector: FaultInjector) -> EngineParts {
    var parts = EngineParts()
    for replace in replaced { replace(&parts) }
    Landmarks.observe(&parts)
    let formatter = parts.formatter
    parts.formatter = { FaultyFormatter(formatter($0), site: formatterSite, injector: injector) }
    return parts
  }

  func source(_ scenario: Scenario, start: Instant) -> any MarketSource {
    if let market {
      guard isLive, let folder = inputs.market else { return market }
      // The recording plays from now; it was read without mistakes before.
      do throws(MarketDataError) {
        return try TickReplayer(folder: folder, startingAt: start, fill: sessionSettings.marketFill)
      } catch {
        return market
      }
    }
    let shape = inputs.hasProofScenario ? MarketGenerator.Shape(hasWideSpreads: false, hasGaps: false) : .init()
    return MarketGenerator(
      seed: scenario.seed, symbols: scenario.symbols, drops: scenario.drops, start: start,
      pollInterval: scenario.pollInterval, shape: shape)
  }
}

extension PaperSystem {
  /// The one schedule of a paper session: the random walk without stalls, from one seed.
  public static func paperRequest(seed: UInt64) -> RunRequest {
    RunRequest(scenarioSeed: seed, scheduleSeed: seed, schedule: .explore(stalls: false))
  }
}
