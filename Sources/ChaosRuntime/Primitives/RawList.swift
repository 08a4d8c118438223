/// A list of plain values in memory that its owner frees.
///
/// The scheduler's own lists are touched at every scheduling point. An array inside a class costs a uniqueness check and two
/// atomic reference counts per touch, which was a sixth of a whole session.
struct RawList<Element: BitwiseCopyable> {
  /// For single accesses within `count`; void after the next append.
  private(set) var base: UnsafeMutablePointer<Element>
  private var capacity: Int
  private(set) var count = 0

  /// A list without capacity owns no memory yet.
  init(capacity: Int = 8) {
    base = capacity > 0 ? .allocate(capacity: capacity) : Self.nowhere
    self.capacity = capacity
  }

  private static var nowhere: UnsafeMutablePointer<Element> {
    UnsafeMutableRawPointer(bitPattern: MemoryLayout<Element>.alignment).unsafelyUnwrapped.assumingMemoryBound(
      to: Element.self)
  }

  /// Frees the memory; the list must not be used again.
  func deallocate() { if capacity > 0 { base.deallocate() } }

  var isEmpty: Bool { count == 0 }

  var last: Element? { count == 0 ? nil : base[count - 1] }

  subscript(_ index: Int) -> Element {
    get {
      precondition(index >= 0 && index < count, "index beyond the list")
      return base[index]
    }
    set {
      precondition(index >= 0 && index < count, "index beyond the list")
      base[index] = newValue
    }
  }

  mutating func append(_ element: Element) {
    if count == capacity { grow(to: max(8, 2 * capacity)) }
    base[count] = element
    count += 1
  }

  /// Appends `element` until there are `count`.
  mutating func extend(to count: Int, with element: Element) {
    if count > capacity { grow(to: max(2 * capacity, count)) }
    while self.count < count {
      base[self.count] = element
      self.count += 1
    }
  }

  /// O(count - index).
  @discardableResult
  mutating func remove(at index: Int) -> Element {
    let element = self[index]
    count -= 1
    if index < count { (base + index).update(from: base + index + 1, count: count - index) }
    return element
  }

  mutating func removeLast() {
    precondition(count > 0, "nothing to remove")
    count -= 1
  }

  mutating func removeAll() { count = 0 }

  mutating func removeAll(where isGone: (Element) -> Bool) {
    var kept = 0
    for index in 0..<count where !isGone(base[index]) {
      base[kept] = base[index]
      kept += 1
    }
    count = kept
  }

  func firstIndex(where isWanted: (Element) -> Bool) -> Int? {
    for index in 0..<count where isWanted(base[index]) { return index }
    return nil
  }

  func lastIndex(where isWanted: (Element) -> Bool) -> Int? {
    for index in stride(from: count - 1, through: 0, by: -1) where isWanted(base[index]) { return index }
    return nil
  }

  /// A copy as an array, for whoever reads in peace.
  var array: [Element] { Array(UnsafeBufferPointer(start: base, count: count)) }

  private mutating func grow(to capacity: Int) {
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
    larger.update(from: base, count: count)
    deallocate()
    base = larger
    self.capacity = capacity
  }
}
