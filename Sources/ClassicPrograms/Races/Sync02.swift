import Basics
import ChaosRuntime

extension ClassicProgram {
  /// A waiter that waits without a look at what it waits for: a signal that comes first is lost.
  static func sync02(_ isCorrect: Bool) -> ClassicProgram {
    ClassicProgram(
      isCorrect ? "sync02_ok" : "sync02", bug: "a lost wakeup: the signal came before the wait", isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let lock = stage.lock("ready")
      let changed = Condition(lock, "changed")
      let isReady = stage.shared("ready")
      try stage.together([
        (
          "waiter",
          { () throws(Stopped) in
            try lock.withLock { () throws(Stopped) in
              if isCorrect {
                while try isReady.get() == 0 { try changed.wait() }
              } else {
                try changed.wait()
              }
            }
          }
        ),
        (
          "signaller",
          { () throws(Stopped) in
            try lock.withLock { () throws(Stopped) in
              try isReady.set(1)
              changed.signal()
            }
          }
        ),
      ])
    }
  }
}
