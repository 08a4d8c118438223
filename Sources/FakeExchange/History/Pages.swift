/// A list that grows by pages, so that growing moves no element and asks for no large piece of memory.
///
/// An array doubles: of a session of a million orders that is gigabytes moved, and twice the memory at the worst moment. Its
/// elements are read and changed where they stand. A copy shares the pages until one of the two is changed.
package struct Pages<Element: Sendable>: Sendable, RandomAccessCollection, MutableCollection {
  private var table = PageTable<Element>()

  /// A list without elements.
  package init() {}

  /// Elements so far.
  package var count: Int { @inline(__always) get { table.head.pointee.count } }

  /// Zero.
  package var startIndex: Int { 0 }
  /// The number of elements.
  package var endIndex: Int { count }

  /// O(1); an index beyond the end, or of a page that was given back, is the caller's mistake.
  package subscript(index: Int) -> Element {
    @inline(__always) unsafeAddress { UnsafePointer(table.place(of: index)) }
    @inline(__always) unsafeMutableAddress {
      makeOwn()
      return table.place(of: index)
    }
  }

  /// O(1).
  @inline(__always)
  mutating func append(_ element: Element) {
    makeOwn()
    table.newPlace().initialize(to: element)
  }

  /// Appends what stands there, which is copied once: an argument of a large type may be copied on its way. O(1).
  @inline(__always)
  mutating func append(copyOf element: UnsafePointer<Element>) {
    makeOwn()
    table.newPlace().initialize(to: element.pointee)
  }

  @inline(__always)
  private mutating func makeOwn() {
    if !isKnownUniquelyReferenced(&table) { table = table.copy() }
  }
}

/// Giving back.
extension Pages {
  /// Elements of one page; pages begin at multiples of it.
  package static var pageLength: Int { PageTable<Element>.length }

  /// Whether the element's page was not given back.
  package func isKept(_ index: Int) -> Bool {
    index >= 0 && index < count && table.isKept(page: index / Self.pageLength)
  }

  /// Gives the memory of a full page back: reading its elements is the caller's mistake from then on.
  mutating func release(page: Int) {
    precondition((page + 1) * Self.pageLength <= count, "a page that is still being filled")
    makeOwn()
    table.release(page: page)
  }
}

/// The pages of one list, which no two lists change.
///
/// What changes stands behind a pointer that does not: reads of a variable of a class are guarded against each other one by one.
private final class PageTable<Element: Sendable>: @unchecked Sendable {
  struct Head {
    var count = 0
    /// Nil: given back.
    var pages: UnsafeMutablePointer<UnsafeMutablePointer<Element>?>
    var room = 4
  }

  static var length: Int { 1 << shift }
  private static var shift: Int { 8 }

  let head: UnsafeMutablePointer<Head>

  init() {
    head = .allocate(capacity: 1)
    head.initialize(to: Head(pages: .allocate(capacity: 4)))
  }

  deinit {
    for page in 0..<pageCount { release(page: page) }
    head.pointee.pages.deallocate()
    head.deallocate()
  }

  private var pageCount: Int { (head.pointee.count + Self.length - 1) >> Self.shift }

  private func used(_ page: Int) -> Int { Swift.min(Self.length, head.pointee.count - page << Self.shift) }

  @inline(__always)
  func place(of index: Int) -> UnsafeMutablePointer<Element> {
    precondition(UInt(bitPattern: index) < UInt(bitPattern: head.pointee.count), "an index beyond the end")
    guard let page = head.pointee.pages[index >> Self.shift] else { preconditionFailure("a page that was given back") }
    return page + index & (Self.length - 1)
  }

  /// The place behind the last element, which is counted already.
  @inline(__always)
  func newPlace() -> UnsafeMutablePointer<Element> {
    let count = head.pointee.count
    if count & (Self.length - 1) == 0 { addPage() }
    guard let page = head.pointee.pages[count >> Self.shift] else { preconditionFailure("a page that was given back") }
    head.pointee.count = count + 1
    return page + count & (Self.length - 1)
  }

  @inline(never)
  private func addPage() {
    let page = pageCount
    if page == head.pointee.room {
      let wider = UnsafeMutablePointer<UnsafeMutablePointer<Element>?>.allocate(capacity: page * 2)
      wider.moveInitialize(from: head.pointee.pages, count: page)
      head.pointee.pages.deallocate()
      (head.pointee.pages, head.pointee.room) = (wider, page * 2)
    }
    (head.pointee.pages + page).initialize(to: .allocate(capacity: Self.length))
  }

  func isKept(page: Int) -> Bool { head.pointee.pages[page] != nil }

  func release(page: Int) {
    guard let elements = head.pointee.pages[page] else { return }
    elements.deinitialize(count: used(page))
    elements.deallocate()
    head.pointee.pages[page] = nil
  }

  func copy() -> PageTable {
    let copy = PageTable()
    copy.head.pointee.pages.deallocate()
    copy.head.pointee = Head(
      count: head.pointee.count, pages: .allocate(capacity: head.pointee.room), room: head.pointee.room)
    for page in 0..<pageCount {
      let elements = head.pointee.pages[page].map { from in
        let elements = UnsafeMutablePointer<Element>.allocate(capacity: Self.length)
        elements.initialize(from: from, count: used(page))
        return elements
      }
      (copy.head.pointee.pages + page).initialize(to: elements)
    }
    return copy
  }
}
