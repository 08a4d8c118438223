import Basics
import ChaosRuntime

extension ClassicProgram {
  /// Two producers and two consumers of a buffer with one place, who share one condition and wake one waiter: the wake can
  /// go to a thread of the same side, which waits again.
  static func boundedBuffer(_ isCorrect: Bool) -> ClassicProgram {
    ClassicProgram(
      isCorrect ? "bounded_buffer_ok" : "bounded_buffer", bug: "one signal for two kinds of waiters",
      isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let lock = stage.lock("buffer")
      let changed = Condition(lock, "changed")
      let count = stage.shared("count")
      let rounds = 2
      let step: @Sendable (Int, Int) throws(Stopped) -> Void = { (amount, blockedAt) throws(Stopped) in
        for _ in 0..<rounds {
          try lock.withLock { () throws(Stopped) in
            while try count.get() == blockedAt { try changed.wait() }
            try count.add(amount)
            if isCorrect { changed.broadcast() } else { changed.signal() }
          }
        }
      }
      let producer: @Sendable () throws(Stopped) -> Void = { () throws(Stopped) in try step(1, 1) }
      let consumer: @Sendable () throws(Stopped) -> Void = { () throws(Stopped) in try step(-1, 0) }
      try stage.together([
        ("producer", producer), ("producer", producer), ("consumer", consumer), ("consumer", consumer),
      ])
    }
  }
}
