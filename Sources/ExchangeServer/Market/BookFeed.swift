import FakeExchange
import Trading

/// The public side of one book: what stands at each price, and what has changed since it was last told.
///
/// Every change gets the next id, whoever looks first, so that the REST book and the stream always fit together: the events
/// after a book with id L begin at L + 1.
struct BookFeed: Sendable {
  /// What stands at a price.
  struct Level: Sendable, Equatable {
    var price: Decimal
    var quantity: Decimal
  }

  /// Changes that one speed of the stream has not told yet.
  struct Changes: Sendable {
    var firstId: Int?
    var bids: [Decimal: Decimal] = [:]
    var asks: [Decimal: Decimal] = [:]
  }

  /// Best first.
  private(set) var bids: [Level] = []
  private(set) var asks: [Level] = []
  /// Of the last change.
  private(set) var updateId = 1
  private var fast = Changes()
  private var slow = Changes()

  /// Takes the book as it is now.
  mutating func sync(_ book: OrderBook) {
    let (newBids, newAsks) = (Self.levels(book.orders(.buy)), Self.levels(book.orders(.sell)))
    let bidChanges = Self.changes(bids, newBids)
    let askChanges = Self.changes(asks, newAsks)
    guard !bidChanges.isEmpty || !askChanges.isEmpty else { return }
    (bids, asks) = (newBids, newAsks)
    updateId += 1
    Self.note(bidChanges, askChanges, updateId, in: &fast)
    Self.note(bidChanges, askChanges, updateId, in: &slow)
  }

  /// What one speed has still to tell, best first; nil: nothing.
  mutating func take(isFast: Bool) -> (firstId: Int, lastId: Int, bids: [Level], asks: [Level])? {
    let changes = isFast ? fast : slow
    guard let firstId = changes.firstId else { return nil }
    if isFast { fast = Changes() } else { slow = Changes() }
    let bids = changes.bids.sorted { $0.key > $1.key }.map { Level(price: $0.key, quantity: $0.value) }
    let asks = changes.asks.sorted { $0.key < $1.key }.map { Level(price: $0.key, quantity: $0.value) }
    return (firstId, updateId, bids, asks)
  }

  private static func note(_ bids: [Level], _ asks: [Level], _ id: Int, in changes: inout Changes) {
    if changes.firstId == nil { changes.firstId = id }
    for level in bids { changes.bids[level.price] = level.quantity }
    for level in asks { changes.asks[level.price] = level.quantity }
  }

  /// Orders best first, as levels.
  private static func levels(_ entries: [OrderBook.Entry]) -> [Level] {
    var levels: [Level] = []
    for entry in entries {
      if levels.last?.price == entry.price {
        levels[levels.count - 1].quantity += entry.remaining
      } else {
        levels.append(Level(price: entry.price, quantity: entry.remaining))
      }
    }
    return levels
  }

  private static func changes(_ old: [Level], _ new: [Level]) -> [Level] {
    if old == new { return [] }
    var left: [Decimal: Decimal] = [:]
    for level in old { left[level.price] = level.quantity }
    var changed: [Level] = []
    for level in new where left.removeValue(forKey: level.price) != level.quantity { changed.append(level) }
    // Gone prices in the order they stood in.
    for level in old where left[level.price] != nil { changed.append(Level(price: level.price, quantity: .zero)) }
    return changed
  }
}
