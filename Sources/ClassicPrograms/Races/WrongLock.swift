import Basics

extension ClassicProgram {
  /// One thread guards a variable by one lock, `others` by another.
  static func wrongLock(_ others: Int, _ isCorrect: Bool) -> ClassicProgram {
    ClassicProgram(
      isCorrect ? "wronglock_\(others)_ok" : "wronglock_\(others)", bug: "two locks for one variable",
      isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let right = stage.lock("right")
      let wrong = isCorrect ? right : stage.lock("wrong")
      let value = stage.shared("value")
      let other: @Sendable () throws(Stopped) -> Void = { () throws(Stopped) in
        try wrong.withLock { () throws(Stopped) in try value.add(1) }
      }
      let owner: @Sendable () throws(Stopped) -> Void = { () throws(Stopped) in
        try right.withLock { () throws(Stopped) in
          let before = try value.get()
          try value.set(before + 1)
          let after = try value.get()
          try stage.expect(after == before + 1, "one more than \(before) is \(after)")
        }
      }
      try stage.together([("owner", owner)] + (0..<others).map { _ in ("other", other) })
    }
  }
}
