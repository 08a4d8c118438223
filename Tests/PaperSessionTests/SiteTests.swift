import ChaosRuntime
import Exploration
import FaultInjection
import PaperSession
import Testing

@Suite struct SiteTests {
  /// Sites that no paper session reaches, and why.
  static let unreached = [
    "exchange.order_trades": "the venue's other answers name the fee, but where it is Binance",
    "exchange.server_time": "the engine asks for the venue's time when a request came from the wrong one",
    "exchange.open_stream": "the user stream is open from the start, and nobody cuts it here",
    "exchange.renew_stream": "the stream's key lives longer than the session",
    "disk.read": "a session begins without a state file to read",
    "disk.remove": "the engine replaces its files and removes none",
  ]

  /// An inject at every site that never fires.
  static let watching = PaperSites.definitions.compactMap { site in
    site.actions.first.map { action in
      let plan =
        switch action {
        case .returnError: "return(1)"
        case .sleep, .skew: "\(action.rawValue)(1ms)"
        case .quota: "quota(1%)"
        case .replace: "replace(\(site.fields.first ?? ""))"
        default: action.rawValue
        }
      return PaperInputs.FaultSource.oneLine("\(site.name)=0%\(plan)")
    }
  }

  @Test func `Every site is reached or said not to be`() throws {
    var hits: [String: Int] = [:]
    // An engine whose user stream is silent asks for its orders and cancels what rests.
    let provoking: [[PaperInputs.FaultSource]] = [
      [], [.oneLine("exchange.user_stream.execution_report=drop")], [.oneLine("exchange.place_order=return(timeout)")],
      [.oneLine("exchange.match=quota(50%)")],
    ]
    for extra in provoking {
      let run = Executor().run(try Sessions.paper(Self.watching + extra), PaperSystem.paperRequest(seed: 1))
      for count in run.judgement.faultCounts { hits[count.site, default: 0] += count.hits }
    }
    for site in PaperSites.definitions {
      if let reason = Self.unreached[site.name] {
        #expect(hits[site.name, default: 0] == 0, "\(site.name) is reached now, though: \(reason)")
      } else {
        #expect(hits[site.name, default: 0] > 0, "\(site.name) was never reached")
      }
    }
    for name in Self.unreached.keys { #expect(PaperSites.definitions.contains { $0.name == name }) }
  }

  @Test func `Site names are unique and every site understands something`() {
    #expect(Set(PaperSites.definitions.map(\.name)).count == PaperSites.definitions.count)
    for site in PaperSites.definitions {
      #expect(!site.actions.isEmpty && !site.summary.isEmpty)
      #expect(Set(site.keys).count == site.keys.count)
    }
  }
}
