import Basics

extension ClassicProgram {
  /// `count` philosophers who take the left fork, then the right one.
  static func philosophers(_ count: Int, _ isCorrect: Bool) -> ClassicProgram {
    ClassicProgram(
      isCorrect ? "din_phil_\(count)_ok" : "din_phil_\(count)", bug: "a cycle of \(count) locks", isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let forks = (0..<count).map { stage.lock("fork \($0)") }
      let meals = stage.shared("meals")
      try stage.together(
        (0..<count).map { seat in
          let isLeftHanded = isCorrect && seat == count - 1
          let left = forks[isLeftHanded ? (seat + 1) % count : seat]
          let right = forks[isLeftHanded ? seat : (seat + 1) % count]
          return (
            "philosopher-\(seat)",
            { () throws(Stopped) in
              try left.withLock { () throws(Stopped) in
                try right.withLock { () throws(Stopped) in _ = try meals.get() }
              }
            }
          )
        })
    }
  }
}
