import Basics
import Glibc

/// Bytes that somebody else keeps alive: a name in the thread registry, a literal, or text of a dump under construction.
struct Text {
  var start: UnsafePointer<UInt8>?
  var count: Int

  init(start: UnsafePointer<UInt8>?, count: Int) {
    self.start = start
    self.count = count
  }

  init(_ literal: StaticString) {
    start = literal.utf8Start
    count = literal.utf8CodeUnitCount
  }

  /// Up to the end mark.
  init(cString: UnsafePointer<CChar>?) {
    start = cString.map { UnsafeRawPointer($0).assumingMemoryBound(to: UInt8.self) }
    count = cString.map { strlen($0) } ?? 0
  }

  static var none: Text { Text(start: nil, count: 0) }

  /// FNV-1a, 64 bits: equal names of different threads hash the same.
  var hash: UInt64 {
    var value: UInt64 = 0xcbf2_9ce4_8422_2325
    var i = 0
    while i < count {
      value = (value ^ UInt64(start?[i] ?? 0)) &* 0x100_0000_01b3
      i += 1
    }
    return value
  }

  var string: String { String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self) }
}

/// Text into memory that was there before anything went wrong: no allocation, no lock. Beyond its room it drops bytes and
/// counts them.
struct TextWriter {
  let buffer: UnsafeMutableRawBufferPointer
  private(set) var count = 0
  private(set) var dropped = 0
  private var limit: Int
  private var lineStart = 0

  /// Bytes of the line that is being written.
  var column: Int { count - lineStart }

  /// Bytes kept back for what `finish` writes.
  private static let reserve = 128

  init(buffer: UnsafeMutableRawBufferPointer) {
    self.buffer = buffer
    limit = max(0, buffer.count - Self.reserve)
  }

  /// Writes the last line, for which there is always room, after a line that says what was dropped.
  mutating func finish(_ last: StaticString) {
    limit = buffer.count
    if dropped > 0 {
      let missing = dropped
      line()
      text("MORE ")
      number(missing)
      line(" bytes did not fit")
    }
    line(last)
  }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[0..<count]) }

  mutating func byte(_ value: UInt8) {
    guard count < limit else {
      dropped += 1
      return
    }
    buffer[count] = value
    count += 1
  }

  mutating func text(_ value: Text) {
    var i = 0
    while i < value.count {
      byte(value.start?[i] ?? 0x3F)
      i += 1
    }
  }

  mutating func text(_ literal: StaticString) { text(Text(literal)) }

  mutating func line(_ literal: StaticString = "") {
    text(literal)
    byte(0x0A)
    lineStart = count
  }

  mutating func line(_ value: Text) {
    text(value)
    line()
  }

  mutating func blanks(_ number: Int) {
    for _ in 0..<max(0, number) { byte(0x20) }
  }

  mutating func quoted(_ value: Text) {
    byte(0x22)
    text(value)
    byte(0x22)
  }

  mutating func number(_ value: Int, width: Int = 1) {
    if value < 0 { byte(0x2D) }
    let magnitude = value.magnitude
    var divisor: UInt = 1
    var digits = 1
    while magnitude / divisor >= 10 || digits < width {
      divisor *= 10
      digits += 1
    }
    while divisor > 0 {
      byte(UInt8(0x30 + magnitude / divisor % 10))
      divisor /= 10
    }
  }

  mutating func hexadecimal(_ value: UInt) {
    text("0x")
    var shift = 60
    while shift > 0, value >> UInt(shift) == 0 { shift -= 4 }
    while shift >= 0 {
      hexDigit(UInt8(truncatingIfNeeded: value >> UInt(shift) & 15))
      shift -= 4
    }
  }

  mutating func hexDigit(_ value: UInt8) { byte(value < 10 ? 0x30 + value : 0x57 + value) }

  /// `0.022 ms`, `5.012 s`.
  mutating func duration(_ nanoseconds: Int64) {
    let value = Int(max(0, nanoseconds))
    let isLong = value >= 1_000_000_000
    let thousandths = value / (isLong ? 1_000_000 : 1000)
    number(thousandths / 1000)
    byte(0x2E)
    number(thousandths % 1000, width: 3)
    if isLong { text(" s") } else { text(" ms") }
  }

  /// UTC with microseconds.
  mutating func time(_ nanoseconds: Int64) {
    let micros = Int(max(0, nanoseconds)) / 1000
    let seconds = micros / 1_000_000
    let date = CivilDate(daysSinceEpoch: Int64(seconds / 86_400))
    number(Int(date.year), width: 4)
    byte(0x2D)
    number(Int(date.month), width: 2)
    byte(0x2D)
    number(Int(date.day), width: 2)
    byte(0x54)
    number(seconds / 3600 % 24, width: 2)
    byte(0x3A)
    number(seconds / 60 % 60, width: 2)
    byte(0x3A)
    number(seconds % 60, width: 2)
    byte(0x2E)
    number(micros % 1_000_000, width: 6)
    byte(0x5A)
  }
}
