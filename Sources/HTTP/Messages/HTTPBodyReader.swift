/// Reads a body of known length, in chunks, or up to the end of the connection.
struct HTTPBodyReader: Sendable {
  enum Framing: Sendable { case length(Int), chunked, untilEnd }

  /// What the reader stands before.
  private enum State { case data(Int), size, dataEnd, trailer, rest, done }

  private(set) var bytes: [UInt8] = []
  private var state: State
  private let max: Int
  private var trailerBytes = 0
  /// Bytes of a chunk's first line and of all trailers.
  private static let lineMax = 4096

  init(_ framing: Framing, max: Int) {
    self.max = max
    switch framing {
    case .length(let count): state = count == 0 ? .done : .data(count)
    case .chunked: state = .size
    case .untilEnd: state = .rest
    }
    isChunked = if case .chunked = framing { true } else { false }
  }

  private let isChunked: Bool
  var isWhole: Bool { if case .done = state { true } else { false } }

  /// Takes what it can from `input` at `at`; true when the body is whole.
  mutating func read(_ input: [UInt8], _ at: inout Int) throws(HTTPFailure) -> Bool {
    while true {
      switch state {
      case .done: return true
      case .rest:
        bytes.append(contentsOf: input[at...])
        at = input.count
        if bytes.count > max { throw .bodyTooLarge }
        return false
      case .data(let left):
        let count = min(left, input.count - at)
        bytes.append(contentsOf: input[at..<(at + count)])
        at += count
        if count < left {
          state = .data(left - count)
          return false
        }
        state = isChunked ? .dataEnd : .done
      case .dataEnd:
        guard let line = try line(input, &at) else { return false }
        guard line.isEmpty else { throw .malformed("a chunk is longer than its size") }
        state = .size
      case .size:
        guard let line = try line(input, &at) else { return false }
        let size = try Self.size(line)
        guard bytes.count + size <= max else { throw .bodyTooLarge }
        state = size == 0 ? .trailer : .data(size)
      case .trailer:
        guard let line = try line(input, &at) else { return false }
        trailerBytes += line.count
        guard trailerBytes <= Self.lineMax else { throw .headTooLarge }
        if line.isEmpty { state = .done } else if HTTPFields.field(line) == nil { throw .malformed("a broken trailer") }
      }
    }
  }

  /// The connection has ended; false: the body was to go on.
  mutating func end() -> Bool {
    if case .rest = state { state = .done }
    return isWhole
  }

  private func line(_ input: [UInt8], _ at: inout Int) throws(HTTPFailure) -> ArraySlice<UInt8>? {
    let end = input[at...].firstIndex(of: 0x0A)
    // The same whether its end has come already or not: a cut decides nothing.
    if (end ?? input.count) - at > Self.lineMax { throw .malformed("a chunk's line does not end") }
    guard let end else { return nil }
    defer { at = end + 1 }
    let line = input[at..<end]
    return line.last == 0x0D ? line.dropLast() : line
  }

  /// The size of a chunk; what stands after a semicolon says nothing here (RFC 9112, section 7.1.1).
  private static func size(_ line: ArraySlice<UInt8>) throws(HTTPFailure) -> Int {
    let digits = HTTPFields.trimmed(line.prefix { $0 != UInt8(ascii: ";") })
    // Fifteen digits fit any Int.
    guard (1...15).contains(digits.count) else { throw .malformed("a chunk without a size") }
    var size = 0
    for digit in digits {
      switch digit {
      case 0x30...0x39: size = size << 4 | Int(digit - 0x30)
      case 0x41...0x46: size = size << 4 | Int(digit - 0x37)
      case 0x61...0x66: size = size << 4 | Int(digit - 0x57)
      default: throw .malformed("a chunk without a size")
      }
    }
    return size
  }
}
