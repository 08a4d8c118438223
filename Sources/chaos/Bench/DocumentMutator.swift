import Basics
import ChaosRuntime

/// Spoils valid documents in the ways in which files go wrong, and in those that readers forget. A function of its seed.
struct DocumentMutator {
  private var draws: SplitMix

  init(seed: UInt64) { draws = SplitMix(seed: seed) }

  /// Largest document that is made.
  private static let bytesMax = 1 << 20

  private static let extremes = [
    "0", "-0", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615",
    "18446744073709551616", "4294967296", "2147483648", "1e999", "-1e999", "1e-999", "1e18", "1e15", "1e308", "0.1e-30",
    "123456789012345678901234", "99999999999999999999999999", "170141183460469231731687303715884105727", "1E400", "NaN",
    "inf", "-Infinity", "0x7fffffffffffffff", "00", "1.", ".5", "1_000", "--1", "0.0000000000001", "\"1e12\"", "null",
    "1e12", "86400", "86401",
  ]

  private static let words: [[UInt8]] = [
    [0], [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xEF, 0xBB, 0xBF], [0x0D, 0x0A], [0x0D], [0x22], [0x5C],
    [0x5C, 0x75],
    [0x7B], [0x7D], [0x5B], [0x5D], [0x2C], [0x3A], [0x7C], [0x23], [0x3D], [0xF0, 0x9F, 0x99, 0x82],
    [0x1B, 0x5B, 0x4A],
    Array("\"\":".utf8), Array("\\ud800".utf8), Array("\"9999-12-31T23:59:59.999999Z\"".utf8),
    Array("0001-01-01T00:00:00Z".utf8), Array("1677-09-21T00:12:43.145224Z".utf8), Array("-> 1*drop".utf8),
    Array("@per(symbol)".utf8), Array("'''".utf8), Array("\"\"\"".utf8), Array("true".utf8), Array("{}".utf8),
  ]

  /// `other` is another document of the same kind, for splices.
  mutating func spoiled(_ document: [UInt8], other: [UInt8]) -> [UInt8] {
    var bytes = document
    for _ in 0...pick(4) {
      spoil(&bytes, other)
      if bytes.count > Self.bytesMax { bytes.removeLast(bytes.count - Self.bytesMax) }
    }
    return bytes
  }

  private mutating func pick(_ below: Int) -> Int { Mixing.index(draws.next(), below: max(1, below)) }

  private mutating func spoil(_ bytes: inout [UInt8], _ other: [UInt8]) {
    switch pick(16) {
    case 0: if !bytes.isEmpty { bytes[pick(bytes.count)] ^= 1 << UInt8(pick(8)) }
    case 1: if !bytes.isEmpty { bytes[pick(bytes.count)] = UInt8(pick(256)) }
    case 2: bytes.removeLast(pick(bytes.count + 1))
    case 3: bytes.removeSubrange(stretch(bytes, max: 64))
    case 4: splice(&bytes, other)
    case 5, 6, 7, 8: replaceNumber(&bytes)
    case 9: nest(&bytes)
    case 10: repeatLine(&bytes)
    case 11: insert(Self.words[pick(Self.words.count)], into: &bytes)
    case 12: swapLines(&bytes)
    case 13: lengthen(&bytes)
    case 14: repeatMember(&bytes)
    default: replaceText(&bytes)
    }
  }

  /// Somewhere in the bytes, at most `max` long; may be empty.
  private mutating func stretch(_ bytes: [UInt8], max longest: Int) -> Range<Int> {
    let start = pick(bytes.count + 1)
    return start..<min(bytes.count, start + pick(longest))
  }

  private mutating func insert(_ word: [UInt8], into bytes: inout [UInt8]) {
    bytes.insert(contentsOf: word, at: pick(bytes.count + 1))
  }

  private mutating func splice(_ bytes: inout [UInt8], _ other: [UInt8]) {
    let piece = other[stretch(other, max: 512)]
    let place = pick(2) == 0 ? stretch(bytes, max: 512) : { $0..<$0 }(pick(bytes.count + 1))
    bytes.replaceSubrange(place, with: piece)
  }

  /// A run of digits, with its sign, point and exponent, becomes an extreme.
  private mutating func replaceNumber(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    func isPart(_ byte: UInt8) -> Bool { isDigit(byte) || byte == 0x2E || byte == 0x2D || byte | 0x20 == 0x65 }
    let from = pick(bytes.count)
    guard let start = (bytes[from...].firstIndex(where: isDigit) ?? bytes.firstIndex(where: isDigit)) else { return }
    let end = bytes[start...].firstIndex { !isPart($0) } ?? bytes.count
    let isNegative = start > 0 && bytes[start - 1] == 0x2D
    bytes.replaceSubrange((isNegative ? start - 1 : start)..<end, with: Self.extremes[pick(Self.extremes.count)].utf8)
  }

  /// A quoted text becomes another, or an extreme.
  private mutating func replaceText(_ bytes: inout [UInt8]) {
    let quotes = bytes.indices.filter { bytes[$0] == 0x22 }
    guard quotes.count > 3 else { return }
    let (one, two) = (pick(quotes.count - 1), pick(quotes.count - 1))
    let text = Array(bytes[(quotes[two] + 1)..<quotes[two + 1]])
    let isExtreme = pick(2) == 0
    bytes.replaceSubrange(
      (quotes[one] + 1)..<quotes[one + 1],
      with: isExtreme ? Array(Self.extremes[pick(Self.extremes.count)].utf8) : text)
  }

  private mutating func nest(_ bytes: inout [UInt8]) {
    let depths = [2, 63, 64, 65, 200, 5000]
    let depth = depths[pick(depths.count)]
    let openings: [[UInt8]] = [[0x5B], Array("{\"a\":".utf8), Array("{a=".utf8), Array("a.".utf8), [0x28]]
    let opening = openings[pick(openings.count)]
    insert(Array(repeatElement(opening, count: depth).joined()), into: &bytes)
  }

  private mutating func lengthen(_ bytes: inout [UInt8]) {
    let lengths = [16, 40, 300, 5000, 70_000]
    insert(
      [UInt8](repeating: [0x39, 0x20, 0x78, 0x30, 0x22][pick(5)], count: lengths[pick(lengths.count)]), into: &bytes)
  }

  private func lines(_ bytes: [UInt8]) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var start = 0
    while start < bytes.count, found.count < 20_000 {
      let end = bytes[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
      found.append(start..<end)
      start = end
    }
    return found
  }

  private mutating func repeatLine(_ bytes: inout [UInt8]) {
    let all = lines(bytes)
    guard !all.isEmpty else { return }
    let line = Array(bytes[all[pick(all.count)]])
    let at = all[pick(all.count)].lowerBound
    bytes.insert(contentsOf: repeatElement(line, count: 1 + pick(3)).joined(), at: at)
  }

  private mutating func swapLines(_ bytes: inout [UInt8]) {
    let all = lines(bytes)
    guard all.count > 1 else { return }
    let (one, two) = (pick(all.count), pick(all.count))
    guard one < two else { return }
    let (first, second) = (Array(bytes[all[one]]), Array(bytes[all[two]]))
    bytes.replaceSubrange(all[two], with: first)
    bytes.replaceSubrange(all[one], with: second)
  }

  /// A member of an object stands there twice, the second time with a number of its own.
  private mutating func repeatMember(_ bytes: inout [UInt8]) {
    let colons = bytes.indices.filter { bytes[$0] == 0x3A && $0 > 0 && bytes[$0 - 1] == 0x22 }
    guard !colons.isEmpty else { return }
    let colon = colons[pick(colons.count)]
    guard let start = bytes[..<(colon - 1)].lastIndex(of: 0x22) else { return }
    let member = Array(bytes[start...colon]) + Array(Self.extremes[pick(Self.extremes.count)].utf8) + [0x2C]
    bytes.insert(contentsOf: member, at: start)
  }
}
