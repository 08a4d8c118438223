/// Numbers of orders in the order they were put in; each at most once.
///
/// A list through an array that the numbers index, so that an order leaves it in O(1) however many there are.
struct OpenList: Sendable {
  private static let none: Int32 = -1
  /// The number is not on the list.
  private static let isAbsent: Int32 = -2

  private struct Neighbours: Sendable {
    var next = OpenList.isAbsent
    var previous = OpenList.isAbsent
  }

  private var nodes: [Neighbours] = []
  private var oldest = OpenList.none
  private var youngest = OpenList.none
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// Puts a number that is not on the list at its end.
  mutating func append(_ id: Int) {
    while nodes.count <= id { nodes.append(Neighbours()) }
    let last = youngest
    nodes.withUnsafeMutableBufferPointer { nodes in
      precondition(nodes[id].next == Self.isAbsent, "order \(id) is on the list already")
      nodes[id] = Neighbours(next: Self.none, previous: last)
      if last != Self.none { nodes[Int(last)].next = Int32(id) }
    }
    if last == Self.none { oldest = Int32(id) }
    youngest = Int32(id)
    count += 1
  }

  /// Takes a number out; false when it is not on the list.
  mutating func remove(_ id: Int) -> Bool {
    guard id < nodes.count, nodes[id].next != Self.isAbsent else { return false }
    let node = nodes[id]
    nodes.withUnsafeMutableBufferPointer { nodes in
      if node.previous != Self.none { nodes[Int(node.previous)].next = node.next }
      if node.next != Self.none { nodes[Int(node.next)].previous = node.previous }
      nodes[id] = Neighbours()
    }
    if node.previous == Self.none { oldest = node.next }
    if node.next == Self.none { youngest = node.previous }
    count -= 1
    return true
  }

  /// The first number, oldest first, of which `isWanted` holds.
  func first(where isWanted: (Int) -> Bool) -> Int? {
    var id = oldest
    while id != Self.none {
      if isWanted(Int(id)) { return Int(id) }
      id = nodes[Int(id)].next
    }
    return nil
  }

  /// The numbers of which `isWanted` holds, oldest first.
  func filter(_ isWanted: (Int) -> Bool) -> [Int] {
    var found: [Int] = []
    var id = oldest
    while id != Self.none {
      if isWanted(Int(id)) { found.append(Int(id)) }
      id = nodes[Int(id)].next
    }
    return found
  }
}
