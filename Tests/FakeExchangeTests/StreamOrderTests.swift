import Basics
import ChaosRuntime
import TestSupport
import Testing
import Trading

@testable import FakeExchange

@Suite("The order of the user stream")
struct StreamOrderTests {
  @Test
  func `The stream tells events in the venue's order, whichever of its callers is stalled behind its step`() throws {
    for seed in 1...40 as ClosedRange<UInt64> {
      let strategy = CoinStrategy(stallEvery: 6, stallMax: .milliseconds(400))
      let result = Session.run(schedule: .explore(strategy), seed: seed) { runtime, front, note throws(Stopped) in
        let buyers = try (1...3).map { n throws(Stopped) in
          try runtime.spawn("buyer \(n)") { () throws(Stopped) in
            _ = try front.placeOrder(Session.buy("\(n)"), deadline: .distantFuture)
          }
        }
        while let event = try front.userEvents.receive(timeout: .seconds(5)) { note(Self.text(event)) }
        for buyer in buyers { try buyer.join() }
      }
      let events = try result.log.split(separator: "\n").map { try JSON.parse(Array($0.utf8)) }
        .filter { $0["kind"]?.string == "event" }
      #expect(events.count == 9)
      #expect(result.notes == events.map(Self.text), "seed \(seed)")
    }
  }

  private static func text(_ event: UserEvent) -> String {
    if case .balance(let balances) = event { return "\(balances.map { "\($0.asset) \($0.free)" })" }
    return VenueEvent(account: Venue.marketMaker, time: .simulationEpoch, event: event).clientOrderId ?? "?"
  }

  private static func text(_ line: JSON) -> String {
    guard let balances = line["balances"]?.array else { return line["client_order_id"]?.string ?? "?" }
    return "\(balances.map { "\($0["asset"]?.string ?? "?") \($0["free"]?.string ?? "?")" })"
  }
}
