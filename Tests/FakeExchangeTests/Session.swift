import Basics
import ChaosRuntime
import FaultInjection
import Synchronization
import Trading

@testable import FakeExchange

/// One simulated session of a client at a venue with a generated market, of AIX/USDT alone unless said otherwise.
enum Session {
  typealias Body = @Sendable (Runtime, ExchangeFront, @escaping @Sendable (String) -> Void) throws(Stopped) -> Void

  /// Runs `body` with at most one fault, under the one schedule of `seed`, and returns its notes and the lines of `exchange.jsonl`.
  static func run(
    symbols: [Symbol] = [Bench.symbol], drops: [Scenario.Drop] = [], fault: (site: String, action: FaultAction)? = nil,
    match: [Fault.Condition] = [],
    probability: Double = 1, healAt: Duration? = nil, schedule: Schedule<any Strategy> = .nominal, seed: UInt64 = 1,
    _ body: @escaping Body
  ) -> (notes: [String], log: String) {
    let notes = Mutex<[String]>([])
    let log = Mutex("")
    let faults = fault.map { fault in
      [
        Fault(
          id: "test", title: "test",
          injects: [
            Fault.Inject(
              site: fault.site, match: match,
              plan: Fault.Plan(steps: [Fault.Plan.Step(probability: probability, action: fault.action)]))
          ])
      ]
    }
    let result = Simulation(schedule: schedule, seed: seed).run(disk: MemoryDisk()) { runtime throws(Stopped) in
      do {
        let market = MarketGenerator(seed: 1, symbols: symbols, drops: drops)
        let venue = try Venue(
          source: market, accounts: [("engine", [Balance(asset: "USDT", free: Decimal(1000))])])
        let catalogue = SiteCatalogue(ExchangeSites.definitions)
        let injector = try FaultInjector(runtime: runtime, catalogue: catalogue, faults: faults ?? [])
        let front = ExchangeFront(
          runtime: runtime, venue: venue, faults: SiteFaults(catalogue: catalogue, injector: injector))
        injector.arm()
        if let healAt {
          _ = try runtime.spawn("healer") { () throws(Stopped) in
            try runtime.sleep(healAt)
            try injector.disarm()
          }
        }
        try body(runtime, front) { note in notes.withLock { $0.append(note) } }
        let lines = String(decoding: front.finish(), as: UTF8.self)
        log.withLock { $0 = lines }
      } catch let stopped as Stopped {
        throw stopped
      } catch {
        notes.withLock { $0.append("broken: \(error)") }
      }
    }
    let incidents = result.incidents.map { "\($0)" }
    return (notes.withLock { $0 } + incidents, log.withLock { $0 })
  }

  static func buy(_ id: String, at price: String = "2.2") -> OrderRequest {
    OrderRequest(
      clientOrderId: id, symbol: Bench.symbol, side: .buy, type: .limit, quantity: Decimal(10), price: d(price))
  }

  /// That many milliseconds after the start.
  static func at(_ milliseconds: Int) -> Instant { .simulationEpoch + .milliseconds(milliseconds) }

  static func milliseconds(_ runtime: Runtime) -> Int {
    Int((runtime.now - .simulationEpoch).nanoseconds / 1_000_000)
  }

  /// Notes events with the time they were received until none comes for 5 s.
  static func drain(
    _ front: ExchangeFront, _ runtime: Runtime, _ note: @Sendable (String) -> Void
  ) throws(Stopped) {
    while let event = try front.userEvents.receive(timeout: .seconds(5)) {
      let event = VenueEvent(account: Venue.marketMaker, time: runtime.now, event: event)
      note("\(milliseconds(runtime)) \(event.type)\(event.report.map { " \($0.clientOrderId)" } ?? "")")
    }
  }
}

extension Result where Failure == CallFailure {
  /// `venue CODE` or `unknown REASON`; empty for a success.
  var failureText: String {
    switch self {
    case .success: ""
    case .failure(.venue(let error)): "venue \(error.code)"
    case .failure(.unknownOutcome(let reason)): "unknown \(reason)"
    }
  }
}
