import Basics
import Testing
import Trading

@testable import FakeExchange

@Suite("Orders at the venue")
struct VenueOrderTests {
  @Test
  func `A limit order fills at the prices of the book, level by level, never worse than its own`() throws {
    let bench = try Bench()
    let (id, reply) = bench.place(.buy, "120", at: "2.01")
    #expect(reply.isAck)
    #expect(bench.fills(id) == ["50@2", "70@2.01"])
    let report = try #require(bench.report(id))
    #expect(report.status == .filled)
    #expect(report.filledQuote == d("240.7"))
    #expect(report.averagePrice == d("2.005833333333"))
    #expect(report.fee == Fee(asset: "USDT", amount: d("0.2407")))
  }

  @Test
  func `GTC rests with what is left, IOC expires it, FOK takes all or nothing`() throws {
    var bench = try Bench()
    let resting = bench.place(.buy, "60", at: "2").id
    #expect(bench.story(resting) == ["NEW NEW", "TRADE PARTIALLY_FILLED"])
    #expect(bench.report(resting)?.filledQuantity == d("50"))

    bench = try Bench()
    let immediate = bench.place(.buy, "60", at: "2", tif: .ioc).id
    #expect(bench.story(immediate) == ["NEW NEW", "TRADE PARTIALLY_FILLED", "EXPIRED EXPIRED"])
    #expect(bench.balance("USDT") == "899.9/0")

    bench = try Bench()
    let killed = bench.place(.buy, "60", at: "2", tif: .fok).id
    #expect(bench.story(killed) == ["NEW NEW", "EXPIRED EXPIRED"])
    #expect(bench.balance("USDT") == "1000/0")
    let filled = bench.place(.buy, "50", at: "2", tif: .fok).id
    #expect(bench.story(filled) == ["NEW NEW", "TRADE FILLED"])
  }

  @Test
  func `An IOC order away from the market expires with nothing filled`() throws {
    let bench = try Bench()
    let id = bench.place(.buy, "10", at: "1.95", tif: .ioc).id
    #expect(bench.story(id) == ["NEW NEW", "EXPIRED EXPIRED"])
    #expect(bench.report(id)?.averagePrice == nil)
  }

  @Test
  func `A market order takes by quantity or by quote amount and never rests`() throws {
    var bench = try Bench()
    let byQuantity = bench.place(.buy, "60", type: .market).id
    #expect(bench.fills(byQuantity) == ["50@2", "10@2.01"])
    bench = try Bench()
    let byQuote = bench.place(.buy, type: .market, quote: "110").id
    #expect(bench.fills(byQuote) == ["50@2", "4.97@2.01"])
    #expect(bench.report(byQuote)?.status == .filled)
    bench = try Bench()
    let sold = bench.place(.sell, type: .market, quote: "19.9").id
    #expect(bench.fills(sold) == ["10@1.99"])
    #expect(bench.report(sold)?.status == .filled)
    let tooMuch = bench.place(.sell, "300", type: .market).id
    #expect(bench.story(tooMuch).last == "EXPIRED EXPIRED")
  }

  @Test
  func `A maker-only order is refused when it would take and rests otherwise`() throws {
    let bench = try Bench()
    #expect(bench.place(.buy, "10", at: "2", type: .limitMaker).reply.code == -2010)
    #expect(bench.place(.buy, "10", at: "1.98", type: .limitMaker, tif: .ioc).reply.isAck)
    guard case .reports(let open) = bench.ask(.openOrders) else { throw Unexpected() }
    #expect(open.count == 1)
  }

  @Test
  func `A resting order fills as a maker at its own price when the market crosses it`() throws {
    let bench = try Bench([(0, "1.99", "2"), (5, "1.9", "1.91")], taker: "0.001", maker: "0.0005")
    let id = bench.place(.buy, "10", at: "1.95").id
    #expect(bench.balance("USDT") == "980.4805/19.5195")
    bench.log += bench.venue.advance(to: .simulationEpoch + .seconds(4))
    #expect(bench.fills(id) == [])
    bench.log += bench.venue.advance(to: .simulationEpoch + .seconds(6))
    #expect(bench.fills(id) == ["10@1.95"])
    #expect(bench.balance("USDT") == "980.49025/0")
    #expect(bench.balance("AIX") == "510/0")
  }

  @Test
  func `Two clients trade with each other, the older order of a price first`() throws {
    let bench = try Bench(levels: 1)
    let first = bench.place(.sell, "10", at: "1.995", by: bench.alice)
    #expect(first.reply.code == 30010)
    let older = bench.place(.buy, "10", at: "1.99", by: bench.alice, second: 1).id
    let newer = bench.place(.buy, "10", at: "2.00", tif: .gtc, by: bench.bob, second: 2).id
    #expect(bench.fills(newer) == ["10@2"])
    let sale = bench.place(.sell, "55", at: "1.99", by: bench.bob, second: 3).id
    #expect(bench.fills(sale) == ["50.25@1.99", "4.75@1.99"])
    #expect(bench.fills(older) == ["4.75@1.99"])
  }

  @Test
  func `An order that meets one of the same account expires instead of trading with itself`() throws {
    let bench = try Bench(levels: 0)
    let resting = bench.place(.buy, "10", at: "1.99").id
    let taker = bench.place(.sell, "10", at: "1.98").id
    #expect(bench.story(taker) == ["NEW NEW", "EXPIRED EXPIRED"])
    #expect(bench.story(resting) == ["NEW NEW"])
    #expect(bench.balance("AIX") == "500/0")
  }

  @Test
  func `Canceling gives back what is locked and tells whether a part was filled`() throws {
    let bench = try Bench()
    let untouched = bench.place(.buy, "10", at: "1.9").id
    let partial = bench.place(.sell, "60", at: "1.99").id
    #expect(bench.fills(partial) == ["50.25@1.99"])
    guard case .report(let first) = bench.ask(.cancel(Bench.symbol, clientOrderId: untouched)),
      case .report(let second) = bench.ask(.cancel(Bench.symbol, clientOrderId: partial))
    else { throw Unexpected() }
    #expect(first.status == .canceled)
    #expect(second.status == .partiallyCanceled)
    #expect(second.filledQuantity == d("50.25"))
    #expect(bench.balance("AIX") == "449.75/0")
    #expect(bench.ask(.cancel(Bench.symbol, clientOrderId: partial)).code == -2011)
    #expect(bench.story(partial).last == "CANCELED PARTIALLY_CANCELED")
  }

  @Test
  func `The acknowledgement names the order and nothing else; events and later replies carry the fee`() throws {
    let bench = try Bench()
    let (id, reply) = bench.place(.buy, "10", at: "2", id: "mine")
    guard case .ack(let ack) = reply else { throw Unexpected() }
    #expect(ack == OrderAck(orderId: "X0", clientOrderId: "mine", acceptedAt: .simulationEpoch))
    let fees = bench.log.compactMap { event in
      if case .trade(let fill, let report) = event.event {
        "\(fill.fee?.amount ?? .zero) \(report.fee?.asset ?? "")"
      } else {
        nil
      }
    }
    #expect(fees == ["0.02 USDT"])
    #expect(bench.report(id)?.fee?.amount == d("0.02"))
  }

  struct Unexpected: Error {}
}
