import Basics
import ChaosRuntime

extension ClassicProgram {
  /// The deque of Chase and Lev without a lock: the owner reads the top before it lowers the bottom, as a processor does that
  /// lacks the fence between the two, and takes without a claim what two thieves have stolen meanwhile.
  ///
  /// After Chase and Lev, "Dynamic Circular Work-Stealing Deque", SPAA 2005.
  static func chaseLevDeque(_ isCorrect: Bool) -> ClassicProgram {
    ClassicProgram(
      isCorrect ? "chase_lev_deque_ok" : "chase_lev_deque", bug: "the top is read before the bottom is lowered",
      isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let deque = Deque(stage, readsTopFirst: !isCorrect)
      let handouts = Handouts(stage)
      let thief: @Sendable () throws(Stopped) -> Void = { () throws(Stopped) in
        for _ in 0..<2 { try handouts.give(try deque.steal()) }
      }
      try stage.together([
        (
          "owner",
          { () throws(Stopped) in
            for item in 1...3 { try deque.push(item) }
            for _ in 0..<2 { try handouts.give(try deque.take()) }
          }
        ),
        ("thief", thief), ("thief", thief),
      ])
      while let item = try deque.take() { try handouts.give(item) }
      try handouts.expectAll(3)
    }
  }
}

private final class Deque: Sendable {
  private let top: Atomic
  private let bottom: Atomic
  private let items: [Shared<Int>]
  private let readsTopFirst: Bool

  init(_ stage: Stage, readsTopFirst: Bool) {
    top = Atomic(stage, "top", 0)
    bottom = Atomic(stage, "bottom", 0)
    items = (0..<3).map { stage.shared("item \($0)") }
    self.readsTopFirst = readsTopFirst
  }

  func push(_ item: Int) throws(Stopped) {
    let end = try bottom.get()
    try items[end].set(item)
    try bottom.set(end + 1)
  }

  func take() throws(Stopped) -> Int? {
    let last = try bottom.get() - 1
    var first = 0
    if readsTopFirst {
      first = try top.get()
      try bottom.set(last)
    } else {
      try bottom.set(last)
      first = try top.get()
    }
    if first < last { return try items[last].get() }
    let isMine = try first == last ? top.exchange(first, for: first + 1) : false
    try bottom.set(last + 1)
    return isMine ? try items[last].get() : nil
  }

  /// Nil: there was nothing, or another one was faster.
  func steal() throws(Stopped) -> Int? {
    let first = try top.get()
    guard first < (try bottom.get()) else { return nil }
    let item = try items[first].get()
    return try top.exchange(first, for: first + 1) ? item : nil
  }
}
