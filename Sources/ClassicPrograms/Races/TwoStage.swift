import Basics

extension ClassicProgram {
  /// Writers change two variables, each under a lock of its own; a reader between the two sees one without the other.
  ///
  /// `threads` counts all of them, one is the reader.
  static func twoStage(_ threads: Int, _ isCorrect: Bool) -> ClassicProgram {
    let name = threads == 2 ? "twostage" : "twostage_\(threads)"
    return ClassicProgram(
      isCorrect ? "\(name)_ok" : name, bug: "an update of two variables in two steps", isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let both = stage.lock("both")
      let firstLock = stage.lock("first")
      let secondLock = stage.lock("second")
      let first = stage.shared("first value")
      let second = stage.shared("second value")
      let exclusively: @Sendable (() throws(Stopped) -> Void) throws(Stopped) -> Void = { body throws(Stopped) in
        if isCorrect { try both.withLock { () throws(Stopped) in try body() } } else { try body() }
      }
      let writer: @Sendable () throws(Stopped) -> Void = { () throws(Stopped) in
        try exclusively { () throws(Stopped) in
          try firstLock.withLock { () throws(Stopped) in try first.set(1) }
          try secondLock.withLock { () throws(Stopped) in try second.set(try first.get() + 1) }
        }
      }
      let reader: @Sendable () throws(Stopped) -> Void = { () throws(Stopped) in
        try exclusively { () throws(Stopped) in
          let one = try firstLock.withLock { () throws(Stopped) in try first.get() }
          if one == 0 { return }
          let two = try secondLock.withLock { () throws(Stopped) in try second.get() }
          try stage.expect(two == one + 1, "the reader saw \(one) and \(two)")
        }
      }
      try stage.together((1..<threads).map { _ in ("writer", writer) } + [("reader", reader)])
    }
  }
}
