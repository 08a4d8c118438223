/// Finds wanted fields in one line of JSON without building values: positions only.
///
/// A line is an object, or an array whose elements are named "0", "1", ... Quoting, nesting and the first letter of every
/// value are proven for the whole line; what nothing asks for is not looked at further.
struct JSONWalk {
  /// The wanted fields as a tree of names.
  final class Names {
    /// Where the value's place is put; nil: only something within it is wanted.
    fileprivate var slot: Int?
    fileprivate let name: [UInt8]
    fileprivate var inner: [Names] = []
    /// Bit n is set where a name of n bytes is wanted; 63 stands for all longer ones.
    fileprivate var lengths: UInt64 = 0

    fileprivate init(_ name: [UInt8]) { self.name = name }

    /// The tree of paths such as `reply.fee.cost`; slot i belongs to path i.
    init(paths: [String]) {
      name = []
      for (slot, path) in paths.enumerated() {
        var at = self
        for part in path.split(separator: ".") {
          let bytes = Array(part.utf8)
          if let known = at.inner.first(where: { $0.name == bytes }) {
            at = known
          } else {
            let new = Names(bytes)
            at.inner.append(new)
            at.lengths |= 1 << UInt64(min(63, bytes.count))
            at = new
          }
        }
        at.slot = slot
      }
    }

    @inline(__always)
    fileprivate func find(_ text: UnsafePointer<UInt8>, _ from: Int, _ to: Int) -> Names? {
      let count = to - from
      guard lengths >> UInt64(min(63, count)) & 1 == 1 else { return nil }
      search: for names in inner where names.name.count == count {
        for i in 0..<count where names.name[i] != text[from + i] { continue search }
        return names
      }
      return nil
    }
  }

  private let names: Names
  /// Places of the values by slot; empty: not there.
  private(set) var places: [Range<Int>]
  private var text: UnsafePointer<UInt8>
  private var at = 0
  private var end = 0

  private static let none = 0..<0
  private static let depthMax = 64
  private static let empty: [UInt8] = [0]

  init(_ names: Names, slots: Int) {
    self.names = names
    places = Array(repeating: Self.none, count: slots)
    text = UnsafePointer(UnsafeMutablePointer<UInt8>.allocate(capacity: 1))
    text.deallocate()
  }

  /// Walks a line, behind which `LineStream.padding` bytes can be read. False: it is no whole value, or has trailing data.
  mutating func read(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
    for slot in places.indices { places[slot] = Self.none }
    guard let base = line.baseAddress else { return false }
    text = base
    at = 0
    end = line.count
    if end >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF { at = 3 }
    skipSpace()
    guard at < end, text[at] == 0x7B || text[at] == 0x5B, value(names, depth: 0) else { return false }
    skipSpace()
    return at == end
  }

  private mutating func value(_ wanted: Names?, depth: Int) -> Bool {
    guard at < end else { return false }
    switch text[at] {
    case 0x22: return string() != nil
    case 0x7B: return depth < Self.depthMax && object(wanted, depth: depth + 1)
    case 0x5B: return depth < Self.depthMax && array(wanted, depth: depth + 1)
    case 0x2D, 0x30...0x39, 0x74, 0x66, 0x6E: return scalar()
    default: return false
    }
  }

  private mutating func object(_ wanted: Names?, depth: Int) -> Bool {
    at += 1
    skipSpace()
    if at < end, text[at] == 0x7D {
      at += 1
      return true
    }
    while true {
      guard let from = string() else { return false }
      let to = at - 1
      skipSpace()
      guard at < end, text[at] == 0x3A else { return false }
      at += 1
      skipSpace()
      let found = wanted?.find(text, from, to)
      let start = at
      guard value(found, depth: depth) else { return false }
      if let slot = found?.slot, places[slot].isEmpty { places[slot] = start..<at }
      skipSpace()
      guard at < end else { return false }
      let byte = text[at]
      at += 1
      if byte == 0x7D { return true }
      guard byte == 0x2C else { return false }
      skipSpace()
    }
  }

  private mutating func array(_ wanted: Names?, depth: Int) -> Bool {
    at += 1
    skipSpace()
    if at < end, text[at] == 0x5D {
      at += 1
      return true
    }
    var index = 0
    while true {
      let found = depth == 1 ? wanted?.inner.first { $0.name.elementsEqual(String(index).utf8) } : nil
      let start = at
      guard value(found, depth: depth) else { return false }
      if let slot = found?.slot { places[slot] = start..<at }
      index += 1
      skipSpace()
      guard at < end else { return false }
      let byte = text[at]
      at += 1
      if byte == 0x5D { return true }
      guard byte == 0x2C else { return false }
      skipSpace()
    }
  }

  /// Behind the closing quote; answers where the text begins. Eight bytes at a time: most texts are longer than that.
  @inline(__always)
  private mutating func string() -> Int? {
    guard at < end, text[at] == 0x22 else { return nil }
    let start = at + 1
    var i = start
    while i < end {
      let word = UnsafeRawPointer(text + i).loadUnaligned(as: UInt64.self)
      let quotes = word ^ 0x2222_2222_2222_2222
      let slashes = word ^ 0x5C5C_5C5C_5C5C_5C5C
      let hits =
        ((quotes &- Self.ones) & ~quotes) | ((slashes &- Self.ones) & ~slashes)
        | ((word &- 0x2020_2020_2020_2020) & ~word)
      let marks = hits & Self.highs
      if marks == 0 {
        i += 8
        continue
      }
      i += marks.trailingZeroBitCount >> 3
      guard i < end else { return nil }
      switch text[i] {
      case 0x22:
        at = i + 1
        return start
      case 0x5C: i += 2
      default:
        if text[i] < 0x20 { return nil }
        i += 1
      }
    }
    return nil
  }

  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highs: UInt64 = 0x8080_8080_8080_8080

  @inline(__always)
  private mutating func scalar() -> Bool {
    let start = at
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
    case 0x74: return isWord(start, "true")
    case 0x66: return isWord(start, "false")
    case 0x6E: return isWord(start, "null")
    default: return at > start
    }
  }

  private func isWord(_ start: Int, _ word: StaticString) -> Bool {
    guard at - start == word.utf8CodeUnitCount else { return false }
    for i in 0..<(at - start) where text[start + i] != word.utf8Start[i] { return false }
    return true
  }

  @inline(__always)
  private mutating func skipSpace() {
    while at < end, text[at] == 0x20 || text[at] == 0x09 || text[at] == 0x0D { at += 1 }
  }
}
