import Basics
import ChaosRuntime

extension ClassicProgram {
  /// A deposit of 100 and a withdrawal of 50, each under the account's lock; the withdrawal gives up when it comes first.
  static func account(_ isCorrect: Bool) -> ClassicProgram {
    ClassicProgram(
      isCorrect ? "account_ok" : "account", bug: "order under a correct lock: withdrawn before it is there",
      isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let lock = stage.lock("account")
      let funded = Condition(lock, "funded")
      let balance = stage.shared("balance")
      let done = stage.shared("done")
      try stage.together([
        (
          "deposit",
          { () throws(Stopped) in
            try lock.withLock { () throws(Stopped) in
              try balance.add(100)
              try done.add(1)
              funded.broadcast()
            }
          }
        ),
        (
          "withdraw",
          { () throws(Stopped) in
            try lock.withLock { () throws(Stopped) in
              while isCorrect, try balance.get() < 50 { try funded.wait() }
              if try balance.get() >= 50 { try balance.add(-50) }
              try done.add(1)
            }
          }
        ),
        (
          "check",
          { () throws(Stopped) in
            try lock.withLock { () throws(Stopped) in
              guard try done.get() == 2 else { return }
              let left = try balance.get()
              try stage.expect(left == 50, "100 in, 50 out, \(left) left")
            }
          }
        ),
      ])
    }
  }
}
