import Basics
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
    let place = book.insert(.init(id: 2, account: 2, price: .one, remaining: Decimal(5)), .buy)
    book.takeBest(.buy, Decimal(3))
    #expect(book.best(.buy)?.id == 1)
    #expect(book.best(.buy)?.remaining == Decimal(2))
    book.takeBest(.buy, Decimal(2))
    #expect(book.best(.buy)?.id == 2)
    let removals = [book.remove(id: 2, at: place, .buy), book.remove(id: 2, at: place, .buy)]
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

  @Test(arguments: [Side.buy, .sell])
  func `A side of hundreds of levels is what a sorted list is, whoever comes and goes`(side: Side) {
    var book = OrderBook()
    var plain: [(entry: OrderBook.Entry, place: Int)] = []
    var random = SplitMix(seed: 3)
    func isBetter(_ left: Decimal, _ right: Decimal) -> Bool { side == .buy ? left > right : left < right }
    for id in 0..<3000 {
      switch random.next() % 10 {
      case 0..<6:
        let isMarket = random.next() % 8 == 0
        let entry = OrderBook.Entry(
          id: isMarket ? OrderBook.market : id, account: 1, price: Decimal(Int(1 + random.next() % 500)),
          remaining: .one)
        let at = plain.firstIndex { isBetter(entry.price, $0.entry.price) } ?? plain.count
        plain.insert((entry, book.insert(entry, side)), at: at)
      case 6, 7:
        guard !plain.isEmpty else { continue }
        let (entry, place) = plain[Int(random.next() % UInt64(plain.count))]
        guard entry.id != OrderBook.market else { continue }
        book.remove(id: entry.id, at: place, side)
        book.remove(id: entry.id, at: place, side)
        plain.removeAll { $0.entry.id == entry.id }
      case 8:
        book.takeBest(side, .one)
        if !plain.isEmpty { plain.removeFirst() }
      default:
        guard random.next() % 40 == 0 else { continue }
        book.removeMarket()
        plain.removeAll { $0.entry.id == OrderBook.market }
      }
      if id % 50 == 0 || id > 2950 { #expect(book.orders(side) == plain.map(\.entry)) }
      #expect(book.best(side) == plain.first?.entry)
    }
    #expect(plain.count > 200)
  }
}
