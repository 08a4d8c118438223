import Synchronization
import Trading

/// The second source of every balance: what the user stream told of it last.
///
/// An answer that the stream does not bear out may be old, or wrong. It counts when the next answer says the same.
public final class ToldBalances: Sendable {
  private struct State {
    var told: [String: Balance] = [:]
    /// What an answer said that the stream did not, by asset.
    var claimed: [String: Balance] = [:]
  }

  private let state = Mutex(State())

  init() {}

  /// An event told these balances.
  func tell(_ balances: [Balance]) {
    state.withLock { for balance in balances { $0.told[balance.asset] = balance } }
  }

  /// Whether an answer about the asset is to be believed: the stream told the same, or nothing, or the answer before said so too.
  func confirms(_ balance: Balance) -> Bool {
    state.withLock { state in
      let told = state.told[balance.asset]
      if told == nil || told == balance {
        state.claimed[balance.asset] = nil
        return true
      }
      if state.claimed[balance.asset] == balance {
        state.told[balance.asset] = balance
        state.claimed[balance.asset] = nil
        return true
      }
      state.claimed[balance.asset] = balance
      return false
    }
  }
}
