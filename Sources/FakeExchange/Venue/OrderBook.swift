import Trading

/// The resting orders of one symbol in price-time priority.
///
/// Both sides are arrays whose last element is the best, so that taking from the top is O(1); inserting is O(n) in the
/// orders that stand before it.
public struct OrderBook: Sendable {
  /// One resting order.
  public struct Entry: Sendable, Equatable {
    /// The owner's name for the order; `OrderBook.market` marks the market maker's levels.
    public var id: Int
    /// Index of the account that owns it.
    public var account: Int
    /// Limit price, quote asset for one unit of the base asset.
    public var price: Decimal
    /// Quantity that is still to be filled, base asset, above zero.
    public var remaining: Decimal

    /// An entry as given.
    public init(id: Int, account: Int, price: Decimal, remaining: Decimal) {
      self.id = id
      self.account = account
      self.price = price
      self.remaining = remaining
    }
  }

  /// The `id` of every level of the market maker.
  public static let market = -1

  /// Worst price first, best last; of one price the newest first.
  public private(set) var bids: [Entry] = []
  /// Worst price first, best last; of one price the newest first.
  public private(set) var asks: [Entry] = []

  /// A book without orders.
  public init() {}

  /// The resting order that an incoming order of the other side meets first.
  @inlinable
  public func best(_ side: Side) -> Entry? { side == .buy ? bids.last : asks.last }

  /// Puts an order behind all others of its price. O(orders at better prices).
  public mutating func insert(_ entry: Entry, _ side: Side) {
    if side == .buy {
      OrderBook.insert(entry, into: &bids) { $0 > $1 }
    } else {
      OrderBook.insert(entry, into: &asks) { $0 < $1 }
    }
  }

  /// Takes `quantity` from the best order of `side` and removes it when nothing is left.
  public mutating func takeBest(_ side: Side, _ quantity: Decimal) {
    if side == .buy { OrderBook.take(quantity, from: &bids) } else { OrderBook.take(quantity, from: &asks) }
  }

  /// Removes the best order of `side`.
  public mutating func dropBest(_ side: Side) {
    if side == .buy { _ = bids.popLast() } else { _ = asks.popLast() }
  }

  /// Removes one order; false when it is not there. O(n).
  @discardableResult
  public mutating func remove(id: Int, _ side: Side) -> Bool {
    if side == .buy {
      guard let index = bids.lastIndex(where: { $0.id == id }) else { return false }
      bids.remove(at: index)
    } else {
      guard let index = asks.lastIndex(where: { $0.id == id }) else { return false }
      asks.remove(at: index)
    }
    return true
  }

  /// Removes the market maker's levels of both sides.
  public mutating func removeMarket() {
    bids.removeAll { $0.id == OrderBook.market }
    asks.removeAll { $0.id == OrderBook.market }
  }

  /// Whether an order of `side` with that limit (nil: any price) meets `price`.
  @inlinable
  public static func crosses(_ side: Side, limit: Decimal?, price: Decimal) -> Bool {
    guard let limit else { return true }
    return side == .buy ? limit >= price : limit <= price
  }

  /// What an incoming order could fill at once, by walking the other side up to its limit and its `quantity`, stopping
  /// at an own order.
  public func reachable(_ side: Side, limit: Decimal?, quantity: Decimal, account: Int) -> Decimal {
    var found = Decimal.zero
    for entry in (side == .buy ? asks : bids).reversed() {
      guard found < quantity, OrderBook.crosses(side, limit: limit, price: entry.price), entry.account != account else {
        break
      }
      found += entry.remaining
    }
    return min(found, quantity)
  }

  private static func insert(_ entry: Entry, into entries: inout [Entry], isBetter: (Decimal, Decimal) -> Bool) {
    var index = entries.count
    while index > 0, !isBetter(entry.price, entries[index - 1].price) { index -= 1 }
    entries.insert(entry, at: index)
  }

  private static func take(_ quantity: Decimal, from entries: inout [Entry]) {
    guard let last = entries.indices.last else { return }
    entries[last].remaining -= quantity
    if !entries[last].remaining.isPositive { entries.removeLast() }
  }
}
