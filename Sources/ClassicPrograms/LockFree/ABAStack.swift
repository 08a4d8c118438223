import Basics
import ChaosRuntime
import Synchronization

extension ClassicProgram {
  /// Treiber's stack without a lock, whose nodes are used again: between a popper's look at the top and its exchange the
  /// same node leaves and comes back, and the exchange takes the next node from whoever has it. The twin's top also counts
  /// its changes.
  static func abaStack(_ isCorrect: Bool) -> ClassicProgram {
    ClassicProgram(
      isCorrect ? "aba_stack_ok" : "aba_stack", bug: "a node leaves and comes back", isCorrect: isCorrect
    ) { stage throws(Stopped) in
      let stack = NodeStack(stage, countsChanges: isCorrect)
      let owned = Mutex<Set<Int>>([])
      let pop: @Sendable () throws(Stopped) -> Int? = { () throws(Stopped) in
        guard let node = try stack.pop() else { return nil }
        try stage.expect(owned.withLock { $0.insert(node).inserted }, "two threads have node \(node)")
        return node
      }
      let push: @Sendable (Int?) throws(Stopped) -> Void = { node throws(Stopped) in
        guard let node else { return }
        _ = owned.withLock { $0.remove(node) }
        try stack.push(node)
      }
      let user: @Sendable () throws(Stopped) -> Void = { () throws(Stopped) in
        let first = try pop()
        let second = try pop()
        try push(first)
        try push(second)
      }
      try stage.together([("user", user), ("user", user)])
      var count = 0
      while try pop() != nil { count += 1 }
      try stage.expect(count == NodeStack.count, "\(count) of \(NodeStack.count) nodes are left")
    }
  }
}

/// Nodes 1 to `count`; 0 is none.
private final class NodeStack: Sendable {
  static let count = 3
  private static let changes = 8

  /// The node, and above it how often the top was changed.
  private let top: Atomic
  private let following: [Shared<Int>]
  private let countsChanges: Bool

  init(_ stage: Stage, countsChanges: Bool) {
    top = Atomic(stage, "top", 1)
    following = (0...Self.count).map { stage.shared("after \($0)", $0 == Self.count ? 0 : $0 + 1) }
    self.countsChanges = countsChanges
  }

  func pop() throws(Stopped) -> Int? {
    while true {
      let seen = try top.get()
      let node = seen % Self.changes
      if node == 0 { return nil }
      if try top.exchange(seen, for: changed(seen, to: try following[node].get())) { return node }
    }
  }

  func push(_ node: Int) throws(Stopped) {
    while true {
      let seen = try top.get()
      try following[node].set(seen % Self.changes)
      if try top.exchange(seen, for: changed(seen, to: node)) { return }
    }
  }

  private func changed(_ seen: Int, to node: Int) -> Int {
    countsChanges ? (seen / Self.changes + 1) * Self.changes + node : node
  }
}
