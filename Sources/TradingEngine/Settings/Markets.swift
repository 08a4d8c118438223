import Synchronization
import Trading

/// The symbols that are traded and their rules; parts name a symbol by its index here.
public final class Markets: Sendable {
  /// The symbols in the order given: a market is an index of this list.
  public let symbols: [Symbol]
  private let isDoubted = Atomic<Bool>(false)
  private let known: Mutex<[MarketRules?]>

  init(_ symbols: [Symbol]) {
    self.symbols = symbols
    known = Mutex(Array(repeating: nil, count: symbols.count))
  }

  /// How many symbols are traded.
  public var count: Int { symbols.count }

  /// The asset that prices and budget are in; empty when there are no symbols.
  public var quoteAsset: String { symbols.first?.quote ?? "" }

  /// The index of a symbol; nil when it is not traded. O(symbols).
  public func index(of symbol: Symbol) -> Int? { symbols.firstIndex(of: symbol) }

  /// The rules of one market; nil before the venue told.
  public func rules(_ market: Int) -> MarketRules? { known.withLock { $0[market] } }

  /// The venue refused an order by a rule: those that are known may be old.
  func doubt() { isDoubted.store(true, ordering: .relaxed) }

  /// Whether the rules should be asked for again; asked once.
  func takeDoubt() -> Bool { isDoubted.exchange(false, ordering: .relaxed) }

  func learn(_ rules: [MarketRules]) {
    known.withLock { table in
      for rule in rules {
        if let index = symbols.firstIndex(of: rule.symbol) { table[index] = rule }
      }
    }
  }
}
