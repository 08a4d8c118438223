import Basics

extension ClassicProgram {
  /// Setters write two variables one after the other; a checker must not see the first without the second.
  ///
  /// `threads` counts all of them, one is the checker: it fails only between the first write of all and the second write of
  /// any, which is what makes the larger ones hard.
  static func reorder(_ threads: Int, _ isCorrect: Bool) -> ClassicProgram {
    ClassicProgram(
      isCorrect ? "reorder_\(threads)_ok" : "reorder_\(threads)", bug: "a window between two writes",
      isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let lock = stage.lock("pair")
      let a = stage.shared("a")
      let b = stage.shared("b")
      let exclusively: @Sendable (() throws(Stopped) -> Void) throws(Stopped) -> Void = { body throws(Stopped) in
        if isCorrect { try lock.withLock { () throws(Stopped) in try body() } } else { try body() }
      }
      let setter: @Sendable () throws(Stopped) -> Void = { () throws(Stopped) in
        try exclusively { () throws(Stopped) in
          try a.set(1)
          try b.set(-1)
        }
      }
      let checker: @Sendable () throws(Stopped) -> Void = { () throws(Stopped) in
        try exclusively { () throws(Stopped) in
          let (x, y) = (try a.get(), try b.get())
          try stage.expect(x == 0 && y == 0 || x == 1 && y == -1 || x == 0 && y == -1, "the checker saw \(x) and \(y)")
        }
      }
      try stage.together((1..<threads).map { _ in ("setter", setter) } + [("checker", checker)])
    }
  }
}
