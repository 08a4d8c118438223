import Trading

/// Who holds what: free and locked amounts of every asset on every account.
///
/// Every operation moves an amount and none makes one, so the total of an asset never changes; `stepViolation` proves it after
/// each step.
public struct VenueLedger: Sendable {
  /// What is wrong after a step.
  public enum Violation: Sendable, Equatable, CustomStringConvertible {
    /// An asset's total is not what it was at the start.
    case notConserved(asset: String, start: Decimal, now: Decimal)
    /// An account has less than nothing.
    case negative(account: String, asset: String)

    /// Asset or account, and the figures that do not agree.
    public var description: String {
      switch self {
      case .notConserved(let asset, let start, let now): "\(asset): total was \(start) at the start and is \(now)"
      case .negative(let account, let asset): "\(asset): account \(account) is below zero"
      }
    }
  }

  /// Sorted by name.
  public var assets: [String] { names.assets }
  let names: AssetNames
  /// In the order of their indices: the market maker, the fees, then the clients.
  public let accounts: [String]
  private var cells: [Cell]
  /// Columns with a changed amount since the last step: bit n stands for column n, and for those 64, 128, ... behind it.
  private var changed: UInt64 = 0
  private let start: [Decimal]
  /// What each account had of each asset at the start.
  private let opening: [Decimal]

  /// What one account has of one asset.
  private struct Cell: Sendable {
    var free = Decimal.zero
    var locked = Decimal.zero

    var total: Decimal { free + locked }
    var isNegative: Bool { free.isNegative || locked.isNegative }
  }

  /// Makes a ledger of accounts with their balances; the caller has bounded the amounts so that totals fit.
  init(accounts: [(name: String, balances: [Balance])], assets: Set<String>) {
    let assets = assets.sorted()
    names = AssetNames(assets)
    self.accounts = accounts.map(\.name)
    var cells = [Cell](repeating: Cell(), count: accounts.count * assets.count)
    for (row, account) in accounts.enumerated() {
      for balance in account.balances {
        guard let column = assets.firstIndex(of: balance.asset) else { continue }
        cells[row * assets.count + column].free += balance.free
        cells[row * assets.count + column].locked += balance.locked
      }
    }
    self.cells = cells
    start = VenueLedger.sum(cells, columns: assets.count)
    opening = cells.map(\.free)
  }

  /// Assets of which the account has more than at the start.
  func grownAssetCount(_ account: Venue.Account) -> Int {
    let row = account.index * assets.count
    return assets.indices.reduce(0) { count, column in
      count + (cells[row + column].total > opening[row + column] ? 1 : 0)
    }
  }

  /// The column of an asset.
  func index(of asset: String) -> Int? { assets.firstIndex(of: asset) }

  /// What the account can use.
  func free(_ account: Int, _ asset: Int) -> Decimal { cells[account * assets.count + asset].free }

  /// What open orders of the account hold.
  func locked(_ account: Int, _ asset: Int) -> Decimal { cells[account * assets.count + asset].locked }

  /// What the account has of the asset.
  func balance(_ account: Int, _ asset: Int) -> Balance {
    let cell = cells[account * assets.count + asset]
    return Balance(asset: assets[asset], free: cell.free, locked: cell.locked)
  }

  /// Moves from free to locked; false, and nothing moved, when there is too little.
  mutating func lock(_ account: Int, _ asset: Int, _ amount: Decimal) -> Bool {
    guard free(account, asset) >= amount else { return false }
    change(account, asset, free: -amount, locked: amount)
    return true
  }

  /// Moves from locked to free.
  mutating func unlock(_ account: Int, _ asset: Int, _ amount: Decimal) {
    change(account, asset, free: amount, locked: -amount)
  }

  /// Moves to another account's free amount, out of the payer's locked or free amount.
  mutating func pay(_ asset: Int, _ amount: Decimal, from payer: Int, fromLocked: Bool, to payee: Int) {
    if amount.isZero { return }
    change(payer, asset, free: fromLocked ? .zero : -amount, locked: fromLocked ? -amount : .zero)
    change(payee, asset, free: amount)
  }

  /// All that ever changes an amount; nothing else may, or `stepViolation` does not see it.
  mutating func change(_ account: Int, _ asset: Int, free more: Decimal, locked moreLocked: Decimal = .zero) {
    let index = account * assets.count + asset
    var cell = cells[index]
    cell.free += more
    cell.locked += moreLocked
    cells[index] = cell
    changed |= 1 << UInt64(asset & 63)
  }

  /// The account's balances that are not zero, by asset.
  public func balances(_ account: Venue.Account) -> [Balance] {
    var result: [Balance] = []
    for (column, asset) in assets.enumerated() {
      let balance = Balance(
        asset: asset, free: free(account.index, column), locked: locked(account.index, column))
      if !balance.free.isZero || !balance.locked.isZero { result.append(balance) }
    }
    return result
  }

  /// The total of each asset over all accounts.
  public var totals: [(asset: String, total: Decimal)] {
    Array(zip(assets, VenueLedger.sum(cells, columns: assets.count))).map { (asset: $0.0, total: $0.1) }
  }

  /// The first thing that is wrong, nil when all is well. O(accounts × assets).
  public var violation: Violation? {
    let columns = assets.count
    for (index, cell) in cells.enumerated() where cell.isNegative {
      return .negative(account: accounts[index / columns], asset: assets[index % columns])
    }
    for (column, total) in VenueLedger.sum(cells, columns: columns).enumerated() where total != start[column] {
      return .notConserved(asset: assets[column], start: start[column], now: total)
    }
    return nil
  }

  /// What is wrong after a step that was right before it: looks at the assets that changed. O(accounts × those assets).
  mutating func stepViolation() -> Violation? {
    let columns = assets.count
    while changed != 0 {
      var column = changed.trailingZeroBitCount
      changed &= changed - 1
      while column < columns {
        guard isRight(column) else { return violation }
        column += 64
      }
    }
    return nil
  }

  private func isRight(_ column: Int) -> Bool {
    let columns = assets.count
    return cells.withUnsafeBufferPointer { cells in
      var (total, signs, index) = (Int128.zero, Int128.zero, column)
      while index < cells.count {
        let (free, locked) = (cells[index].free.coefficient, cells[index].locked.coefficient)
        signs |= free | locked
        total += free
        total += locked
        index += columns
      }
      return signs >= 0 && total == start[column].coefficient
    }
  }

  private static func sum(_ cells: [Cell], columns: Int) -> [Decimal] {
    var totals = [Decimal](repeating: .zero, count: columns)
    for index in cells.indices { totals[index % columns] += cells[index].total }
    return totals
  }
}
