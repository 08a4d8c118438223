import Basics
import ChaosRuntime

extension ClassicProgram {
  /// Each node passes on what its neighbour has, under a lock, without a look whether the neighbour has it yet.
  static func tokenRing(_ isCorrect: Bool) -> ClassicProgram {
    ClassicProgram(
      isCorrect ? "token_ring_ok" : "token_ring", bug: "order under a correct lock: passed on before it came",
      isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let lock = stage.lock("ring")
      let passed = Condition(lock, "passed")
      let nodes = (0..<4).map { stage.shared("node \($0)", $0 == 0 ? 7 : 0) }
      let done = stage.shared("done")
      let node: @Sendable (Int) throws(Stopped) -> Void = { index throws(Stopped) in
        try lock.withLock { () throws(Stopped) in
          while isCorrect, try nodes[index - 1].get() == 0 { try passed.wait() }
          try nodes[index].set(try nodes[index - 1].get())
          try done.add(1)
          passed.broadcast()
        }
      }
      try stage.together([
        ("node-1", { () throws(Stopped) in try node(1) }),
        ("node-2", { () throws(Stopped) in try node(2) }),
        ("node-3", { () throws(Stopped) in try node(3) }),
        (
          "check",
          { () throws(Stopped) in
            try lock.withLock { () throws(Stopped) in
              guard try done.get() == 3 else { return }
              try stage.expect(try nodes[3].get() == 7, "the token did not go round")
            }
          }
        ),
      ])
    }
  }
}
