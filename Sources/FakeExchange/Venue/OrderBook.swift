import Trading

/// The resting orders of one symbol in price-time priority.
///
/// Taking from the best order costs O(1), putting an order in or taking it out O(log levels), however many orders rest.
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

  private var bids = BookSide(isBids: true)
  private var asks = BookSide(isBids: false)

  /// A book without orders.
  public init() {}

  /// The resting order that an incoming order of the other side meets first.
  public func best(_ side: Side) -> Entry? { side == .buy ? bids.best : asks.best }

  /// The same, looked at where the book stands: as part of a venue it would be copied for every look.
  mutating func top(_ side: Side) -> Entry? { side == .buy ? bids.best : asks.best }

  /// The orders of a side, best price first and of one price the oldest first. O(n).
  public func orders(_ side: Side) -> [Entry] {
    var orders: [Entry] = []
    walk(side) {
      orders.append($0)
      return true
    }
    return orders
  }

  /// Calls `body` with the orders of a side, best price first and of one price the oldest first, until it says false.
  func walk(_ side: Side, _ body: (Entry) -> Bool) {
    if side == .buy { bids.walk(body) } else { asks.walk(body) }
  }

  /// Puts an order behind all others of its price and returns its place, by which it is taken out again.
  @discardableResult
  public mutating func insert(_ entry: Entry, _ side: Side) -> Int {
    side == .buy ? bids.insert(entry) : asks.insert(entry)
  }

  /// Takes `quantity` from the best order of `side` and removes it when nothing is left.
  public mutating func takeBest(_ side: Side, _ quantity: Decimal) {
    if side == .buy { bids.takeBest(quantity) } else { asks.takeBest(quantity) }
  }

  /// Removes the best order of `side`.
  public mutating func dropBest(_ side: Side) {
    if side == .buy { bids.dropBest() } else { asks.dropBest() }
  }

  /// Removes the order of that id from the place that `insert` gave it; false when it is no longer there.
  @discardableResult
  public mutating func remove(id: Int, at place: Int, _ side: Side) -> Bool {
    side == .buy ? bids.remove(id, at: place) : asks.remove(id, at: place)
  }

  /// Removes the market maker's levels of both sides.
  public mutating func removeMarket() {
    bids.removeMarket()
    asks.removeMarket()
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
    walk(side.opposite) { entry in
      guard found < quantity, OrderBook.crosses(side, limit: limit, price: entry.price), entry.account != account else {
        return false
      }
      found += entry.remaining
      return true
    }
    return min(found, quantity)
  }
}
