import Basics
import HTTP

/// Keys of user data streams: one an account, good for an hour from when it was made or renewed.
final class ListenKeys {
  private struct Entry {
    var account: Int
    var until: Instant
  }

  private let lifetime: Duration
  private var entries: [String: Entry] = [:]
  private var made = 0
  private let accounts: [WireAccount]
  /// Called with a key that is no longer good.
  var onExpiry: (_ key: String, _ account: Int, _ isForced: Bool) -> Void = { _, _, _ in }

  init(_ accounts: [WireAccount], lifetime: Duration = .seconds(3600)) {
    (self.accounts, self.lifetime) = (accounts, lifetime)
  }

  /// The account's key, a new one where it has none.
  func make(_ account: Int, at now: Instant) -> String {
    if let known = entries.first(where: { $0.value.account == account }) {
      entries[known.key]?.until = now + lifetime
      return known.key
    }
    made += 1
    let key = Base64.hexadecimal(accounts[account].hmac.code(Array("listen \(made)".utf8)[...]))
    entries[key] = Entry(account: account, until: now + lifetime)
    return key
  }

  /// Makes a key good for another hour; false: there is no such key.
  func extend(_ key: String, _ account: Int, at now: Instant) -> Bool {
    guard entries[key]?.account == account else { return false }
    entries[key]?.until = now + lifetime
    return true
  }

  func end(_ key: String, _ account: Int) -> Bool {
    guard entries[key]?.account == account else { return false }
    entries[key] = nil
    return true
  }

  func account(_ key: String) -> Int? { entries[key]?.account }

  /// Keys in force.
  var count: Int { entries.count }

  /// Ends the keys whose hour is over; all of them when told so.
  func expire(at now: Instant, all: Bool = false) {
    for (key, entry) in entries.sorted(by: { $0.key < $1.key }) where all || entry.until < now {
      entries[key] = nil
      onExpiry(key, entry.account, all && entry.until >= now)
    }
  }
}
