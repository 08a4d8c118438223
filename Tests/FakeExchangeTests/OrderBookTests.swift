import FakeExchange
import Testing
import Trading

@Suite("Order book")
struct OrderBookTests {
  @Test
  func `The best price comes first, and of one price the oldest order`() {
    var book = OrderBook()
    for (id, price) in [(1, "2.01"), (2, "2"), (3, "2.02"), (4, "2"), (5, "1.99")] {
      book.insert(.init(id: id, account: id, price: d(price), remaining: .one), .sell)
      book.insert(.init(id: id, account: id, price: d(price), remaining: .one), .buy)
    }
    var (asks, bids): ([Int], [Int]) = ([], [])
    while let best = book.best(.sell) {
      asks.append(best.id)
      book.dropBest(.sell)
    }
    while let best = book.best(.buy) {
      bids.append(best.id)
      book.takeBest(.buy, .one)
    }
    #expect(asks == [5, 2, 4, 1, 3])
    #expect(bids == [3, 1, 2, 4, 5])
  }

  @Test
  func `An order keeps its place while it is filled in part and leaves when nothing is left`() {
    var book = OrderBook()
    book.insert(.init(id: 1, account: 1, price: .one, remaining: Decimal(5)), .buy)
    book.insert(.init(id: 2, account: 2, price: .one, remaining: Decimal(5)), .buy)
    book.takeBest(.buy, Decimal(3))
    #expect(book.best(.buy)?.id == 1)
    #expect(book.best(.buy)?.remaining == Decimal(2))
    book.takeBest(.buy, Decimal(2))
    #expect(book.best(.buy)?.id == 2)
    let removals = [book.remove(id: 2, .buy), book.remove(id: 2, .buy)]
    #expect(removals == [true, false])
    #expect(book.best(.buy) == nil)
  }

  @Test
  func `What is reachable ends at the limit, at the quantity and at an own order`() {
    var book = OrderBook()
    for (id, price) in [(1, 10), (2, 11), (3, 12)] {
      book.insert(.init(id: id, account: id, price: Decimal(price), remaining: Decimal(4)), .sell)
    }
    #expect(book.reachable(.buy, limit: nil, quantity: Decimal(100), account: 9) == Decimal(12))
    #expect(book.reachable(.buy, limit: Decimal(11), quantity: Decimal(100), account: 9) == Decimal(8))
    #expect(book.reachable(.buy, limit: nil, quantity: Decimal(5), account: 9) == Decimal(5))
    #expect(book.reachable(.buy, limit: nil, quantity: Decimal(100), account: 2) == Decimal(4))
  }
}
