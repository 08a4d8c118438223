import Basics
import ChaosRuntime

extension ClassicProgram {
  /// A producer waits until the only place is empty; the consumer empties it and signals nobody.
  static func sync01(_ isCorrect: Bool) -> ClassicProgram {
    ClassicProgram(
      isCorrect ? "sync01_ok" : "sync01", bug: "a wait that nobody signals", isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let lock = stage.lock("place")
      let full = Condition(lock, "full")
      let empty = Condition(lock, "empty")
      let count = stage.shared("count")
      let rounds = 2
      try stage.together([
        (
          "producer",
          { () throws(Stopped) in
            for _ in 0..<rounds {
              try lock.withLock { () throws(Stopped) in
                while try count.get() > 0 { try empty.wait() }
                try count.add(1)
                full.signal()
              }
            }
          }
        ),
        (
          "consumer",
          { () throws(Stopped) in
            for _ in 0..<rounds {
              try lock.withLock { () throws(Stopped) in
                while try count.get() == 0 { try full.wait() }
                try count.add(-1)
                if isCorrect { empty.signal() }
              }
            }
          }
        ),
      ])
    }
  }
}
