import Basics

extension ClassicProgram {
  /// A worker that leaves a phase early without giving its lock back, and takes it again in the next one.
  static func phase01(_ isCorrect: Bool) -> ClassicProgram {
    ClassicProgram(
      isCorrect ? "phase01_ok" : "phase01", bug: "a missing unlock, then the same lock again", isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let phase = stage.lock("phase")
      let work = stage.shared("work")
      let prepare: @Sendable () throws(Stopped) -> Void = { () throws(Stopped) in
        try phase.lock()
        try work.add(1)
        if try work.get() == 2, !isCorrect { return }
        phase.unlock()
      }
      let worker: @Sendable () throws(Stopped) -> Void = { () throws(Stopped) in
        try prepare()
        try phase.withLock { () throws(Stopped) in _ = try work.get() }
      }
      try stage.together([("worker", worker), ("worker", worker)])
    }
  }
}
