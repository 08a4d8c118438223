import Basics
import ChaosRuntime
import Testing
import Trading

@testable import FakeExchange

@Suite("Matching against a slow, obvious matcher")
struct ReferenceMatcherTests {
  /// One random request: mostly limit orders around 2, of every kind, and cancels of what may be open.
  private static func request(_ n: Int, _ random: inout SplitMix) -> OrderRequest {
    func draw(_ below: Int) -> Int { Int(random.next() % UInt64(below)) }
    let kind = draw(20)
    let type: OrderType = kind == 0 ? .market : kind == 1 ? .limitMaker : .limit
    let force: TimeInForce = kind == 2 ? .ioc : kind == 3 ? .fok : .gtc
    let cents = Decimal(coefficient: Decimal.one.coefficient / 100)
    let price = Decimal(coefficient: cents.coefficient * Int128(180 + draw(41)))
    let quantity = Decimal(coefficient: cents.coefficient * Int128(100 + draw(1000)))
    return OrderRequest(
      clientOrderId: "o\(n)", symbol: Bench.symbol, side: draw(2) == 0 ? .buy : .sell, type: type, timeInForce: force,
      quantity: quantity, price: type == .market ? nil : price)
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `Trades, states and balances are the same, and the ledger adds up after every step`(seed: UInt64) throws {
    let rich = ["USDT", "AIX"].map { Balance(asset: $0, free: Decimal(10_000_000), locked: .zero) }
    let bench = try Bench(levels: 0, extra: rich)
    let reference = ReferenceMatcher(takerFee: d("0.001"))
    var random = SplitMix(seed: seed)
    var wrong: [String] = []
    for n in 0..<800 {
      let isAlice = random.next() % 2 == 0
      let account = isAlice ? bench.alice : bench.bob
      if n > 10, random.next() % 5 == 0 {
        let id = "o\(random.next() % UInt64(n))"
        let isDone = bench.ask(.cancel(Bench.symbol, clientOrderId: id), account).code == nil
        if isDone != reference.cancel(id, isAlice: isAlice) { wrong.append("\(n): cancel of \(id)") }
      } else {
        let request = Self.request(n, &random)
        let isTaken = bench.ask(.place(request), account).isAck
        if isTaken != reference.place(request, isAlice: isAlice) { wrong.append("\(n): \(request)") }
      }
      if let violation = bench.venue.firstViolation { wrong.append("\(n): \(violation)") }
    }
    let takers = bench.log.compactMap { event -> ReferenceMatcher.Trade? in
      guard case .trade(let fill, _) = event.event, !fill.isMaker else { return nil }
      return .init(taker: fill.clientOrderId, maker: "", price: fill.price, quantity: fill.quantity)
    }
    #expect(
      takers == reference.trades.map { .init(taker: $0.taker, maker: "", price: $0.price, quantity: $0.quantity) })
    let makers = bench.log.compactMap { event -> String? in
      guard case .trade(let fill, _) = event.event, fill.isMaker else { return nil }
      return fill.clientOrderId
    }
    #expect(makers == reference.trades.map(\.maker))
    for (id, order) in reference.all {
      let report = bench.report(id, order.isAlice ? bench.alice : bench.bob)
      if report?.status.rawValue != order.status || report?.filledQuantity != order.filled {
        wrong.append("\(id): \(String(describing: report?.status)), the reference says \(order.status)")
      }
    }
    for (isAlice, account) in [(true, bench.alice), (false, bench.bob)] {
      let balances = bench.venue.ledger.balances(account)
      func total(_ asset: String) -> Decimal {
        balances.first { $0.asset == asset }.map { $0.free + $0.locked } ?? .zero
      }
      #expect(total("AIX") == Decimal(10_000_500) + (reference.base[isAlice] ?? .zero))
      #expect(total("USDT") == Decimal(10_001_000) + (reference.quote[isAlice] ?? .zero))
    }
    #expect(wrong == [])
    #expect(reference.trades.count > 150)
  }
}
