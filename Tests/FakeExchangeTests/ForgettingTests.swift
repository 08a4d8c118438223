import Basics
import Testing
import Trading

@testable import FakeExchange

@Suite("Orders that a venue forgets")
struct ForgettingTests {
  /// Of four one trades nothing, two buy and one sells.
  private func place(_ venue: inout Venue, _ number: Int, id: String? = nil) -> VenueReply {
    let isSale = number % 4 == 2
    let request = OrderRequest(
      clientOrderId: id ?? "id\(number)", symbol: Bench.symbol, side: isSale ? .sell : .buy, type: .limit,
      timeInForce: .ioc, quantity: Decimal(1), price: isSale || number % 4 == 0 ? d("1.5") : d("2"))
    return venue.handle(
      .place(request), account: venue.account("alice") ?? Venue.fees,
      at: .simulationEpoch + .seconds(Int64(number) / 20)
    ).reply
  }

  @Test
  func `What is forgotten is unknown and its id is free; everything else is as it was`() throws {
    var profile = VenueProfile.mexc
    profile.reusesClientIds = false
    var venue = try Bench(notional: 10_000, profile: profile).venue
    let alice = try #require(venue.account("alice"))
    let page = Venue.forgottenTogether
    for number in 0..<(3 * page) { #expect(place(&venue, number).isAck, "\(number)") }
    let trades = venue.tape.count
    #expect(trades > page)
    func ask(_ request: VenueRequest) -> VenueReply {
      venue.handle(request, account: alice, at: .simulationEpoch).reply
    }
    venue.forgetOrders(0..<6)
    for (number, isKnown) in [(5, false), (6, true)] {
      let (order, trades) = (
        ask(.query(Bench.symbol, clientOrderId: "id\(number)")),
        ask(.trades(Bench.symbol, orderId: "X\(number)", clientOrderId: ""))
      )
      if case .report = order { #expect(isKnown) } else { #expect(!isKnown) }
      if case .trades = trades { #expect(isKnown) } else { #expect(!isKnown) }
    }
    venue.forgetOrders(6..<page)
    for number in [0, 1, 5, page - 1] {
      guard case .refused = ask(.query(Bench.symbol, clientOrderId: "id\(number)")) else {
        Issue.record("order \(number) is known")
        continue
      }
      guard case .refused = ask(.trades(Bench.symbol, orderId: "X\(number)", clientOrderId: "id\(number)")) else {
        Issue.record("trades of \(number) are known")
        continue
      }
    }
    for number in page..<(3 * page) {
      guard case .report(let report) = ask(.query(Bench.symbol, clientOrderId: "id\(number)")) else {
        Issue.record("order \(number) is unknown")
        continue
      }
      #expect(report.orderId == "X\(number)")
    }
    guard case .trades(let fills) = ask(.trades(Bench.symbol, orderId: "X\(page + 1)", clientOrderId: "")) else {
      Issue.record("trades of a kept order")
      return
    }
    #expect(fills.count == 1)
    #expect(place(&venue, 3 * page, id: "id1").isAck && !place(&venue, 3 * page, id: "id\(page)").isAck)
    venue.forgetOrders(page..<2 * page)
    #expect(!venue.tape.isKept(0) && venue.tape.isKept(trades - 1) && venue.firstViolation == nil)
    #expect(!place(&venue, 3 * page, id: "id1").isAck, "the order that has the id now is another one")
  }
}
