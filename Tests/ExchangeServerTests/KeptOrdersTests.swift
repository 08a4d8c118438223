import Basics
import FakeExchange
import Testing
import Trading

@testable import ExchangeServer

@Suite("What an exchange remembers of orders")
struct KeptOrdersTests {
  private func order(_ id: Int, isOpen: Bool) throws -> WireOrder {
    let symbol = try #require(Symbol("BTC/USDT"))
    let request = OrderRequest(
      clientOrderId: "id\(id)", symbol: symbol, side: .buy, type: .limit, quantity: .one, price: .one)
    var order = WireOrder(id: id, request: request, createdAt: 0, updatedAt: 0)
    if !isOpen { order.status = .filled }
    return order
  }

  @Test
  func `Old orders that have ended go, a few at a time; an open one keeps its neighbours until it has ended`() throws {
    var kept = KeptOrders()
    let page = Venue.forgottenTogether
    let count = KeptOrders.newest + 3 * page
    for id in 1...count { kept.append(try order(id, isOpen: id == 5), of: id % 2) }
    var forgotten: [Int] = []
    func forget(_ most: Int) -> Range<Int>? {
      kept.forget(atMost: most) { order, account in
        #expect(account == order.id % 2)
        forgotten.append(order.id)
      }
    }
    #expect(forget(10) == nil, "nobody has looked")
    kept.findOld()
    #expect(forget(10) == page + 1..<page + 11 && forgotten == Array(page + 1..<page + 11))
    #expect(kept[page + 10] == nil && kept.account(of: page + 10) == nil && kept[page + 11] != nil)
    #expect(kept.of(0).count + kept.of(1).count == count - 10)
    // A part ends with its page.
    #expect(forget(count) == page + 11..<2 * page + 1 && forget(count) == 2 * page + 1..<3 * page + 1)
    #expect(forget(count) == nil && forgotten == Array(page + 1...3 * page))
    #expect(kept[5]?.status == .new && kept[page] != nil && kept[page + 1] == nil && kept[3 * page + 1] != nil)
    #expect(kept[0] == nil && kept[count] != nil && kept[count + 1] == nil && kept.count == count)
    #expect(kept.of(1).first?.id == 1 && kept.of(0).last?.id == count)
    kept.findOld()
    #expect(forget(count) == nil, "the open order is still there")
    #expect(kept.change(5) { $0.status = .canceled }?.id == 5)
    kept.findOld()
    #expect(forget(count) == 1..<page + 1 && kept[5] == nil && kept.change(5) { _ in } == nil)
  }

  @Test
  func `The end of a list stays where it stood`() {
    var tail = KeptTail<Int>(newest: 100)
    for number in 0..<1000 { tail.append(number) }
    #expect(tail.endIndex == 1000 && tail.count >= 100 && tail.count <= 125)
    #expect(tail.indices.allSatisfy { tail[$0] == $0 })
  }

  @Test(arguments: [
    ("0", "0.00000000"), ("1", "1.00000000"), ("-1.5", "-1.50000000"), ("0.00000001", "0.00000001"),
    ("0.000000000001", "0.000000000001"), ("109769.49", "109769.49000000"), ("0.123456789", "0.123456789"),
    ("18446744.073709551616", "18446744.073709551616"), ("100000000000000.00000001", "100000000000000.00000001"),
  ])
  func `Amounts have eight digits behind the point, and more where there are more`(amount: String, text: String) throws
  {
    #expect(BinanceJSON.fixed(try #require(Decimal(amount))) == text)
  }
}
