import Basics

extension ClassicProgram {
  /// Two threads add under a lock; a third relies on coming before them.
  static func lazy01(_ isCorrect: Bool) -> ClassicProgram {
    ClassicProgram(
      isCorrect ? "lazy01_ok" : "lazy01", bug: "order: a reader that relies on being first", isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let lock = stage.lock("data")
      let data = stage.shared("data")
      let add: @Sendable (Int) throws(Stopped) -> Void = { amount throws(Stopped) in
        try lock.withLock { () throws(Stopped) in try data.add(amount) }
      }
      try stage.together([
        ("one", { () throws(Stopped) in try add(1) }),
        ("two", { () throws(Stopped) in try add(2) }),
        (
          "reader",
          { () throws(Stopped) in
            let seen = try lock.withLock { () throws(Stopped) in try data.get() }
            try stage.expect(seen < 3 || isCorrect && seen == 3, "the reader saw \(seen)")
          }
        ),
      ])
    }
  }
}
