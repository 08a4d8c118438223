import Basics

extension ClassicProgram {
  /// Two poppers look whether there is an element before they take the lock.
  static func stack(_ isCorrect: Bool) -> ClassicProgram {
    ClassicProgram(
      isCorrect ? "stack_ok" : "stack", bug: "the test stands outside the lock", isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let lock = stage.lock("stack")
      let top = stage.shared("top")
      let popper: @Sendable () throws(Stopped) -> Void = { () throws(Stopped) in
        for _ in 0..<3 {
          if !isCorrect, try top.get() == 0 { continue }
          try lock.withLock { () throws(Stopped) in
            if isCorrect, try top.get() == 0 { return }
            try top.add(-1)
            try stage.expect(try top.get() >= 0, "popped from an empty stack")
          }
        }
      }
      try stage.together([
        (
          "pusher",
          { () throws(Stopped) in
            for _ in 0..<3 { try lock.withLock { () throws(Stopped) in try top.add(1) } }
          }
        ),
        ("popper", popper), ("popper", popper),
      ])
    }
  }
}
