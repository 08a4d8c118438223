/// Appends JSON fragments to a byte buffer; what log writers on hot paths use instead of building a `JSON` value.
public enum JSONBytes {
  /// A string in quotes, escaped as RFC 8259 section 7 asks.
  public static func appendQuoted(_ text: String, into bytes: inout [UInt8]) {
    bytes.append(0x22)
    var copy = text
    copy.withUTF8 { utf8 in
      var start = 0
      for i in 0..<utf8.count {
        let byte = utf8[i]
        guard byte < 0x20 || byte == 0x22 || byte == 0x5C else { continue }
        bytes.append(contentsOf: utf8[start..<i])
        appendEscape(byte, into: &bytes)
        start = i + 1
      }
      bytes.append(contentsOf: utf8[start..<utf8.count])
    }
    bytes.append(0x22)
  }

  public static func appendInt(_ value: Int64, into bytes: inout [UInt8]) {
    appendFixed(value, places: 0, into: &bytes)
  }

  /// `scaled` / 10^`places`, trailing zeros cut: (12340, 3) is `12.34`. `places` is at most 19.
  public static func appendFixed(_ scaled: Int64, places: Int, into bytes: inout [UInt8]) {
    // Written from the back into a scratch: dividing by the constant 10 is a multiplication, and one append is one check.
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 40) { text in
      var i = 40
      var rest = scaled.magnitude
      var isTail = true
      for _ in 0..<places {
        let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
        rest = quotient
        if isTail, digit == 0 { continue }
        isTail = false
        i -= 1
        text[i] = UInt8(truncatingIfNeeded: 0x30 + digit)
      }
      if !isTail {
        i -= 1
        text[i] = 0x2E
      }
      repeat {
        let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
        rest = quotient
        i -= 1
        text[i] = UInt8(truncatingIfNeeded: 0x30 + digit)
      } while rest > 0
      if scaled < 0 {
        i -= 1
        text[i] = 0x2D
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[i..<40]))
    }
  }

  /// `,"key":` for a key that needs no escapes.
  public static func appendKey(_ key: StaticString, into bytes: inout [UInt8]) {
    let count = key.utf8CodeUnitCount
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count + 4) { text in
      text[0] = 0x2C
      text[1] = 0x22
      UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(text)[2..<(2 + count)]).copyMemory(
        from: UnsafeRawBufferPointer(start: key.utf8Start, count: count))
      text[2 + count] = 0x22
      text[3 + count] = 0x3A
      bytes.append(contentsOf: UnsafeBufferPointer(text))
    }
  }

  private static func appendEscape(_ byte: UInt8, into bytes: inout [UInt8]) {
    bytes.append(0x5C)
    switch byte {
    case 0x22, 0x5C: bytes.append(byte)
    case 0x0A: bytes.append(0x6E)
    case 0x0D: bytes.append(0x72)
    case 0x09: bytes.append(0x74)
    default:
      bytes.append(contentsOf: "u00".utf8)
      bytes.append(hexDigit(byte >> 4))
      bytes.append(hexDigit(byte & 15))
    }
  }

  private static func hexDigit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x57 + nibble }
}
