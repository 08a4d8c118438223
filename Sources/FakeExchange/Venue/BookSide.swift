import Trading

/// One side of a book: price levels in order, and the orders of a level in the order they came.
///
/// Levels stand worst first in pieces of at most `pieceMax`, so that a new price moves a piece and not the side, and the best
/// level is the last of the last piece. The orders of a level are a list through `links`, whose free places are used again:
/// an order that ends is taken out of its list without looking at the others. Putting in and taking out are
/// O(log levels + pieceMax), taking from the best level is O(1).
struct BookSide: Sendable {
  /// A place in the list of a level, apart from what stands there: of a deep book the links alone stay in the cache.
  private struct Link: Sendable {
    /// The next younger order of the level; of a free place the next free one.
    var next: Int32
    /// The next older order of the level; `isFree` marks a free place.
    var previous: Int32
    /// Id of the order.
    var id: Int32
  }

  private struct Level: Sendable {
    let price: Decimal
    var oldest: Int32
    var youngest: Int32
  }

  private struct Position {
    var piece: Int
    var index: Int
  }

  private static let none: Int32 = -1
  private static let isFree: Int32 = -2
  /// Levels of a piece: a piece of full length is 3 KB, which moves in less time than a cache miss takes.
  private static let pieceMax = 96

  /// Whether higher prices are better.
  private let isBids: Bool
  private var pieces: [[Level]] = [[]]
  private var links: [Link] = []
  /// What stands at each place.
  private var entries: [OrderBook.Entry] = []
  private var firstFree = BookSide.none
  private var count = 0
  /// Places of the market maker's orders, some of which may be gone.
  private var marketPlaces: [Int32] = []
  private var marketCount = 0

  init(isBids: Bool) { self.isBids = isBids }

  var best: OrderBook.Entry? {
    guard let level = pieces[pieces.count - 1].last else { return nil }
    return entries[Int(level.oldest)]
  }

  /// Puts an order behind all others of its price and returns its place.
  mutating func insert(_ entry: OrderBook.Entry) -> Int {
    let place = newPlace(entry)
    count += 1
    if entry.id == OrderBook.market {
      marketCount += 1
      marketPlaces.append(place)
    }
    let at = position(entry.price)
    if at.index < pieces[at.piece].count, pieces[at.piece][at.index].price == entry.price {
      let youngest = pieces[at.piece][at.index].youngest
      links[Int(place)].previous = youngest
      links[Int(youngest)].next = place
      pieces[at.piece][at.index].youngest = place
    } else {
      pieces[at.piece].insert(Level(price: entry.price, oldest: place, youngest: place), at: at.index)
      if pieces[at.piece].count > Self.pieceMax { split(at.piece) }
    }
    return Int(place)
  }

  /// Takes from the best order; true when nothing is left of it and it is gone.
  mutating func takeBest(_ quantity: Decimal) {
    guard let level = pieces[pieces.count - 1].last else { return }
    let place = Int(level.oldest)
    entries[place].remaining -= quantity
    if !entries[place].remaining.isPositive { dropBest() }
  }

  mutating func dropBest() {
    let piece = pieces.count - 1
    guard let level = pieces[piece].last else { return }
    let next = links[Int(level.oldest)].next
    release(level.oldest)
    if next == Self.none {
      pieces[piece].removeLast()
      if pieces[piece].isEmpty, piece > 0 { pieces.removeLast() }
    } else {
      links[Int(next)].previous = Self.none
      pieces[piece][pieces[piece].count - 1].oldest = next
    }
  }

  /// Takes out the order of that id if it still stands at that place.
  mutating func remove(_ id: Int, at place: Int) -> Bool {
    guard links.indices.contains(place), links[place].previous != Self.isFree, links[place].id == id else {
      return false
    }
    unlink(Int32(place))
    return true
  }

  mutating func removeMarket() {
    guard marketCount > 0 else { return marketPlaces.removeAll(keepingCapacity: true) }
    if marketCount == count {
      links.removeAll(keepingCapacity: true)
      entries.removeAll(keepingCapacity: true)
      if pieces.count > 1 { pieces.removeLast(pieces.count - 1) }
      pieces[0].removeAll(keepingCapacity: true)
      (firstFree, count, marketCount) = (Self.none, 0, 0)
    } else {
      for place in marketPlaces where links[Int(place)].previous != Self.isFree {
        // A place that an order of a client has taken since is none of the market maker's.
        if links[Int(place)].id == OrderBook.market { unlink(place) }
      }
    }
    marketPlaces.removeAll(keepingCapacity: true)
  }

  /// Calls `body` with each order, best price first and of one price the oldest first, until it says false.
  func walk(_ body: (OrderBook.Entry) -> Bool) {
    for piece in pieces.reversed() {
      for level in piece.reversed() {
        var place = level.oldest
        while place != Self.none {
          guard body(entries[Int(place)]) else { return }
          place = links[Int(place)].next
        }
      }
    }
  }

  // MARK: Places

  private mutating func newPlace(_ entry: OrderBook.Entry) -> Int32 {
    let link = Link(next: Self.none, previous: Self.none, id: Int32(entry.id))
    guard firstFree != Self.none else {
      links.append(link)
      entries.append(entry)
      return Int32(links.count - 1)
    }
    let place = firstFree
    firstFree = links[Int(place)].next
    links[Int(place)] = link
    entries[Int(place)] = entry
    return place
  }

  private mutating func release(_ place: Int32) {
    count -= 1
    if links[Int(place)].id == OrderBook.market { marketCount -= 1 }
    links[Int(place)].previous = Self.isFree
    links[Int(place)].next = firstFree
    firstFree = place
  }

  private mutating func unlink(_ place: Int32) {
    let link = links[Int(place)]
    if link.previous != Self.none { links[Int(link.previous)].next = link.next }
    if link.next != Self.none { links[Int(link.next)].previous = link.previous }
    if link.previous == Self.none || link.next == Self.none {
      let at = position(entries[Int(place)].price)
      if link.previous == Self.none, link.next == Self.none {
        pieces[at.piece].remove(at: at.index)
        if pieces[at.piece].isEmpty, pieces.count > 1 { pieces.remove(at: at.piece) }
      } else if link.previous == Self.none {
        pieces[at.piece][at.index].oldest = link.next
      } else {
        pieces[at.piece][at.index].youngest = link.previous
      }
    }
    release(place)
  }

  // MARK: Levels

  private func isWorse(_ left: Decimal, _ right: Decimal) -> Bool { isBids ? left < right : left > right }

  /// Where the level of that price stands, or would.
  private func position(_ price: Decimal) -> Position {
    // The first piece that ends no worse than the price; a price better than all belongs to the last one.
    var (low, high) = (0, pieces.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if let end = pieces[middle].last, isWorse(end.price, price) { low = middle + 1 } else { high = middle }
    }
    let piece = low
    (low, high) = (0, pieces[piece].count)
    while low < high {
      let middle = (low + high) / 2
      if isWorse(pieces[piece][middle].price, price) { low = middle + 1 } else { high = middle }
    }
    return Position(piece: piece, index: low)
  }

  private mutating func split(_ piece: Int) {
    let half = pieces[piece].count / 2
    let better = Array(pieces[piece][half...])
    pieces[piece].removeLast(pieces[piece].count - half)
    pieces.insert(better, at: piece + 1)
  }
}
