/// Messages out of the bytes of a WebSocket, cut as they come (RFC 6455): a state machine without sockets.
public struct WebSocketReader: Sendable {
  /// Whose bytes are read: those of clients are masked, those of servers are not.
  public enum Peer: Sendable { case client, server }

  /// What the bytes so far hold.
  public enum Event: Sendable, Equatable {
    /// A whole message of UTF-8, its fragments put together.
    case text([UInt8])
    /// A whole message.
    case binary([UInt8])
    /// To be answered with a pong of the same bytes.
    case ping([UInt8])
    /// A sign of life.
    case pong([UInt8])
    /// The other side ends; `code` is nil where its frame has none. Nothing is read after it.
    case close(code: UInt16?, reason: String)
    /// The other side breaks the protocol: the connection has to be closed with this code. Nothing is read after it.
    case failure(code: UInt16, String)
  }

  private struct Failure: Error {
    var code: UInt16
    var reason: String
  }

  private struct Head {
    var opcode: WebSocketOpcode
    var isFinal: Bool
    var mask: [UInt8]
    var length: Int
  }

  private let peer: Peer
  private let messageBytesMax: Int
  private var input: [UInt8] = []
  private var at = 0
  private var head: Head?
  private var message: [UInt8] = []
  private var messageOpcode: WebSocketOpcode?
  private var utf8 = UTF8Check()
  private var isOver = false

  /// A reader at the start of a connection, behind the handshake; longer messages end it with code 1009.
  public init(from peer: Peer, messageBytesMax: Int = 65_536) {
    self.peer = peer
    self.messageBytesMax = messageBytesMax
  }

  /// Takes further bytes; `next()` says what they make.
  public mutating func append(_ bytes: ArraySlice<UInt8>) {
    if isOver { return }
    if at == input.count {
      input.removeAll(keepingCapacity: true)
      at = 0
    } else if at > 65_536 {
      input.removeFirst(at)
      at = 0
    }
    input.append(contentsOf: bytes)
  }

  /// The next event; nil: more bytes are needed, or the connection is over.
  public mutating func next() -> Event? {
    if isOver { return nil }
    do throws(Failure) {
      while true {
        if head == nil { head = try readHead() }
        guard let frame = head, input.count - at >= frame.length else { return nil }
        var payload = Array(input[at..<(at + frame.length)])
        at += frame.length
        head = nil
        if !frame.mask.isEmpty {
          for index in payload.indices { payload[index] ^= frame.mask[index & 3] }
        }
        if let event = frame.opcode.isControl ? try control(frame.opcode, payload) : try data(frame, payload) {
          return event
        }
      }
    } catch {
      isOver = true
      input = []
      return .failure(code: error.code, error.reason)
    }
  }

  /// Reads the head of a frame; a mistake is told as soon as its byte is there.
  private mutating func readHead() throws(Failure) -> Head? {
    let left = input.count - at
    guard left >= 1 else { return nil }
    let first = input[at]
    if first & 0x70 != 0 { throw Failure(code: 1002, reason: "a reserved bit is set") }
    guard let opcode = WebSocketOpcode(rawValue: first & 0x0F) else {
      throw Failure(code: 1002, reason: "an unknown opcode")
    }
    let isFinal = first & 0x80 != 0
    if opcode.isControl {
      if !isFinal { throw Failure(code: 1002, reason: "a control frame in fragments") }
    } else if opcode == .continuation, messageOpcode == nil {
      throw Failure(code: 1002, reason: "a continuation of nothing")
    } else if opcode != .continuation, messageOpcode != nil {
      throw Failure(code: 1002, reason: "a new message within another")
    }
    guard left >= 2 else { return nil }
    let second = input[at + 1]
    let isMasked = second & 0x80 != 0
    if isMasked != (peer == .client) {
      throw Failure(code: 1002, reason: isMasked ? "a server's frame is masked" : "a client's frame is not masked")
    }
    let short = Int(second & 0x7F)
    if opcode.isControl, short > WebSocketFrame.controlBytesMax {
      throw Failure(code: 1002, reason: "a control frame that is too long")
    }
    let lengthBytes = short == 126 ? 2 : short == 127 ? 8 : 0
    let size = 2 + lengthBytes + (isMasked ? 4 : 0)
    guard left >= 2 + lengthBytes else { return nil }
    var length = short
    if lengthBytes > 0 {
      var value: UInt64 = 0
      for byte in input[(at + 2)..<(at + 2 + lengthBytes)] { value = value << 8 | UInt64(byte) }
      if value < (lengthBytes == 2 ? 126 : 65_536) || value >> 63 != 0 {
        throw Failure(code: 1002, reason: "a length that is not written in the fewest bytes")
      }
      guard value <= UInt64(messageBytesMax) else { throw Failure(code: 1009, reason: "the message is too long") }
      length = Int(value)
    }
    if !opcode.isControl, message.count + length > messageBytesMax {
      throw Failure(code: 1009, reason: "the message is too long")
    }
    guard left >= size else { return nil }
    let mask = isMasked ? Array(input[(at + size - 4)..<(at + size)]) : []
    at += size
    return Head(opcode: opcode, isFinal: isFinal, mask: mask, length: length)
  }

  private mutating func data(_ frame: Head, _ payload: [UInt8]) throws(Failure) -> Event? {
    if frame.opcode != .continuation { messageOpcode = frame.opcode }
    if messageOpcode == .text, !utf8.read(payload[...]) || frame.isFinal && !utf8.isComplete {
      throw Failure(code: 1007, reason: "the text is not UTF-8")
    }
    message += payload
    guard frame.isFinal else { return nil }
    defer {
      message = []
      messageOpcode = nil
    }
    return messageOpcode == .text ? .text(message) : .binary(message)
  }

  private mutating func control(_ opcode: WebSocketOpcode, _ payload: [UInt8]) throws(Failure) -> Event? {
    switch opcode {
    case .ping: return .ping(payload)
    case .pong: return .pong(payload)
    default: break
    }
    if payload.count == 1 { throw Failure(code: 1002, reason: "half a close code") }
    var code: UInt16?
    if payload.count >= 2 {
      let given = UInt16(payload[0]) << 8 | UInt16(payload[1])
      guard Self.isSendable(given) else { throw Failure(code: 1002, reason: "a close code that nobody may send") }
      code = given
    }
    var check = UTF8Check()
    guard check.read(payload.dropFirst(2)), check.isComplete else {
      throw Failure(code: 1007, reason: "the reason is not UTF-8")
    }
    isOver = true
    input = []
    return .close(code: code, reason: String(decoding: payload.dropFirst(2), as: UTF8.self))
  }

  /// Codes that may stand in a close frame (RFC 6455, section 7.4, and its registry).
  private static func isSendable(_ code: UInt16) -> Bool {
    switch code {
    case 1000...1003, 1007...1014, 3000...4999: true
    default: false
    }
  }
}
