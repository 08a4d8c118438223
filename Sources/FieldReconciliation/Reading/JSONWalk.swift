/// Finds wanted fields in one line of JSON without building values: positions only.
///
/// A line is an object, or an array whose elements are named "0", "1", ... Quoting and brackets are proven for the whole line,
/// and its members' grammar; what nothing asks for is not looked at further.
struct JSONWalk {
  /// The wanted fields as a tree of names, in flat arrays: a walk touches no reference count.
  struct Names {
    fileprivate struct Node {
      var name: Range<Int>
      /// Where the value's place is put; -1: only something within it is wanted.
      var slot = -1
      /// Where the heads of what is wanted within begin; -1: nothing is.
      var heads = -1
      /// The next one that hashes alike.
      var next = -1
    }

    fileprivate var nodes = [Node(name: 0..<0)]
    private var bytes: [UInt8] = []
    /// `headsCount` for each node that has something within: the first node of each hash, or -1.
    private var heads: [Int] = []
    private static let headsCount = 64

    /// The tree of paths such as `reply.fee.cost`; slot i belongs to path i.
    init(paths: [String]) {
      for (slot, path) in paths.enumerated() {
        var at = 0
        for part in path.split(separator: ".") { at = inner(Array(part.utf8), of: at) }
        nodes[at].slot = slot
      }
    }

    private mutating func inner(_ name: [UInt8], of parent: Int) -> Int {
      let known = name.withUnsafeBufferPointer { text in
        text.baseAddress.map { find($0, 0, text.count, in: parent) } ?? -1
      }
      if known >= 0 || name.isEmpty { return max(known, parent) }
      if nodes[parent].heads < 0 {
        nodes[parent].heads = heads.count
        heads += [Int](repeating: -1, count: Self.headsCount)
      }
      let head = nodes[parent].heads + Self.hash(name[0], name[name.count - 1], name.count)
      var node = Node(name: bytes.count..<(bytes.count + name.count))
      node.next = heads[head]
      heads[head] = nodes.count
      bytes += name
      nodes.append(node)
      return nodes.count - 1
    }

    @inline(__always)
    private static func hash(_ first: UInt8, _ last: UInt8, _ count: Int) -> Int {
      (Int(first) &* 5 &+ Int(last) &* 11 &+ count &* 17) & (headsCount - 1)
    }

    /// The node of a name within another; -1: it is not wanted.
    @inline(__always)
    fileprivate func find(_ text: UnsafePointer<UInt8>, _ from: Int, _ to: Int, in parent: Int) -> Int {
      let start = nodes[parent].heads
      guard start >= 0, to > from else { return -1 }
      let count = to - from
      var at = heads[start &+ Self.hash(text[from], text[to - 1], count)]
      search: while at >= 0 {
        let node = nodes[at]
        if node.name.count == count {
          for i in 0..<count where bytes[node.name.lowerBound + i] != text[from + i] {
            at = node.next
            continue search
          }
          return at
        }
        at = node.next
      }
      return -1
    }
  }

  private let names: Names
  /// Places of the values by slot; empty: not there.
  private(set) var places: [Range<Int>]

  private static let none = 0..<0
  private static let depthMax = 64

  init(_ names: Names, slots: Int) {
    self.names = names
    places = Array(repeating: Self.none, count: slots)
  }

  /// Walks a line, behind which `LineStream.padding` bytes can be read. False: it is no whole value, or has trailing data.
  mutating func read(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
    for slot in places.indices { places[slot] = Self.none }
    guard let text = line.baseAddress else { return false }
    let end = line.count
    var at = end >= 3 && text[0] == 0xEF && text[1] == 0xBB && text[2] == 0xBF ? 3 : 0
    at = Self.afterSpace(text, at, end)
    guard at < end, text[at] == 0x7B || text[at] == 0x5B else { return false }
    at = text[at] == 0x7B ? object(text, at, end, wanted: 0, depth: 1) : array(text, at, end, wanted: 0)
    return at >= 0 && Self.afterSpace(text, at, end) == end
  }

  // Every function answers the place behind what it read, or -1. Places are handed on as values, so that they stay in registers.

  private mutating func object(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, wanted: Int, depth: Int) -> Int {
    var at = Self.afterSpace(text, start + 1, end)
    if at < end, text[at] == 0x7D { return at + 1 }
    while true {
      let from = at + 1
      at = Self.afterString(text, at, end)
      guard at > 0 else { return -1 }
      let found = names.find(text, from, at - 1, in: wanted)
      at = Self.afterSpace(text, at, end)
      guard at < end, text[at] == 0x3A else { return -1 }
      at = Self.afterSpace(text, at + 1, end)
      let value = at
      at = found < 0 ? Self.afterValue(text, at, end) : self.value(text, at, end, found, depth: depth)
      guard at > 0 else { return -1 }
      if found >= 0 { put(value..<at, found) }
      at = Self.afterSpace(text, at, end)
      guard at < end else { return -1 }
      let byte = text[at]
      at += 1
      if byte == 0x7D { return at }
      guard byte == 0x2C else { return -1 }
      at = Self.afterSpace(text, at, end)
    }
  }

  /// A value of which something is wanted.
  private mutating func value(_ text: UnsafePointer<UInt8>, _ at: Int, _ end: Int, _ node: Int, depth: Int) -> Int {
    let isObject = at < end && text[at] == 0x7B && names.nodes[node].heads >= 0 && depth < Self.depthMax
    return isObject ? object(text, at, end, wanted: node, depth: depth + 1) : Self.afterValue(text, at, end)
  }

  private mutating func array(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, wanted: Int) -> Int {
    var at = Self.afterSpace(text, start + 1, end)
    if at < end, text[at] == 0x5D { return at + 1 }
    var index = 0
    while true {
      let found = element(index, of: wanted)
      let value = at
      at = Self.afterValue(text, at, end)
      guard at > 0 else { return -1 }
      if found >= 0 { put(value..<at, found) }
      index += 1
      at = Self.afterSpace(text, at, end)
      guard at < end else { return -1 }
      let byte = text[at]
      at += 1
      if byte == 0x5D { return at }
      guard byte == 0x2C else { return -1 }
      at = Self.afterSpace(text, at, end)
    }
  }

  private mutating func put(_ place: Range<Int>, _ node: Int) {
    let slot = names.nodes[node].slot
    if slot >= 0, places[slot].isEmpty { places[slot] = place }
  }

  /// The node of an element of an outermost array.
  private func element(_ index: Int, of wanted: Int) -> Int {
    let name = Array(String(index).utf8)
    return name.withUnsafeBufferPointer { text in
      text.baseAddress.map { names.find($0, 0, text.count, in: wanted) } ?? -1
    }
  }

  // MARK: What nothing asks for

  @inline(__always)
  private static func afterValue(_ text: UnsafePointer<UInt8>, _ at: Int, _ end: Int) -> Int {
    guard at < end else { return -1 }
    switch text[at] {
    case 0x22: return afterString(text, at, end)
    case 0x7B, 0x5B: return afterNested(text, at, end)
    case 0x2D, 0x30...0x39, 0x74, 0x66, 0x6E: return afterScalar(text, at, end)
    default: return -1
    }
  }

  /// Brackets in pairs and texts that end; the grammar between them is left to whoever reads the value.
  private static func afterNested(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var at = start
    var depth = 0
    // Bit n says whether level n is an object.
    var kinds: UInt64 = 0
    while at < end {
      switch text[at] {
      case 0x22:
        at = afterString(text, at, end)
        if at < 0 { return -1 }
        continue
      case 0x7B, 0x5B:
        guard depth < depthMax else { return -1 }
        kinds = text[at] == 0x7B ? kinds | 1 << UInt64(depth) : kinds & ~(1 << UInt64(depth))
        depth += 1
      case 0x7D, 0x5D:
        depth -= 1
        guard kinds >> UInt64(depth) & 1 == (text[at] == 0x7D ? 1 : 0) else { return -1 }
        if depth == 0 { return at + 1 }
      default: break
      }
      at += 1
    }
    return -1
  }

  /// Behind the closing quote. Eight bytes at a time: most texts are longer than that.
  @inline(__always)
  private static func afterString(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    guard start < end, text[start] == 0x22 else { return -1 }
    var at = start + 1
    while at < end {
      let word = UnsafeRawPointer(text + at).loadUnaligned(as: UInt64.self)
      let quotes = word ^ 0x2222_2222_2222_2222
      let slashes = word ^ 0x5C5C_5C5C_5C5C_5C5C
      let hits =
        ((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes) | ((word &- 0x2020_2020_2020_2020) & ~word)
      let marks = hits & highs
      if marks == 0 {
        at += 8
        continue
      }
      at += marks.trailingZeroBitCount >> 3
      guard at < end else { return -1 }
      switch text[at] {
      case 0x22: return at + 1
      case 0x5C: at += 2
      default:
        if text[at] < 0x20 { return -1 }
        at += 1
      }
    }
    return -1
  }

  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highs: UInt64 = 0x8080_8080_8080_8080

  @inline(__always)
  private static func afterScalar(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var at = start
    while at < end {
      switch text[at] {
      case 0x30...0x39, 0x61...0x7A, 0x2D, 0x2E, 0x2B, 0x45:
        at += 1
        continue
      default: break
      }
      break
    }
    switch text[start] {
    case 0x74: return isWord(text, start, at, "true") ? at : -1
    case 0x66: return isWord(text, start, at, "false") ? at : -1
    case 0x6E: return isWord(text, start, at, "null") ? at : -1
    default: return at
    }
  }

  private static func isWord(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ word: StaticString) -> Bool {
    guard end - start == word.utf8CodeUnitCount else { return false }
    for i in 0..<(end - start) where text[start + i] != word.utf8Start[i] { return false }
    return true
  }

  @inline(__always)
  private static func afterSpace(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var at = start
    while at < end, text[at] == 0x20 || text[at] == 0x09 || text[at] == 0x0D { at += 1 }
    return at
  }
}
