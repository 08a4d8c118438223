/// JSON fragments, for writers on hot paths that build no `JSON` value.
extension ByteWriter {
  /// A string in quotes, escaped as RFC 8259 section 7 asks.
  public mutating func quoted(_ text: String) {
    Self.withUTF8(text) { utf8 in quoted(utf8) }
  }

  /// `,"key":` for a key that needs no escapes.
  @inlinable @inline(__always) public mutating func key(_ key: StaticString) {
    let count = key.utf8CodeUnitCount
    makeRoom(count + 4)
    end[0] = 0x2C
    end[1] = 0x22
    Self.move(key.utf8Start, to: end + 2, count)
    end[count + 2] = 0x22
    end[count + 3] = 0x3A
    end += count + 4
  }

  private mutating func quoted(_ utf8: UnsafeBufferPointer<UInt8>) {
    // Six bytes an escape at most, and a word that is written past the end.
    makeRoom(6 * utf8.count + 10)
    put(0x22)
    var index = 0
    while index + 8 <= utf8.count {
      let word = UnsafeRawPointer(utf8.baseAddress.unsafelyUnwrapped + index).loadUnaligned(as: UInt64.self)
      if Self.needsEscape(word) {
        for byte in utf8[index..<(index + 8)] { escaped(byte) }
      } else {
        UnsafeMutableRawPointer(end).storeBytes(of: word, as: UInt64.self)
        end += 8
      }
      index += 8
    }
    while index < utf8.count {
      escaped(utf8[index])
      index += 1
    }
    put(0x22)
  }

  /// Whether one of eight bytes is a quote, a backslash or a control character.
  ///
  /// The borrow of a byte below the bound reaches its highest bit: S. E. Anderson, "Bit Twiddling Hacks", hasless.
  @inline(__always) private static func needsEscape(_ word: UInt64) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quote = word ^ (ones &* 0x22)
    let backslash = word ^ (ones &* 0x5C)
    let isControl = (word &- ones &* 0x20) & ~word
    let isQuote = (quote &- ones) & ~quote
    let isBackslash = (backslash &- ones) & ~backslash
    return (isControl | isQuote | isBackslash) & (ones &* 0x80) != 0
  }

  @inline(__always) private mutating func escaped(_ byte: UInt8) {
    if byte >= 0x20, byte != 0x22, byte != 0x5C { put(byte) } else { escape(byte) }
  }

  @inline(never) private mutating func escape(_ byte: UInt8) {
    put(0x5C)
    switch byte {
    case 0x22, 0x5C: put(byte)
    case 0x0A: put(0x6E)
    case 0x0D: put(0x72)
    case 0x09: put(0x74)
    default:
      put(0x75)
      put(0x30)
      put(0x30)
      put(Self.hexDigit(byte >> 4))
      put(Self.hexDigit(byte & 15))
    }
  }

  private static func hexDigit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x57 + nibble }
}
