import FakeExchange

/// The orders of all accounts by the venue's number: the newest ones, and those that are open. Older ones that have ended are
/// forgotten, so that an exchange which is served for weeks takes no more memory than after an hour; a few at a time, since
/// forgetting a page of them takes a millisecond in which everybody would wait.
struct KeptOrders {
  private struct Entry {
    /// `nobody`: the order is forgotten.
    var account: Int
    var order: WireOrder
  }

  private static let nobody = -1

  /// Orders that are kept at least.
  static let newest = 20_000
  private static let length = Venue.forgottenTogether

  private var pages: [[Entry]] = []
  /// Pages before it hold no newest order.
  private var horizon = 0
  /// Pages before the horizon that are kept for an open order.
  private var old: [Int] = []
  /// Pages whose orders have all ended, in the order they go, and how many of the first one's orders have gone.
  private var going: [Int] = []
  private var gone = 0
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
    guard id > 0, page < pages.count, index < pages[page].count, pages[page][index].account != Self.nobody else {
      return nil
    }
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

  /// Looks for pages of orders that are neither new nor open: those may be forgotten.
  mutating func findOld() {
    let end = max(horizon, (count - Self.newest) / Self.length)
    guard horizon < end || !old.isEmpty else { return }
    let candidates = old + Array(horizon..<end)
    horizon = end
    old.removeAll()
    for page in candidates {
      if pages[page].allSatisfy({ $0.order.status.isTerminal }) { going.append(page) } else { old.append(page) }
    }
  }

  /// Forgets at most so many of the orders that were found; `each` is told each of them. Their numbers, which lie on one page;
  /// parts of a page go in order.
  mutating func forget(atMost most: Int, _ each: (WireOrder, _ account: Int) -> Void) -> Range<Int>? {
    guard let page = going.first else { return nil }
    let part = gone..<min(gone + most, Self.length)
    for index in part {
      each(pages[page][index].order, pages[page][index].account)
      pages[page][index].account = Self.nobody
    }
    gone = part.upperBound
    if gone == Self.length {
      pages[page] = []
      going.removeFirst()
      gone = 0
    }
    let first = page * Self.length + 1
    return first + part.lowerBound..<first + part.upperBound
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
