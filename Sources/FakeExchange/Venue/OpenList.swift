/// Numbers of orders in the order they were put in; each at most once.
///
/// A list through two arrays that the numbers index, so that an order leaves it in O(1) however many there are.
struct OpenList: Sendable {
  private static let none: Int32 = -1
  /// The number is not on the list.
  private static let isAbsent: Int32 = -2

  private var next: [Int32] = []
  private var previous: [Int32] = []
  private var oldest = OpenList.none
  private var youngest = OpenList.none
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// Puts a number that is not on the list at its end.
  mutating func append(_ id: Int) {
    while next.count <= id {
      next.append(Self.isAbsent)
      previous.append(Self.isAbsent)
    }
    precondition(next[id] == Self.isAbsent, "order \(id) is on the list already")
    next[id] = Self.none
    previous[id] = youngest
    if youngest == Self.none { oldest = Int32(id) } else { next[Int(youngest)] = Int32(id) }
    youngest = Int32(id)
    count += 1
  }

  /// Takes a number out; false when it is not on the list.
  mutating func remove(_ id: Int) -> Bool {
    guard id < next.count, next[id] != Self.isAbsent else { return false }
    if previous[id] == Self.none { oldest = next[id] } else { next[Int(previous[id])] = next[id] }
    if next[id] == Self.none { youngest = previous[id] } else { previous[Int(next[id])] = previous[id] }
    (next[id], previous[id]) = (Self.isAbsent, Self.isAbsent)
    count -= 1
    return true
  }

  /// The first number, oldest first, of which `isWanted` holds.
  func first(where isWanted: (Int) -> Bool) -> Int? {
    var id = oldest
    while id != Self.none {
      if isWanted(Int(id)) { return Int(id) }
      id = next[Int(id)]
    }
    return nil
  }

  /// The numbers of which `isWanted` holds, oldest first.
  func filter(_ isWanted: (Int) -> Bool) -> [Int] {
    var found: [Int] = []
    var id = oldest
    while id != Self.none {
      if isWanted(Int(id)) { found.append(Int(id)) }
      id = next[Int(id)]
    }
    return found
  }
}
