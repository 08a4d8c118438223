import Basics

extension ClassicProgram {
  /// A driver that is stopped while a request comes in: the request looks at the stop flag first and counts itself after.
  static func bluetoothDriver(_ isCorrect: Bool) -> ClassicProgram {
    ClassicProgram(
      isCorrect ? "bluetooth_driver_ok" : "bluetooth_driver", bug: "check-then-act on a stop flag", isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let lock = stage.lock("pending")
      let pending = stage.shared("pending", 1)
      let isStopping = stage.shared("stopping")
      let isStopped = stage.shared("stopped")
      let leave: @Sendable () throws(Stopped) -> Void = { () throws(Stopped) in
        let left = try lock.withLock { () throws(Stopped) -> Int in
          try pending.add(-1)
          return try pending.get()
        }
        if left == 0 { try isStopped.set(1) }
      }
      let enter: @Sendable () throws(Stopped) -> Void = { () throws(Stopped) in
        try lock.withLock { () throws(Stopped) in try pending.add(1) }
      }
      try stage.together([
        (
          "request",
          { () throws(Stopped) in
            if isCorrect {
              try enter()
              if try isStopping.get() != 0 { return try leave() }
            } else {
              if try isStopping.get() != 0 { return }
              try enter()
            }
            try stage.expect(try isStopped.get() == 0, "a request works on a stopped driver")
            try leave()
          }
        ),
        (
          "stop",
          { () throws(Stopped) in
            try isStopping.set(1)
            try leave()
          }
        ),
      ])
    }
  }
}
