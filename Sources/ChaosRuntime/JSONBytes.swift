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
    if value < 0 { bytes.append(0x2D) }
    appendMagnitude(value.magnitude, into: &bytes)
  }

  /// `scaled` / 10^`places`, trailing zeros cut: (12340, 3) is `12.34`.
  public static func appendFixed(_ scaled: Int64, places: Int, into bytes: inout [UInt8]) {
    if scaled < 0 { bytes.append(0x2D) }
    var divisor: UInt64 = 1
    for _ in 0..<places { divisor *= 10 }
    let (whole, part) = scaled.magnitude.quotientAndRemainder(dividingBy: divisor)
    appendMagnitude(whole, into: &bytes)
    guard part != 0 else { return }
    bytes.append(0x2E)
    var rest = part
    while rest != 0 {
      divisor /= 10
      let (digit, next) = rest.quotientAndRemainder(dividingBy: divisor)
      bytes.append(UInt8(0x30 + digit))
      rest = next
    }
  }

  private static func appendMagnitude(_ value: UInt64, into bytes: inout [UInt8]) {
    if value < 10 {
      bytes.append(UInt8(0x30 + value))
      return
    }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var i = 20
      var rest = value
      while rest > 0 {
        i -= 1
        digits[i] = UInt8(0x30 + rest % 10)
        rest /= 10
      }
      bytes.append(contentsOf: digits[i..<20])
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
