import Basics
import Testing
import Trading

@testable import FakeExchange

@Suite("Events, which make their reports when they are read")
struct VenueEventTests {
  @Test
  func `An event tells an order as it was at its moment, however late it is read`() throws {
    let bench = try Bench(taker: "0.001", maker: "0")
    #expect(bench.place(.buy, "10", at: "1.95", id: "a").reply.isAck)
    #expect(bench.place(.sell, "4", at: "1.9", by: bench.bob, id: "b").reply.isAck)
    #expect(bench.place(.buy, "60", at: "2.01", second: 1, id: "c").reply.isAck)
    #expect(bench.ask(.cancel(Bench.symbol, clientOrderId: "a"), at: 2).code == nil)
    // The market took the sale: its bid is better than the order's.
    #expect(bench.story("a") == ["NEW NEW", "CANCELED CANCELED"])
    #expect(bench.story("c") == ["NEW NEW", "TRADE PARTIALLY_FILLED", "TRADE FILLED"])
    let reports = bench.log.compactMap(\.report).filter { $0.clientOrderId == "c" }
    #expect(reports.map(\.filledQuantity) == [.zero, d("50"), d("60")])
    #expect(reports.map(\.filledQuote) == [.zero, d("100"), d("120.1")])
    #expect(reports.map { $0.fee?.amount } == [nil, d("0.1"), d("0.1201")])
    #expect(reports.allSatisfy { $0.orderId == "X2" && $0.updatedAt == .simulationEpoch + .seconds(1) })
    #expect(reports.allSatisfy { $0.quantity == d("60") && $0.price == d("2.01") && $0.symbol == Bench.symbol })
    let ends = bench.log.compactMap(\.report).filter { $0.clientOrderId == "a" }
    #expect(ends.map(\.updatedAt) == [.simulationEpoch, .simulationEpoch + .seconds(2)])
  }

  @Test
  func `An event whose word is replaced keeps its quote, its time and its owner`() throws {
    let bench = try Bench()
    #expect(bench.place(.buy, "10", at: "2", id: "a").reply.isAck)
    var event = try #require(bench.log.first { $0.isTrade })
    let (quote, time, type) = (event.quote, event.time, event.type)
    #expect(quote?.ask == d("2") && type == "TRADE")
    guard case .trade(let fill, var report) = event.event else { throw VenueSetupError.noRules(Bench.symbol) }
    report.clientOrderId = "other"
    event.event = .trade(fill, report)
    #expect(event.report?.clientOrderId == "other" && event.clientOrderId == "other" && event.isTrade)
    #expect(event.quote == quote && event.time == time && event.type == type && event.account == bench.alice)
  }

  @Test
  func `Events that somebody has kept stay as they were when the venue goes on`() throws {
    let bench = try Bench()
    let (_, kept) = bench.venue.handle(
      .place(
        OrderRequest(
          clientOrderId: "a", symbol: Bench.symbol, side: .buy, type: .limit, quantity: d("1"), price: d("1.9"))),
      account: bench.alice, at: .simulationEpoch)
    let types = kept.map(\.type)
    #expect(types == ["NEW", "BALANCE"])
    #expect(bench.place(.buy, "10", at: "2", id: "b").reply.isAck)
    #expect(bench.ask(.serverTime).code == nil)
    #expect(kept.map(\.type) == types && kept[0].clientOrderId == "a")
    #expect(bench.venue.advance(to: .simulationEpoch).isEmpty)
  }

  @Test
  func `Events find room however many they are, and a copy stays as it was`() {
    func append(_ second: Int, to events: inout VenueEvents) {
      let figures = VenueEvent.Figures(Venue.fees, .simulationEpoch + .seconds(second), .told)
      events.append(ToldNews(.stream(.unreadable), nil), figures)
    }
    var events = VenueEvents()
    for second in 0..<20 { append(second, to: &events) }
    let kept = events
    append(20, to: &events)
    let times = (0...20).map { Instant.simulationEpoch + .seconds($0) }
    #expect(events.map(\.time) == times && kept.map(\.time) == times.dropLast())
    events.forget()
    append(7, to: &events)
    #expect(events.map(\.time) == [times[7]] && kept.map(\.time) == times.dropLast())
  }

  @Test
  func `A history of whole steps is that of their events one by one, and has room for as many`() throws {
    let bench = try Bench()
    var (whole, single) = (VenueHistory(entriesMax: 5), VenueHistory(entriesMax: 5))
    var positions: [Range<Int>] = []
    for (time, side) in [Side.buy, .sell].enumerated() {
      let order = OrderRequest(
        clientOrderId: "o\(time)", symbol: Bench.symbol, side: side, type: .market, quantity: d("3"))
      let (_, events) = bench.venue.handle(
        .place(order), account: bench.alice, at: .simulationEpoch + .seconds(Int64(time)))
      #expect(events.tradeSideCount == 1)
      positions.append(whole.events(events, deliveredTo: bench.alice))
      for event in events { single.event(event, delivered: event.account == bench.alice) }
    }
    #expect(positions == [0..<3, 3..<5])
    #expect(whole.droppedCount == 1 && whole.entryCount == 5)
    #expect(whole.lines(endedAt: .simulationEpoch) == single.lines(endedAt: .simulationEpoch))
  }
}
