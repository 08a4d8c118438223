import Basics
import FaultInjection
import Testing
import Trading

@testable import FakeExchange

@Suite("Profiles, limits and clocks of venues")
struct VenueProfileTests {
  static func bench(_ profile: VenueProfile) throws -> Bench { try Bench(profile: profile) }

  @Test(arguments: [("mexc", 30_042), ("binance", nil), ("binance-legacy", nil)] as [(String, Int?)])
  func `A client id that was filled is free again only where the venue forgets it, and a request sent twice buys twice`(
    name: String, code: Int?
  ) throws {
    let bench = try Bench(profile: #require(VenueProfile.named(name)))
    #expect(bench.place(.buy, "10", at: "2", id: "twice").reply.isAck)
    #expect(bench.place(.buy, "10", at: "2", id: "twice").reply.code == code)
    #expect(bench.fills("twice").count == (code == nil ? 2 : 1))
    // While it is open nobody takes it a second time.
    #expect(bench.place(.buy, "10", at: "1.5", id: "open").reply.isAck)
    #expect(bench.place(.buy, "10", at: "1.5", id: "open").reply.code == (code ?? -2010))
    #expect(bench.venue.ledger.violation == nil)
  }

  @Test(arguments: [("mexc", -2011, -2011), ("binance", -2013, -2011)])
  func `An order that is not there is another error to a query than to a cancel`(
    name: String, query: Int, cancel: Int
  ) throws {
    let bench = try Bench(profile: #require(VenueProfile.named(name)))
    #expect(bench.ask(.query(Bench.symbol, clientOrderId: "x")).code == query)
    #expect(bench.ask(.cancel(Bench.symbol, clientOrderId: "x")).code == cancel)
  }

  @Test
  func `Binance refuses prices that are too far, too many open orders, and says which filter`() throws {
    var profile = VenueProfile.binance
    profile.openOrdersMax = 2
    let bench = try Bench(profile: profile)
    func text(_ reply: VenueReply) -> String { if case .refused(let error) = reply { error.text } else { "taken" } }
    #expect(text(bench.place(.buy, "10", at: "0.3").reply) == "Filter failure: PERCENT_PRICE_BY_SIDE")
    #expect(text(bench.place(.sell, "10", at: "10.5").reply) == "Filter failure: PERCENT_PRICE_BY_SIDE")
    #expect(text(bench.place(.buy, "0.05", at: "2").reply) == "Filter failure: LOT_SIZE")
    #expect(text(bench.place(.buy, "0.2", at: "2").reply) == "Filter failure: NOTIONAL")
    for _ in 0..<2 { #expect(bench.place(.buy, "1", at: "1.5").reply.isAck) }
    #expect(text(bench.place(.buy, "1", at: "1.5").reply) == "Filter failure: MAX_NUM_ORDERS")
  }

  @Test
  func `An order is replaced by another, and a refused second half leaves the first done`() throws {
    let bench = try Bench(profile: .binance)
    func replace(_ old: String, by new: String, _ quantity: String) -> VenueReply {
      bench.ask(
        .cancelReplace(
          Bench.symbol, clientOrderId: old,
          OrderRequest(
            clientOrderId: new, symbol: Bench.symbol, side: .buy, type: .limit, quantity: d(quantity), price: d("1.5")))
      )
    }
    #expect(bench.place(.buy, "10", at: "1.4", id: "a").reply.isAck)
    if case .replaced(let old, let ack) = replace("a", by: "b", "10") {
      #expect(old.status == .canceled && ack.clientOrderId == "b")
    } else {
      Issue.record("not replaced")
    }
    #expect(replace("a", by: "c", "10").code == -2022)
    #expect(replace("b", by: "d", "0.001").code == -2021)
    #expect(bench.report("b")?.status == .canceled)
    #expect(
      try Bench(profile: .mexc).ask(.cancelReplace(Bench.symbol, clientOrderId: "a", Session.buy("b"))).code == 404)
  }

  @Test
  func `Beyond its weight a client is told to pause, and banned when it goes on, longer each time`() {
    var use = LimitUse()
    let profile = VenueProfile.binance
    func ask(_ second: Int, share: Int = 10_000) -> (Int?, Double?) {
      let error = use.refusal(.fetchBalance, at: .simulationEpoch + .seconds(second), of: profile, share: share)
      return (error?.httpStatus, error?.retryAfter?.seconds)
    }
    // 1 % of 6000 a minute: three queries for balances.
    for second in [0, 1, 2] { #expect(ask(second) == (nil, nil)) }
    #expect(ask(3) == (429, 57))
    #expect(ask(60) == (nil, nil))
    for second in [61, 62] { #expect(ask(second) == (nil, nil)) }
    #expect(ask(70) == (429, 50))
    for second in 71...74 { #expect(ask(second).0 == 429) }
    #expect(ask(75) == (418, 120))
    #expect(ask(100) == (418, 120))
    #expect(ask(219).0 == 418)
    #expect(ask(340) == (nil, nil))
    var fresh = LimitUse()
    for n in 0..<1500 { #expect(fresh.refusal(.fetchTickers, at: .simulationEpoch, of: profile) == nil, "\(n)") }
    #expect(fresh.refusal(.fetchTickers, at: .simulationEpoch, of: profile)?.code == -1003)
    // The number is that of a ban, too; a fault that names it means the refusal that passes.
    #expect(profile.error(code: "-1003").httpStatus == 429)
  }

  @Test
  func `New orders have a rate of their own`() {
    var use = LimitUse()
    for _ in 0..<50 { #expect(use.refusal(.placeOrder, at: .simulationEpoch, of: .binance) == nil) }
    let error = use.refusal(.placeOrder, at: .simulationEpoch + .seconds(4), of: .binance)
    #expect(error?.code == -1015 && error?.retryAfter == .seconds(6))
    #expect(use.refusal(.cancelOrder, at: .simulationEpoch + .seconds(4), of: .binance) == nil)
  }

  @Test
  func `A request from the wrong time is refused until the client asks for the venue's`() {
    for skew in [-70, 3] {
      let result = Session.run(fault: ("exchange.clock", .skew(by: .seconds(skew), perSecond: .zero))) {
        runtime, front, note throws(Stopped) in
        note(try front.placeOrder(Session.buy("a"), deadline: .distantFuture).failureText)
        if case .success(let offset) = try front.synchronizeClock(deadline: .distantFuture) {
          note("\(offset.seconds)")
        }
        note(try front.placeOrder(Session.buy("a"), deadline: .distantFuture).failureText)
      }
      #expect(result.notes == ["venue 700003", "\(Double(-skew))", ""])
    }
  }

  @Test
  func `A clock that drifts is right after each look at the venue's, and wrong again later`() {
    let result = Session.run(fault: ("exchange.clock", .skew(by: .zero, perSecond: .milliseconds(100)))) {
      runtime, front, note throws(Stopped) in
      for seconds in [1, 20, 0, 5] {
        try runtime.sleep(.seconds(seconds))
        note(try front.balances(deadline: .distantFuture).failureText)
        if seconds == 20 { _ = try front.synchronizeClock(deadline: .distantFuture) }
      }
    }
    #expect(result.notes == ["", "venue 700003", "", ""])
  }

  @Test(arguments: [
    ("exchange.query_order", "report", "stale", "NEW 0"), ("exchange.fetch_balance", "balances", "stale", "1000"),
    ("exchange.fetch_balance", "balances", "none", "-"), ("exchange.fetch_balance", "balances", "half", "489.995"),
  ])
  func `A false reply says what is not true, and the venue's books do`(
    site: String, field: String, value: String, seen: String
  ) {
    let result = Session.run(fault: (site, .replace(field: field, value: value))) {
      runtime, front, note throws(Stopped) in
      _ = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
      if site == "exchange.query_order" {
        let reply = try front.queryOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture)
        if case .success(let report) = reply { note("\(report.status.rawValue) \(report.filledQuantity)") }
      } else if case .success(let balances) = try front.balances(deadline: .distantFuture) {
        note(balances.first { $0.asset == "USDT" }.map { "\($0.free)" } ?? "-")
      }
    }
    #expect(result.notes.count == 1)
    if value != "half" { #expect(result.notes == [seen]) }
    #expect(result.log.contains("\"injected\":true"))
    #expect(!result.log.contains("\"conserved\":false"))
  }

  @Test
  func `Every code of a profile is found by itself, and an HTTP status that no table has keeps its status`() {
    for profile in VenueProfile.all {
      for error in profile.errors { #expect(profile.error(code: "\(error.code)").code == error.code) }
    }
    #expect(VenueProfile.mexc.error(code: "418").failureClass == .limit)
    #expect(VenueProfile.mexc.error(code: "502").failureClass == .unknown)
    #expect(VenueProfile.mexc.error(code: "-1007").failureClass == .unknown)
    #expect(VenueProfile.mexc.error(code: "79999").failureClass == .passing)
    #expect(VenueProfile.binance.error(code: "-2015").failureClass == .final)
    #expect(VenueProfile.binance.error(code: "-1021").failureClass == .passing)
  }
}
