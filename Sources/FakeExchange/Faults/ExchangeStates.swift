public import FaultInjection
import Trading

extension ExchangeSites {
  /// What `when` may ask for: the name, and what it counts.
  public static let states: [(name: String, summary: String)] = [
    ("open_orders", "the account's orders that can still fill"),
    ("orders", "orders that the venue has taken so far"),
    ("trades", "trades so far"),
    ("holdings", "assets of which the account has more than it had at the start"),
  ]
}

extension ExchangeFront {
  /// Lets faults ask for the venue's states.
  public func provideStates(to catalogue: SiteCatalogue) {
    for (name, _) in ExchangeSites.states {
      catalogue.provide(name) { [weak self] in self?.count(of: name) ?? 0 }
    }
  }

  private func count(of name: String) -> Int {
    state.withLock { state in
      switch name {
      case "open_orders": state.venue.openOrderCount(account)
      case "orders": state.venue.orders.count
      case "trades": state.venue.tradeCount
      default: state.venue.ledger.grownAssetCount(account)
      }
    }
  }
}

extension Venue {
  func openOrderCount(_ account: Account) -> Int {
    openCounts[account.index * markets.count..<(account.index + 1) * markets.count].reduce(0, +)
  }
}
