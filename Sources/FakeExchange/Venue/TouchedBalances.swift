/// The balances that a step has changed, each once, in order of accounts and assets.
///
/// A step touches the same few again and again: a bit for each asset of each account says whether it is there already.
struct TouchedBalances: Sendable {
  /// Words of an account, of 64 assets each.
  let words: Int
  private var bits: [UInt64]
  private var accounts: [Int] = []
  /// How many of them are of this step: the others' room is used again.
  private(set) var accountCount = 0

  init(accounts: Int, assets: Int) {
    words = (assets + 63) / 64
    bits = Array(repeating: 0, count: accounts * words)
  }

  var isEmpty: Bool { accountCount == 0 }

  @inline(__always)
  mutating func touch(_ account: Int, _ asset: Int) {
    let word = account * words + asset >> 6
    let before = bits[word]
    let bit: UInt64 = 1 << UInt64(asset & 63)
    if before & bit != 0 { return }
    bits[word] = before | bit
    if accountCount == 0 || accounts[accountCount - 1] != account { note(account) }
  }

  private mutating func note(_ account: Int) {
    var index = accountCount
    while index > 0, accounts[index - 1] >= account {
      index -= 1
      if accounts[index] == account { return }
    }
    if accountCount == accounts.count { accounts.append(account) }
    var last = accountCount
    while last > index {
      accounts[last] = accounts[last - 1]
      last -= 1
    }
    accounts[index] = account
    accountCount += 1
  }

  /// The accounts, in order.
  func account(_ index: Int) -> Int { accounts[index] }

  /// The columns of a word of an account, a bit for each, which are taken out.
  @inline(__always)
  mutating func take(_ account: Int, word: Int) -> UInt64 {
    let taken = bits[account * words + word]
    bits[account * words + word] = 0
    return taken
  }

  /// Forgets the accounts, whose columns are taken out.
  mutating func forgetAccounts() { accountCount = 0 }
}
