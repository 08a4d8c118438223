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

  @Test
  func `A key that is revoked does nothing for a minute, its stream ends, and what rests goes on`() {
    let result = Session.run { runtime, front, note throws(Stopped) in
      _ = try front.placeOrder(Session.buy("a", at: "1.5"), deadline: .distantFuture)
      try front.perform(.revoke)
      note(try front.placeOrder(Session.buy("b"), deadline: .distantFuture).failureText)
      note(try front.balances(deadline: .distantFuture).failureText)
      note(try front.openStream(deadline: .distantFuture).failureText)
      note(try front.quotes([Bench.symbol], deadline: .distantFuture).failureText)
      try runtime.sleep(.seconds(61))
      note(try front.openStream(deadline: .distantFuture).failureText)
      for id in ["a", "b"] {
        let reply = try front.queryOrder(symbol: Bench.symbol, clientOrderId: id, deadline: .distantFuture)
        if case .success(let report) = reply { note(report.status.rawValue) } else { note(reply.failureText) }
      }
    }
    #expect(result.notes == ["venue 10072", "venue 10072", "venue 10072", "", "", "NEW", "venue -2011"])
    #expect(result.log.contains("\"type\":\"silent\""))
  }

  @Test
  func `Another bot's order rests on the account, holds its money and is in its events and open orders`() throws {
    let bench = try Bench()
    bench.log += bench.venue.act(.otherBot, on: bench.alice, at: .simulationEpoch)
    #expect(bench.balance("USDT") == "899.9001001/100.0998999")
    guard case .reports(let open) = bench.ask(.openOrders) else { throw VenueSetupError.duplicateAccount("") }
    #expect(open.map(\.clientOrderId) == ["B0"] && open.map(\.price) == [d("0.99")])
    #expect(bench.story("B0") == ["NEW NEW"])
    #expect(bench.venue.ledger.violation == nil)
  }

  @Test
  func `A request that arrives twice is refused the second time, and buys twice where the id is free again`() {
    let result = Session.run(fault: ("exchange.place_order", .dup)) { runtime, front, note throws(Stopped) in
      note(try front.placeOrder(Session.buy("a"), deadline: .distantFuture).failureText)
      let reply = try front.queryOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture)
      if case .success(let report) = reply { note("\(report.status.rawValue) \(report.filledQuantity)") }
    }
    #expect(result.notes == ["venue 30042", "FILLED 10"])
    #expect(result.log.split(separator: "\n").count { $0.contains("\"type\":\"TRADE\"") } == 1)
  }

  @Test
  func `An order that must not trade at once is refused where it would, and rests where it would not`() {
    for (price, expected) in [("2.2", ["venue -2010", "venue -2011"]), ("1.5", ["", "NEW"])] {
      let result = Session.run(fault: (ExchangeSites.match, .replace(field: "type", value: "maker"))) {
        runtime, front, note throws(Stopped) in
        note(try front.placeOrder(Session.buy("a", at: price), deadline: .distantFuture).failureText)
        let reply = try front.queryOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture)
        if case .success(let report) = reply { note(report.status.rawValue) } else { note(reply.failureText) }
      }
      #expect(result.notes == expected)
    }
  }

  @Test(arguments: ["-1001", "-1006"])
  func `An internal error is answered, and the order is there or not`(code: String) {
    for (action, after) in [
      (FaultAction.replace(field: "reply", value: code), "FILLED"), (.returnError(code), "venue -2011"),
    ] {
      let result = Session.run(fault: ("exchange.place_order", action)) { runtime, front, note throws(Stopped) in
        let reply = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
        if case .failure(let failure) = reply { note("\(failure.failureClass)") }
        let report = try front.queryOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture)
        if case .success(let report) = report { note(report.status.rawValue) } else { note(report.failureText) }
      }
      #expect(result.notes == ["unknown", after])
    }
  }
}
