import Basics
import Testing

@testable import FakeExchange

@Suite("Lists of the venue")
struct OpenListTests {
  @Test
  func `Open orders leave in any order, and the rest keep theirs`() {
    var (list, plain) = (OpenList(), [Int]())
    var random = SplitMix(seed: 7)
    for _ in 0..<600 {
      let id = Int(random.next() % 40)
      let isRemoved = list.remove(id)
      #expect(isRemoved == plain.contains(id))
      if isRemoved {
        plain.removeAll { $0 == id }
      } else {
        list.append(id)
        plain.append(id)
      }
      #expect(list.filter { _ in true } == plain)
      #expect(list.count == plain.count && list.isEmpty == plain.isEmpty)
    }
    #expect(list.first { $0 % 2 == 1 } == plain.first { $0 % 2 == 1 })
  }

  @Test
  func `Pages keep what was appended and let it be changed, beyond the first of them`() {
    var pages = Pages<Int>()
    for number in 0..<700 { pages.append(number) }
    let before = pages
    pages[699] = -1
    pages[256] += 1
    #expect(pages.count == 700 && pages[255] == 255 && pages[256] == 257 && pages[699] == -1)
    #expect(Array(before) == Array(0..<700))
  }

  @Test
  func `A page that is given back is gone, and the others stand where they stood`() {
    var pages = Pages<Int>()
    for number in 0..<600 { pages.append(number) }
    pages.release(page: 0)
    #expect(!pages.isKept(255) && pages.isKept(256) && !pages.isKept(600) && pages.count == 600)
    #expect(pages[256...].elementsEqual(256..<600))
  }

  @Test
  func `A client order id leads to the newest order of its account that has it`() {
    var (index, plain) = (ClientIdIndex(), [String: Int]())
    var orders: [(id: String, account: Int)] = []
    var random = SplitMix(seed: 11)
    for _ in 0..<3_000 {
      let number = random.next() % 500
      let id = [0, 6, 7, 14, 24].map { String(repeating: "x", count: $0) }[Int(number % 5)] + "\(number)"
      let account = Int(random.next() % 3)
      let place = index.place(of: id, account: account) { orders[$0] == (id, account) }
      #expect(place.order == plain["\(account) \(id)"])
      if random.next() % 3 == 0 {
        index.put(orders.count, at: place)
        plain["\(account) \(id)"] = orders.count
        orders.append((id, account))
      } else if random.next() % 6 == 0 {
        index.remove(at: place)
        plain["\(account) \(id)"] = nil
      }
    }
    #expect(plain.count > 500)
  }

  @Test
  func `Balances that a step touches are told once each, in order of accounts and assets`() {
    var touched = TouchedBalances(accounts: 5, assets: 150)
    var random = SplitMix(seed: 5)
    for _ in 0..<200 {
      var plain: Set<[Int]> = []
      for _ in 0..<Int(random.next() % 12) {
        let pair = [Int(random.next() % 5), Int(random.next() % 150)]
        touched.touch(pair[0], pair[1])
        plain.insert(pair)
      }
      #expect(touched.isEmpty == plain.isEmpty)
      var told: [[Int]] = []
      for index in 0..<touched.accountCount {
        let account = touched.account(index)
        for word in 0..<touched.words {
          let columns = touched.take(account, word: word)
          for bit in 0..<64 where columns >> UInt64(bit) & 1 == 1 { told.append([account, word * 64 + bit]) }
        }
      }
      touched.forgetAccounts()
      #expect(told == plain.sorted { $0.lexicographicallyPrecedes($1) })
    }
  }
}
