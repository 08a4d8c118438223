/// What a frame carries (RFC 6455, section 5.2).
public enum WebSocketOpcode: UInt8, Sendable {
  /// The next piece of a message.
  case continuation = 0
  /// The first piece of a text, or all of it.
  case text = 1
  /// The first piece of a binary message, or all of it.
  case binary = 2
  /// The end; a code and a reason may stand in it.
  case close = 8
  /// To be answered with a pong of the same bytes.
  case ping = 9
  /// The answer to a ping, or a sign of life.
  case pong = 10

  var isControl: Bool { rawValue >= 8 }
}

/// Frames as they stand on the wire.
public enum WebSocketFrame {
  /// Bytes of a control frame's payload at most.
  public static let controlBytesMax = 125

  /// One frame. `mask` is what a client masks with, fresh for each frame; a server has none (RFC 6455, section 5.1).
  public static func bytes(
    _ opcode: WebSocketOpcode, _ payload: [UInt8], isFinal: Bool = true, mask: UInt32? = nil
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(payload.count + 14)
    bytes.append((isFinal ? 0x80 : 0) | opcode.rawValue)
    let masked: UInt8 = mask == nil ? 0 : 0x80
    switch payload.count {
    case ...125: bytes.append(masked | UInt8(payload.count))
    case ...0xFFFF:
      bytes.append(masked | 126)
      bytes.append(UInt8(payload.count >> 8))
      bytes.append(UInt8(payload.count & 0xFF))
    default:
      bytes.append(masked | 127)
      for shift in stride(from: 56, through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: payload.count >> shift))
      }
    }
    guard let mask else { return bytes + payload }
    let keys = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: mask >> UInt32($0)) }
    bytes += keys
    for (index, byte) in payload.enumerated() { bytes.append(byte ^ keys[index & 3]) }
    return bytes
  }

  /// A text in one frame.
  public static func text(_ text: [UInt8], mask: UInt32? = nil) -> [UInt8] { bytes(.text, text, mask: mask) }

  /// A close frame with a code; the reason is cut at 123 bytes, at the end of a letter.
  public static func close(_ code: UInt16, _ reason: String = "", mask: UInt32? = nil) -> [UInt8] {
    var text = reason
    while text.utf8.count > controlBytesMax - 2 { text.removeLast() }
    return bytes(.close, [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(text.utf8), mask: mask)
  }
}
