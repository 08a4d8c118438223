import Basics
import ChaosRuntime
import Synchronization

extension ClassicProgram {
  /// Tasks of a pool of four workers submit another task to the same pool and wait for it: when all four wait, nobody is
  /// left to run what they wait for. The twin has a pool of its own for the second tasks.
  ///
  /// Staggered, the client submits one task every 10 ms, so that four workers must be slow at the same time.
  static func nestedSubmits(isStaggered: Bool, _ isCorrect: Bool) -> ClassicProgram {
    let name = isStaggered ? "nested_staggered_4" : "nested_submits_4"
    return ClassicProgram(
      isCorrect ? "\(name)_ok" : name, bug: "tasks wait for tasks of the same pool", isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let pool = SubmitPool(stage, taskCount: 8)
      var threads: [(name: String, body: @Sendable () throws(Stopped) -> Void)] = (1...4).map { number in
        ("worker-\(number)", { () throws(Stopped) in try pool.work(0, second: isCorrect ? 1 : 0) })
      }
      if isCorrect { threads.append(("second", { () throws(Stopped) in try pool.work(1, second: 1) })) }
      let queues = isCorrect ? [4, 1] : [4]
      threads.append(
        (
          "client",
          { () throws(Stopped) in
            for task in 0..<pool.taskCount {
              if isStaggered { try stage.runtime.sleep(.milliseconds(10)) }
              try pool.submit(.first(task), to: 0)
            }
            try pool.close(queues)
          }
        ))
      try stage.together(threads)
    }
  }
}

/// Queues of tasks under one lock, and who waits for what.
private final class SubmitPool: Sendable {
  enum Job {
    case first(Int)
    case second(Int)
    case end
  }

  private struct State {
    var queues: [[Job]] = [[], []]
    var isDone: [Bool]
    var ended = 0
  }

  let taskCount: Int
  private let lock: Lock
  private let submitted: Condition
  private let done: Condition
  private let input: Shared<Int>
  /// Read and written under `lock` alone.
  private let state: Mutex<State>

  init(_ stage: Stage, taskCount: Int) {
    self.taskCount = taskCount
    lock = stage.lock("pool")
    submitted = Condition(lock, "submitted")
    done = Condition(lock, "done")
    input = stage.shared("input")
    state = Mutex(State(isDone: [Bool](repeating: false, count: taskCount)))
  }

  func submit(_ job: Job, to queue: Int) throws(Stopped) {
    try lock.withLock { () throws(Stopped) in
      state.withLock { $0.queues[queue].append(job) }
      submitted.broadcast()
    }
  }

  /// A worker of `queue`, whose tasks submit theirs to `second`.
  func work(_ queue: Int, second: Int) throws(Stopped) {
    while true {
      switch try take(queue) {
      case .end: return
      case .first(let task):
        _ = try input.get()
        try submit(.second(task), to: second)
        try wait(for: { $0.isDone[task] })
        try finish { $0.ended += 1 }
      case .second(let task): try finish { $0.isDone[task] = true }
      }
    }
  }

  /// Waits for the end of all tasks, then ends as many workers of each queue as `workers` says.
  func close(_ workers: [Int]) throws(Stopped) {
    let count = taskCount
    try wait(for: { $0.ended == count })
    for (queue, workers) in workers.enumerated() {
      for _ in 0..<workers { try submit(.end, to: queue) }
    }
  }

  private func take(_ queue: Int) throws(Stopped) -> Job {
    try lock.withLock { () throws(Stopped) in
      while state.withLock({ $0.queues[queue].isEmpty }) { try submitted.wait() }
      return state.withLock { $0.queues[queue].removeFirst() }
    }
  }

  private func finish(_ change: (inout State) -> Void) throws(Stopped) {
    try lock.withLock { () throws(Stopped) in
      state.withLock { change(&$0) }
      done.broadcast()
    }
  }

  private func wait(for isThere: (State) -> Bool) throws(Stopped) {
    try lock.withLock { () throws(Stopped) in
      while !state.withLock({ isThere($0) }) { try done.wait() }
    }
  }
}
