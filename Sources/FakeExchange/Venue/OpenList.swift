/// Numbers of orders in the order they were put in; each at most once.
///
/// An order that leaves is only marked, in a byte of its own: its neighbours, which lie anywhere in memory, are not looked at.
/// The list is swept when more have left than are on it.
struct OpenList: Sendable {
  private enum Mark: UInt8 {
    case absent, present
    /// It has left, and its number stands in the list still.
    case left
  }

  /// Some of them have left.
  private var numbers: [Int32] = []
  /// By number.
  private var marks: [Mark] = []
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// Puts a number that is not on the list at its end. O(1), taken over all calls.
  mutating func append(_ id: Int) {
    while marks.count <= id { marks.append(.absent) }
    precondition(marks[id] != .present, "order \(id) is on the list already")
    if marks[id] == .left || numbers.count > 2 * count + 64 { sweep() }
    marks[id] = .present
    numbers.append(Int32(id))
    count += 1
  }

  /// Takes a number out; false when it is not on the list. O(1).
  mutating func remove(_ id: Int) -> Bool {
    guard id < marks.count, marks[id] == .present else { return false }
    marks[id] = .left
    count -= 1
    return true
  }

  private mutating func sweep() {
    var kept = 0
    for number in numbers {
      if marks[Int(number)] == .present {
        numbers[kept] = number
        kept += 1
      } else {
        marks[Int(number)] = .absent
      }
    }
    numbers.removeLast(numbers.count - kept)
  }

  /// The first number, oldest first, of which `isWanted` holds.
  func first(where isWanted: (Int) -> Bool) -> Int? {
    numbers.first { marks[Int($0)] == .present && isWanted(Int($0)) }.map { Int($0) }
  }

  /// The numbers of which `isWanted` holds, oldest first.
  func filter(_ isWanted: (Int) -> Bool) -> [Int] {
    var found: [Int] = []
    for number in numbers where marks[Int(number)] == .present && isWanted(Int(number)) { found.append(Int(number)) }
    return found
  }
}
