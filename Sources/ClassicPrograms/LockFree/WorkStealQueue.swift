import Basics
import ChaosRuntime

extension ClassicProgram {
  /// The work-stealing queue of Cilk: the owner takes from the tail without a lock unless it meets a thief, who takes from
  /// the head under the lock. The thief looks at the tail before it raises the head; both may take the last item.
  ///
  /// After Frigo, Leiserson and Randall, "The Implementation of the Cilk-5 Multithreaded Language", PLDI 1998.
  static func workStealQueue(_ isCorrect: Bool) -> ClassicProgram {
    ClassicProgram(
      isCorrect ? "work_steal_queue_ok" : "work_steal_queue", bug: "the thief looks before it claims",
      isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let queue = StealQueue(stage, looksFirst: !isCorrect)
      let handouts = Handouts(stage)
      try stage.together([
        (
          "owner",
          { () throws(Stopped) in
            try queue.push(1)
            try queue.push(2)
            try handouts.give(try queue.pop())
            try queue.push(3)
            try handouts.give(try queue.pop())
            try handouts.give(try queue.pop())
          }
        ),
        ("thief", { () throws(Stopped) in for _ in 0..<2 { try handouts.give(try queue.steal()) } }),
      ])
      while let item = try queue.pop() { try handouts.give(item) }
      try handouts.expectAll(3)
    }
  }
}

private final class StealQueue: Sendable {
  private let lock: Lock
  private let head: Atomic
  private let tail: Atomic
  private let items: [Shared<Int>]
  private let looksFirst: Bool

  init(_ stage: Stage, looksFirst: Bool) {
    lock = stage.lock("queue")
    head = Atomic(stage, "head", 0)
    tail = Atomic(stage, "tail", 0)
    items = (0..<3).map { stage.shared("item \($0)") }
    self.looksFirst = looksFirst
  }

  func push(_ item: Int) throws(Stopped) {
    let end = try tail.get()
    try items[end].set(item)
    try tail.set(end + 1)
  }

  func pop() throws(Stopped) -> Int? {
    if let item = try takeLast() { return item }
    return try lock.withLock { () throws(Stopped) in try takeLast() }
  }

  private func takeLast() throws(Stopped) -> Int? {
    let last = try tail.get() - 1
    try tail.set(last)
    if try head.get() <= last { return try items[last].get() }
    try tail.set(last + 1)
    return nil
  }

  func steal() throws(Stopped) -> Int? {
    try lock.withLock { () throws(Stopped) in
      let first = try head.get()
      if looksFirst {
        guard first < (try tail.get()) else { return nil }
        try head.set(first + 1)
      } else {
        try head.set(first + 1)
        guard first < (try tail.get()) else {
          try head.set(first)
          return nil
        }
      }
      return try items[first].get()
    }
  }
}
