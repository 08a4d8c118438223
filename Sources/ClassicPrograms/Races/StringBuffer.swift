import Basics

extension ClassicProgram {
  /// Appending a buffer to another: its length and its text are taken under its lock, but not in one go.
  static func stringBuffer(_ isCorrect: Bool) -> ClassicProgram {
    ClassicProgram(
      isCorrect ? "stringbuffer_ok" : "stringbuffer", bug: "atomicity: the length is stale when the text is copied",
      isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let lock = stage.lock("source")
      let length = stage.shared("length", 8)
      let copy: @Sendable (Int) throws(Stopped) -> Void = { count throws(Stopped) in
        let has = try length.get()
        try stage.expect(count <= has, "\(count) characters of a text of \(has)")
      }
      try stage.together([
        (
          "append",
          { () throws(Stopped) in
            if isCorrect {
              try lock.withLock { () throws(Stopped) in try copy(try length.get()) }
            } else {
              let count = try lock.withLock { () throws(Stopped) in try length.get() }
              try lock.withLock { () throws(Stopped) in try copy(count) }
            }
          }
        ),
        ("erase", { () throws(Stopped) in try lock.withLock { () throws(Stopped) in try length.set(0) } }),
      ])
    }
  }
}
