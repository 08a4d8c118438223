import Basics
import ChaosRuntime

extension ClassicProgram {
  /// Two groups that exclude each other: the first of a group takes the big lock under the small one, the last gives it back.
  static func carter01(_ isCorrect: Bool) -> ClassicProgram {
    ClassicProgram(
      isCorrect ? "carter01_ok" : "carter01", bug: "a lock taken under another one in one case only",
      isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let small = stage.lock("small")
      let big = stage.lock("big")
      let member: @Sendable (Shared<Int>) throws(Stopped) -> Void = { count throws(Stopped) in
        if isCorrect { try big.lock() }
        try small.withLock { () throws(Stopped) in
          try count.add(1)
          if !isCorrect, try count.get() == 1 { try big.lock() }
        }
        try small.withLock { () throws(Stopped) in
          try count.add(-1)
          if !isCorrect, try count.get() == 0 { big.unlock() }
        }
        if isCorrect { big.unlock() }
      }
      let first = stage.shared("first")
      let second = stage.shared("second")
      let idle = stage.shared("idle")
      try stage.together([
        ("first", { () throws(Stopped) in try member(first) }),
        ("second", { () throws(Stopped) in try member(second) }),
        ("idle", { () throws(Stopped) in _ = try idle.get() }),
        ("idle", { () throws(Stopped) in _ = try idle.get() }),
      ])
    }
  }
}
