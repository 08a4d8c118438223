import Basics
import ChaosRuntime

extension ClassicProgram {
  /// Two threads, two locks, opposite orders.
  static func deadlock01(_ isCorrect: Bool) -> ClassicProgram {
    ClassicProgram(
      isCorrect ? "deadlock01_ok" : "deadlock01", bug: "two locks in opposite orders", isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let a = stage.lock("a")
      let b = stage.lock("b")
      let counter = stage.shared("counter")
      let step: @Sendable (Lock, Lock, Int) throws(Stopped) -> Void = { (outer, inner, amount) throws(Stopped) in
        try outer.withLock { () throws(Stopped) in
          try inner.withLock { () throws(Stopped) in try counter.add(amount) }
        }
      }
      try stage.together([
        ("adder", { () throws(Stopped) in try step(a, b, 1) }),
        ("taker", { () throws(Stopped) in try isCorrect ? step(a, b, -1) : step(b, a, -1) }),
      ])
    }
  }
}
