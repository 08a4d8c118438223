import Basics
import Testing
import Trading

@testable import FakeExchange

@Suite("The trades of an order, which name its fees where no other answer does")
struct OrderTradesTests {
  private func trades(_ bench: Bench, _ orderId: String, _ account: Venue.Account? = nil) -> [Fill]? {
    guard case .trades(let fills) = bench.ask(.trades(Bench.symbol, orderId: orderId, clientOrderId: ""), account)
    else { return nil }
    return fills
  }

  @Test
  func `An order's trades are told in their order, each with its fee, in what the venue takes it`() throws {
    for (profile, asset) in [(VenueProfile.mexc, "USDT"), (.binance, "AIX")] {
      let bench = try Bench(profile: profile)
      #expect(bench.place(.buy, "60", at: "2.01", id: "a").reply.isAck)
      let fills = try #require(trades(bench, "X0"))
      #expect(fills.map { "\($0.quantity)@\($0.price)" } == bench.fills("a") && fills.count == 2)
      #expect(fills.allSatisfy { $0.fee?.asset == asset && $0.clientOrderId == "a" && $0.side == .buy })
      let told = bench.log.compactMap { if case .trade(let fill, _) = $0.event { fill } else { nil } }
      #expect(fills == told)
      // The answer to a query names none where the venue is Binance.
      #expect((bench.report("a")?.fee == nil) == (profile.name == "binance"))
      #expect(Fill.fee(of: fills)?.amount == fills.compactMap(\.fee?.amount).reduce(.zero, +))
    }
  }

  @Test
  func `Two orders of one client id have trades of their own, and nobody is told of another's`() throws {
    let bench = try Bench(profile: .binance)
    for _ in 0..<2 { #expect(bench.place(.buy, "10", at: "2", id: "twice").reply.isAck) }
    #expect(trades(bench, "X0")?.map(\.tradeId) == ["T1"] && trades(bench, "X1")?.map(\.tradeId) == ["T2"])
    #expect(trades(bench, "X0", bench.bob) == nil)
    #expect(trades(bench, "X7") == nil && trades(bench, "") == nil && trades(bench, "Y0") == nil)
  }

  @Test
  func `An order that has not traded has none, and fees in two assets have no sum`() throws {
    let bench = try Bench()
    #expect(bench.place(.buy, "10", at: "1.5", id: "a").reply.isAck)
    #expect(trades(bench, "X0") == [])
    #expect(Fill.fee(of: []) == nil)
    #expect(bench.place(.buy, "10", at: "2", id: "b").reply.isAck)
    var fills = try #require(trades(bench, "X1"))
    fills += fills
    #expect(Fill.fee(of: fills) != nil)
    fills[1].fee?.asset = "BNB"
    #expect(Fill.fee(of: fills) == nil)
    fills[1].fee = nil
    #expect(Fill.fee(of: fills) == nil)
  }

  @Test
  func `The history has the question, its answer, and an order that somebody else made`() {
    let result = Session.run { _, front, note throws(Stopped) in
      _ = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
      let reply = try front.trades(
        symbol: Bench.symbol, orderId: "X0", clientOrderId: "a", deadline: .distantFuture)
      if case .success(let fills) = reply { note("\(fills.count)") }
      try front.perform(.otherBot)
    }
    #expect(result.notes == ["1"])
    let lines = result.log.split(separator: "\n").filter { $0.contains("order_trades") }
    #expect(lines.first?.contains("\"client_order_id\":\"a\",\"order_id\":\"X0\"") == true)
    #expect(lines.dropFirst().first?.contains("\"filled_qty\":\"10\",\"fee\":") == true)
    let foreign = result.log.split(separator: "\n").filter { $0.contains("\"kind\":\"foreign\"") }
    #expect(foreign.count == 1 && foreign.first?.contains("\"side\":\"buy\",\"client_order_id\":\"B1\"") == true)
  }
}
