import Basics

extension ClassicProgram {
  /// Two producers append to an array without a lock: both may take the same place.
  static func queue(_ isCorrect: Bool) -> ClassicProgram {
    ClassicProgram(
      isCorrect ? "queue_ok" : "queue", bug: "missing lock: two elements in one place", isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let lock = stage.lock("queue")
      let places = (0..<6).map { stage.shared("place \($0)", 0) }
      let tail = stage.shared("tail")
      let append: @Sendable (Int) throws(Stopped) -> Void = { value throws(Stopped) in
        let at = try tail.get()
        try places[at].set(value)
        try tail.set(at + 1)
      }
      let producer: @Sendable (Int) throws(Stopped) -> Void = { first throws(Stopped) in
        for value in first..<(first + 3) {
          if isCorrect {
            try lock.withLock { () throws(Stopped) in try append(value) }
          } else {
            try append(value)
          }
        }
      }
      try stage.together([
        ("producer", { () throws(Stopped) in try producer(1) }),
        ("producer", { () throws(Stopped) in try producer(11) }),
      ])
      var sum = 0
      for place in places { sum += try place.get() }
      try stage.expect(sum == 1 + 2 + 3 + 11 + 12 + 13, "elements are missing: the sum is \(sum)")
    }
  }
}
