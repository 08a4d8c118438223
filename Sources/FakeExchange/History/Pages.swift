/// A list that grows by pages, so that growing moves no element and asks for no large piece of memory.
///
/// An array doubles: of a session of a million orders that is gigabytes moved, and twice the memory at the worst moment.
package struct Pages<Element: Sendable>: Sendable, RandomAccessCollection, MutableCollection {
  private static var shift: Int { 8 }
  private static var length: Int { 1 << shift }

  private var pages: [[Element]] = []
  /// Elements so far.
  package private(set) var count = 0

  /// A list without elements.
  package init() {}

  /// Zero.
  package var startIndex: Int { 0 }
  /// The number of elements.
  package var endIndex: Int { count }

  /// O(1); an index beyond the end is the caller's mistake.
  package subscript(index: Int) -> Element {
    @inline(__always) _read { yield pages[index >> Self.shift][index & (Self.length - 1)] }
    @inline(__always) _modify { yield &pages[index >> Self.shift][index & (Self.length - 1)] }
  }

  /// O(1).
  mutating func append(_ element: consuming Element) {
    if count & (Self.length - 1) == 0 {
      var page: [Element] = []
      page.reserveCapacity(Self.length)
      pages.append(page)
    }
    pages[pages.count - 1].append(element)
    count += 1
  }
}

/// Giving back.
extension Pages {
  /// Elements of one page; pages begin at multiples of it.
  package static var pageLength: Int { length }

  /// Whether the element's page was not given back.
  package func isKept(_ index: Int) -> Bool {
    let page = index >> Self.shift
    return index < count && (page >= pages.count || !pages[page].isEmpty)
  }

  /// Gives the memory of a full page back: reading its elements is the caller's mistake from then on.
  mutating func release(page: Int) {
    precondition((page + 1) << Self.shift <= count, "a page that is still being filled")
    pages[page] = []
  }
}
