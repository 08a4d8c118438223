import Basics
import ChaosRuntime
import Trading

/// The engine's positions, one per market, guarded by the lock `state`.
public final class PositionBook: Sendable {
  private let book: Guarded<[Position]>

  init(_ runtime: Runtime, marketCount: Int) {
    book = Guarded(Lock(runtime, "state"), Array(repeating: Position(), count: marketCount))
  }

  /// The lock `state`.
  public var lock: Lock { book.lock }

  /// The positions; the caller holds `lock`.
  public var allHoldingLock: [Position] { book.held }

  /// A copy of the positions; takes `lock`.
  public func all() throws(Stopped) -> [Position] {
    try book.withLock { $0 }
  }

  /// Books a purchase and returns the position after it; takes `lock`.
  public func add(market: Int, quantity: Decimal, cost: Decimal, at time: Instant) throws(Stopped) -> Position {
    try book.withLock { positions in
      positions[market].quantity += quantity
      positions[market].cost += cost
      if positions[market].openedAt == nil { positions[market].openedAt = time }
      return positions[market]
    }
  }

  /// Books a sale and returns the position after it; its cost shrinks in proportion. Takes `lock`.
  public func remove(market: Int, quantity: Decimal) throws(Stopped) -> Position {
    try book.withLock { positions in
      let held = positions[market]
      if quantity >= held.quantity {
        positions[market].quantity = held.quantity - quantity
        positions[market].cost = .zero
        return positions[market]
      }
      let share = (try? held.cost.multiplied(by: quantity, rounding: .halfEven)) ?? .zero
      let sold = (try? share.divided(by: held.quantity, rounding: .halfEven)) ?? .zero
      positions[market].quantity = held.quantity - quantity
      positions[market].cost = held.cost - sold
      return positions[market]
    }
  }

  /// Marks whether the position is open and returns whether that changed; takes `lock`.
  public func mark(market: Int, isOpen: Bool) throws(Stopped) -> Bool {
    try book.withLock { positions in
      let changed = positions[market].isOpen != isOpen
      positions[market].isOpen = isOpen
      if !isOpen { positions[market].openedAt = nil }
      return changed
    }
  }
}
