import Basics
import Synchronization
import Trading

/// The second source of every balance: what the user stream told of it last.
///
/// An answer that the stream does not bear out may be old, or wrong. It counts when the next answer says the same and nothing was
/// booked between the two: what was moved meanwhile an answer that has not changed does not know.
public final class ToldBalances: Sendable {
  private struct State {
    var told: [String: Balance] = [:]
    /// What was told before that in the same moment: events of one moment come in any order.
    var toldBefore: [String: Balance] = [:]
    var toldAt: [String: Instant] = [:]
    /// What an answer said that the stream did not, and the version of the books then, by asset.
    var claimed: [String: (balance: Balance, version: Int)] = [:]
    /// Whether any balance was believed.
    var hasBelieved = false
    /// Whether the stream was lost: what it did not tell since has one source.
    var isDeaf = false
  }

  private let state = Mutex(State())

  init() {}

  /// An event told these balances.
  func tell(_ balances: [Balance], at time: Instant) {
    state.withLock { state in
      for balance in balances {
        let asset = balance.asset
        state.toldBefore[asset] = state.toldAt[asset] == time ? state.told[asset] : nil
        (state.told[asset], state.toldAt[asset], state.claimed[asset]) = (balance, time, nil)
      }
    }
  }

  /// The stream was lost: what it told before bears nothing out any more.
  func forget() {
    state.withLock { state in
      (state.told, state.toldBefore) = ([:], [:])
      state.isDeaf = state.hasBelieved
    }
  }

  /// Takes in an answer that somebody asked for with another purpose: it may take back what an answer before it said.
  func heard(_ balances: [Balance]) {
    state.withLock { state in
      for balance in balances where state.claimed[balance.asset]?.balance != balance {
        state.claimed[balance.asset] = nil
      }
    }
  }

  /// Whether an answer about the asset is to be believed: the stream told the same, or nothing while it was there to tell, or
  /// the answer before said so too, of the same books.
  ///
  /// - Parameter version: of the books when the answer was asked for.
  func confirms(_ balance: Balance, version: Int) -> Bool {
    state.withLock { state in
      let told = state.told[balance.asset]
      let isTold = told == balance || state.toldBefore[balance.asset] == balance
      if isTold || told == nil && !state.isDeaf {
        state.claimed[balance.asset] = nil
        state.hasBelieved = true
        return true
      }
      if let claimed = state.claimed[balance.asset], claimed.balance == balance, claimed.version == version {
        // Where the stream tells nothing two answers bear each other out, and none that comes when something was booked.
        if told != nil { (state.told[balance.asset], state.claimed[balance.asset]) = (balance, nil) }
        return true
      }
      state.claimed[balance.asset] = (balance, version)
      return false
    }
  }
}
