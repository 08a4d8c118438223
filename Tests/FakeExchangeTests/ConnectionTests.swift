import Basics
import ChaosRuntime
import FaultInjection
import Testing
import Trading

@testable import FakeExchange

@Suite("The connection of the user stream, and what the venue does by itself")
struct ConnectionTests {
  /// Places an order before and after the fault, opens the stream anew, and notes what came.
  static func story(_ action: FaultAction) -> (notes: [String], log: String) {
    Session.run(
      fault: (ExchangeSites.connection, action), match: [Fault.Condition(key: "call", value: "place_order")]
    ) { runtime, front, note throws(Stopped) in
      _ = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
      try Session.drain(front, runtime, note)
      note("renewed \(try front.renewStream(deadline: .distantFuture).failureText)")
      note("opened \(try front.openStream(deadline: .distantFuture).failureText)")
      _ = try front.cancelOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture)
      try Session.drain(front, runtime, note)
    }
  }

  @Test
  func
    `A cut connection says so and tells nothing, a silent one says nothing, and one whose key is gone is not renewed`()
  {
    let cut = Self.story(.close)
    #expect(cut.notes.map { $0.drop { $0.isNumber } } == [" STREAM", "renewed venue -1125", "opened "])
    let silent = Self.story(.drop)
    #expect(silent.notes == ["renewed ", "opened "])
    let expired = Self.story(.replace(field: "key", value: "expired"))
    #expect(expired.notes == ["renewed venue -1125", "opened "])
    for result in [cut, silent, expired] {
      #expect(result.log.contains("\"kind\":\"stream\"") && result.log.contains("\"type\":\"open\""))
      #expect(!result.log.contains("\"delivered\":true"))
      #expect(!result.log.contains("\"conserved\":false"))
    }
  }

  @Test(arguments: [("missed", 3), ("all", 3)])
  func `A connection that is opened may tell what was missed`(what: String, count: Int) {
    let result = Session.run(fault: ("exchange.open_stream", .replace(field: "replay", value: what))) {
      runtime, front, note throws(Stopped) in
      try front.perform(.cancel)
      _ = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
      try Session.drain(front, runtime, note)
      note("opened")
      _ = try front.openStream(deadline: .distantFuture)
      try Session.drain(front, runtime, note)
    }
    let again = result.notes.drop { $0 != "opened" }.count - 1
    // Nothing was missed; everything is told again only where everything is asked for.
    #expect(again == (what == "all" ? count : 0))
  }

  @Test
  func `An unreadable event is said to be one, and an unknown status has the right figures`() {
    for (action, expected) in [
      (FaultAction.corrupt, ["NEW a", "STREAM", "BALANCE"]),
      (.replace(field: "status", value: "unknown"), ["NEW a", "TRADE a", "BALANCE"]),
    ] {
      let match = [Fault.Condition(key: "x", value: "TRADE")]
      let result = Session.run(fault: (ExchangeSites.userStream, action), match: match) {
        runtime, front, note throws(Stopped) in
        _ = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
        try Session.drain(front, runtime, note)
      }
      #expect(result.notes.map { String($0.drop { $0.isNumber }.dropFirst()) } == expected)
    }
  }

  @Test(arguments: [(VenueAct.cancel, "CANCELED"), (.expire, "EXPIRED"), (.delist, "CANCELED")])
  func `The venue ends an order by itself, and gives its money back`(act: VenueAct, status: String) throws {
    let bench = try Bench()
    let before = bench.balance("USDT")
    #expect(bench.place(.buy, "10", at: "1.5", id: "a").reply.isAck)
    bench.log += bench.venue.act(act, on: bench.alice, at: .simulationEpoch + .seconds(1))
    #expect(bench.report("a")?.status.rawValue == status)
    #expect(bench.balance("USDT") == before)
    #expect(bench.venue.ledger.violation == nil)
    #expect(bench.place(.buy, "10", at: "1.5", second: 2).reply.isAck == (act != .delist))
  }

  @Test
  func `A halt passes, an empty book fills again, and rules that have become stricter hold`() throws {
    let bench = try Bench()
    func act(_ act: VenueAct, _ second: Int) {
      bench.log += bench.venue.act(act, on: bench.alice, at: .simulationEpoch + .seconds(second))
    }
    act(.halt, 1)
    #expect(bench.place(.buy, "10", at: "2", second: 20).reply.code == 30000)
    #expect(bench.place(.buy, "10", at: "2", second: 32).reply.isAck)
    act(.emptyBook, 40)
    let resting = bench.place(.buy, "10", at: "2", second: 41).id
    #expect(bench.report(resting)?.status == .new)
    act(.step, 70)
    #expect(bench.place(.buy, "10.01", at: "2", second: 71).reply.code == 400)
    act(.minimum, 72)
    #expect(bench.place(.buy, "4", at: "2", second: 73).reply.code == 30002)
    act(.tick, 74)
    #expect(bench.place(.buy, "10", at: "1.99", second: 75).reply.code == 30010)
  }

  @Test
  func `Money and coins that somebody takes are gone from the account, and from nobody else`() throws {
    let bench = try Bench()
    bench.log += bench.venue.act(.withdraw, on: bench.alice, at: .simulationEpoch)
    #expect(bench.balance("USDT") == "750/0" && bench.balance("USDT", bench.bob) == "1000/0")
    bench.log += bench.venue.act(.sale, on: bench.alice, at: .simulationEpoch)
    #expect(bench.balance("AIX") == "250/0" && bench.balance("USDT") == "1247.5/0")
    #expect(bench.venue.ledger.violation == nil)
  }
}
