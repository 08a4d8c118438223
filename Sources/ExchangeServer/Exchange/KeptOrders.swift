import FakeExchange

/// The orders of all accounts by the venue's number: the newest ones, and those that are open. Older ones that have ended are
/// forgotten, some hundreds at a time, so that an exchange which is served for weeks takes no more memory than after an hour.
struct KeptOrders {
  private struct Entry {
    var account: Int
    var order: WireOrder
  }

  /// Orders that are kept at least.
  static let newest = 20_000
  private static let length = Venue.forgottenTogether

  private var pages: [[Entry]] = []
  /// Pages before it hold no newest order.
  private var horizon = 0
  /// Pages before the horizon that are kept for an open order.
  private var old: [Int] = []
  /// Orders so far, those that are forgotten among them.
  private(set) var count = 0

  /// The order of a number of the wire, which counts from 1; nil: there is none, or it is forgotten.
  subscript(id: Int) -> WireOrder? { place(id).map { pages[$0][$1].order } }

  /// Whose it is; nil: there is none, or it is forgotten.
  func account(of id: Int) -> Int? { place(id).map { pages[$0][$1].account } }

  /// The account's orders that are kept, oldest first.
  func of(_ account: Int) -> some BidirectionalCollection<WireOrder> {
    pages.lazy.joined().filter { $0.account == account }.map(\.order)
  }

  private func place(_ id: Int) -> (page: Int, index: Int)? {
    let (page, index) = (id - 1).quotientAndRemainder(dividingBy: Self.length)
    guard id > 0, page < pages.count, index < pages[page].count else { return nil }
    return (page, index)
  }

  /// Adds the order with the next number.
  mutating func append(_ order: WireOrder, of account: Int) {
    precondition(order.id == count + 1, "orders are numbered in turn")
    if count % Self.length == 0 { pages.append([]) }
    pages[pages.count - 1].append(Entry(account: account, order: order))
    count += 1
  }

  /// Changes an order and returns it; nil: there is none.
  mutating func change(_ id: Int, _ change: (inout WireOrder) -> Void) -> WireOrder? {
    guard let (page, index) = place(id) else { return nil }
    change(&pages[page][index].order)
    return pages[page][index].order
  }

  /// Forgets what is neither new nor open; `forget` is told each order, and then the first number of those that go together.
  mutating func forget(_ each: (WireOrder, _ account: Int) -> Void, together: (_ first: Int) -> Void) {
    let end = max(horizon, (count - Self.newest) / Self.length)
    guard horizon < end || !old.isEmpty else { return }
    let candidates = old + Array(horizon..<end)
    horizon = end
    old.removeAll()
    for page in candidates {
      guard pages[page].allSatisfy({ $0.order.status.isTerminal }) else {
        old.append(page)
        continue
      }
      for entry in pages[page] { each(entry.order, entry.account) }
      pages[page] = []
      together(page * Self.length + 1)
    }
  }
}

/// The last elements of a list that grows for ever, each at the position that it had from the start.
struct KeptTail<Element>: RandomAccessCollection {
  /// Elements that are kept at least.
  private let newest: Int
  private var kept: [Element] = []
  private(set) var startIndex = 0

  init(newest: Int) { self.newest = newest }

  var endIndex: Int { startIndex + kept.count }
  subscript(position: Int) -> Element { kept[position - startIndex] }

  mutating func append(_ element: Element) {
    kept.append(element)
    // A quarter more, so that the rest is moved rarely.
    guard kept.count > newest + newest / 4 else { return }
    startIndex += kept.count - newest
    kept.removeFirst(kept.count - newest)
  }
}
