import Basics
import ChaosRuntime
import FaultInjection
import Synchronization
import Testing

/// A simulated run with the sites and faults of a test.
enum Bench {
  static let site = "test.message"

  static let definitions =
    ([
      SiteDefinition(
        name: site, keys: ["x", "symbol", "z"], actions: [.sleep, .hang, .drop, .returnError], summary: "a message"),
      SiteDefinition(
        name: "test.reply", keys: [], actions: [.replace], fields: ["fee=null"], summary: "a reply with fields"),
      SiteDefinition(name: "test.quiet", keys: [], actions: [.drop], summary: "a site without keys"),
    ] + RuntimeSites.definitions).map { $0.with(states: ["open_orders", "others"]) }

  struct Outcome {
    var notes: [String]
    var firings: [Firing]
    var counts: [String]
    var recording: Recording
    var incidents: [Incident]
    var ended: Duration
  }

  typealias Body = @Sendable (World) throws(Stopped) -> Void

  /// What a test's body works with.
  final class World: Sendable {
    let runtime: Runtime
    let catalogue: SiteCatalogue
    let injector: FaultInjector
    private let lines = Mutex<[String]>([])

    init(_ runtime: Runtime, _ catalogue: SiteCatalogue, _ injector: FaultInjector) {
      self.runtime = runtime
      self.catalogue = catalogue
      self.injector = injector
    }

    var milliseconds: Int { Int((runtime.now - .simulationEpoch).nanoseconds / 1_000_000) }
    var notes: [String] { lines.withLock { $0 } }

    func note(_ text: String) { lines.withLock { $0.append(text) } }

    /// Hits the test site and answers what it was told, as plans write it.
    func hit(_ x: String = "TRADE", _ symbol: String = "AIX/USDT", _ z: Double = 1) -> String {
      catalogue.required(site).decide([SiteValue(x), SiteValue(symbol), SiteValue(z)])?.text ?? "-"
    }

    func hits(_ count: Int) -> String { (0..<count).map { _ in hit() }.joined(separator: " ") }
  }

  static func run(
    _ faults: [String], schedule: Schedule<any Strategy> = .nominal, seed: UInt64 = 1, isArmed: Bool = true,
    disk: MemoryDisk = MemoryDisk(), _ body: @escaping Body
  ) throws -> Outcome {
    let parsed = try faults.map { try Fault(oneLine: $0, sites: definitions) }
    return run(parsed, schedule: schedule, seed: seed, isArmed: isArmed, disk: disk, body)
  }

  static func run(
    _ faults: [Fault], schedule: Schedule<any Strategy> = .nominal, seed: UInt64 = 1, isArmed: Bool = true,
    disk: MemoryDisk = MemoryDisk(), _ body: @escaping Body
  ) -> Outcome {
    let kept = Mutex<World?>(nil)
    let result = Simulation(schedule: schedule, seed: seed).run(disk: disk) { runtime throws(Stopped) in
      let catalogue = SiteCatalogue(definitions)
      do throws(InjectionError) {
        let injector = try FaultInjector(runtime: runtime, catalogue: catalogue, faults: faults)
        kept.withLock { $0 = World(runtime, catalogue, injector) }
      } catch {
        Issue.record("\(error)")
      }
      guard let world = kept.withLock({ $0 }) else { return }
      runtime.install(world.injector)
      if isArmed { world.injector.arm() }
      try body(world)
    }
    let world = kept.withLock { $0 }
    let counts = world?.injector.counts.map { "\($0.hits) hits, \($0.eligible) eligible, \($0.fired) fired" }
    return Outcome(
      notes: world?.notes ?? [], firings: world?.injector.firings ?? [], counts: counts ?? [],
      recording: result.recording, incidents: result.incidents, ended: result.ended - .simulationEpoch)
  }
}
