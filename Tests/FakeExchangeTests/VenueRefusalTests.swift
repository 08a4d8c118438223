import ChaosRuntime
import Testing
import Trading

@testable import FakeExchange

@Suite("What the venue refuses")
struct VenueRefusalTests {
  @Test(arguments: [
    ("10", "2.001", 30010), ("10.001", "2", 400), ("0.05", "2", 30002), ("0.4", "2", 30002), ("0", "2", 700_004),
    ("-1", "2", 700_004), ("10", "0", 700_004), ("2000000000000", "2", 30003), ("10", "2000000000", 30003),
    ("100000000000000000000000000", "100000000000000000000000000", 30003),
  ])
  func `Orders that break a filter are refused with the profile's code and leave no trace`(
    quantity: String, price: String, code: Int
  ) throws {
    let bench = try Bench()
    #expect(bench.place(.buy, quantity, at: price).reply.code == code)
    #expect(bench.log.isEmpty)
    #expect(bench.balance("USDT") == "1000/0")
  }

  @Test
  func `Too little money is 30004, too little to sell is 30005`() throws {
    let bench = try Bench()
    #expect(bench.place(.buy, "500", at: "2").reply.code == 30004)
    #expect(bench.place(.buy, "499.5", at: "2").reply.isAck)
    #expect(bench.place(.sell, "1100", at: "2.5").reply.code == 30005)
    #expect(VenueProfile.mexc.insufficientBalance.text == "Insufficient position")
    #expect(VenueProfile.mexc.oversold.text == "Oversold")
  }

  @Test
  func `The smallest notional is said in the refusal`() throws {
    let bench = try Bench()
    guard case .refused(let error) = bench.place(.buy, "0.4", at: "2").reply else { throw VenueOrderTests.Unexpected() }
    #expect(error.text == "The minimum transaction volume cannot be less than:1USDT")
  }

  @Test
  func `Client order ids have at most 32 bytes and are used once per account`() throws {
    let bench = try Bench()
    let profile = VenueProfile.mexc
    #expect(bench.place(.buy, "1", at: "1.9", id: String(repeating: "a", count: 32)).reply.isAck)
    #expect(
      bench.place(.buy, "1", at: "1.9", id: String(repeating: "a", count: 33)).reply.code
        == profile.clientIdTooLong.code)
    #expect(bench.place(.buy, "1", at: "1.9", id: "").reply.code == profile.clientIdTooLong.code)
    #expect(bench.place(.buy, "1", at: "1.9", id: "twice").reply.isAck)
    #expect(bench.place(.buy, "1", at: "1.9", id: "twice").reply.code == profile.duplicateClientId.code)
    #expect(bench.place(.buy, "1", at: "1.9", by: bench.bob, id: "twice").reply.isAck)
  }

  @Test
  func `Unknown symbols and orders are refused`() throws {
    let bench = try Bench()
    let other = try #require(Symbol("NOPE/USDT"))
    let order = OrderRequest(
      clientOrderId: "x", symbol: other, side: .buy, type: .limit, quantity: .one, price: .one)
    #expect(bench.ask(.place(order)).code == 10007)
    #expect(bench.ask(.query(Bench.symbol, clientOrderId: "x")).code == -2011)
    #expect(bench.ask(.cancel(Bench.symbol, clientOrderId: "x")).code == -2011)
    let mine = bench.place(.buy, "1", at: "1.9").id
    #expect(bench.ask(.query(Bench.symbol, clientOrderId: mine), bench.bob).code == -2011)
  }

  @Test
  func `Market orders need exactly one of quantity and quote amount`() throws {
    let bench = try Bench()
    #expect(bench.place(.buy, type: .market).reply.code == 700_004)
    #expect(bench.place(.buy, "1", type: .market, quote: "2").reply.code == 700_004)
    #expect(bench.place(.buy, "1", at: "2", quote: "2").reply.code == 700_004)
    #expect(bench.place(.buy, type: .market, quote: "0.5").reply.code == 30002)
  }

  @Test
  func `A fault's code gives the profile's refusal, an unknown one a refusal of kind other`() {
    #expect(VenueProfile.mexc.error(code: "30004") == VenueProfile.mexc.insufficientBalance)
    #expect(VenueProfile.mexc.error(code: "429").kind == .rateLimited)
    #expect(VenueProfile.mexc.error(code: "77").kind == .other)
    #expect(VenueProfile.mexc.error(code: "weird").text == "weird")
  }

  @Test
  func `A venue does not open with broken accounts`() {
    let market = MarketGenerator(seed: 1, symbols: [Bench.symbol])
    #expect(throws: VenueSetupError.duplicateAccount("a")) {
      try Venue(source: market, accounts: [("a", []), ("a", [])])
    }
    #expect(throws: VenueSetupError.badBalance(account: "a", asset: "USDT")) {
      try Venue(source: market, accounts: [("a", [Balance(asset: "USDT", free: d("-1"))])])
    }
  }
}
