import Basics

extension ClassicProgram {
  /// A ring with a counter of its elements that both sides change, without a lock.
  static func circularBuffer(_ isCorrect: Bool) -> ClassicProgram {
    ClassicProgram(
      isCorrect ? "circular_buffer_ok" : "circular_buffer", bug: "missing lock: the counter loses an update",
      isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let lock = stage.lock("ring")
      let slots = (0..<4).map { stage.shared("slot \($0)", -1) }
      let count = stage.shared("count")
      let taken = stage.shared("taken")
      let exclusively: @Sendable (() throws(Stopped) -> Void) throws(Stopped) -> Void = { body throws(Stopped) in
        if isCorrect { try lock.withLock { () throws(Stopped) in try body() } } else { try body() }
      }
      try stage.together([
        (
          "producer",
          { () throws(Stopped) in
            for value in 0..<3 {
              try exclusively { () throws(Stopped) in
                try slots[value].set(value)
                try count.add(1)
              }
            }
          }
        ),
        (
          "consumer",
          { () throws(Stopped) in
            for _ in 0..<4 {
              try exclusively { () throws(Stopped) in
                guard try count.get() > 0 else { return }
                let next = try taken.get()
                try stage.expect(try slots[next].get() == next, "element \(next) is not the one that was put in")
                try taken.set(next + 1)
                try count.add(-1)
              }
            }
          }
        ),
      ])
      let (left, out) = (try count.get(), try taken.get())
      try stage.expect(left + out == 3, "3 elements in, \(out) out, \(left) left")
    }
  }
}
