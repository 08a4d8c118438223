/// Whether bytes that come in pieces are UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
struct UTF8Check: Sendable {
  /// Continuation bytes that are still to come.
  private var left = 0
  /// What the next continuation byte may be.
  private var range: ClosedRange<UInt8> = 0x80...0xBF

  /// Whether no letter is under way.
  var isComplete: Bool { left == 0 }

  /// False: the bytes cannot be the beginning of a text.
  mutating func read(_ bytes: ArraySlice<UInt8>) -> Bool {
    for byte in bytes {
      if left > 0 {
        guard range.contains(byte) else { return false }
        (left, range) = (left - 1, 0x80...0xBF)
        continue
      }
      switch byte {
      case 0...0x7F: continue
      case 0xC2...0xDF: left = 1
      case 0xE0: (left, range) = (2, 0xA0...0xBF)
      case 0xED: (left, range) = (2, 0x80...0x9F)
      case 0xE1...0xEF: left = 2
      case 0xF0: (left, range) = (3, 0x90...0xBF)
      case 0xF1...0xF3: left = 3
      case 0xF4: (left, range) = (3, 0x80...0x8F)
      default: return false
      }
    }
    return true
  }
}
