/// Text under construction, in memory of its own: room is made once for a piece, which then goes straight to its place.
///
/// What log and state files are written with; an array would check its owner and its bounds at every append.
public struct ByteWriter: ~Copyable {
  @usableFromInline var base: UnsafeMutablePointer<UInt8>
  @usableFromInline var end: UnsafeMutablePointer<UInt8>
  @usableFromInline var limit: UnsafeMutablePointer<UInt8>
  private var stamp = TimeStamp()

  /// `capacity`: bytes that it holds before it grows, at least 1.
  public init(capacity: Int = 256) {
    base = .allocate(capacity: capacity)
    end = base
    limit = base + capacity
  }

  deinit { base.deallocate() }

  /// Bytes written so far.
  public var count: Int { end - base }

  /// Whether nothing was written since the start or the last `removeAll()`.
  public var isEmpty: Bool { end == base }

  /// A copy of the bytes from `start` on.
  public func bytes(from start: Int = 0) -> [UInt8] {
    precondition(start >= 0 && start <= count, "a start beyond the text")
    return Array(UnsafeBufferPointer(start: base + start, count: count - start))
  }

  /// The bytes as UTF-8.
  public var string: String { String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self) }

  /// Forgets the bytes and keeps the room, so that a writer that is used again does not allocate.
  public mutating func removeAll() { end = base }

  /// Appends what `other` holds from `start` on.
  public mutating func append(_ other: borrowing ByteWriter, from start: Int = 0) {
    precondition(start >= 0 && start <= other.count, "a start beyond the text")
    copy(other.base + start, other.count - start)
  }

  /// Appends the bytes as they are; they are not checked to be UTF-8.
  public mutating func append(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { bytes in
      if let start = bytes.baseAddress { copy(start, bytes.count) }
    }
  }

  // MARK: Pieces

  /// Appends one byte.
  @inlinable @inline(__always) public mutating func byte(_ byte: UInt8) {
    makeRoom(1)
    end.pointee = byte
    end += 1
  }

  /// A text that is written as it stands.
  @inlinable @inline(__always) public mutating func text(_ text: StaticString) {
    let count = text.utf8CodeUnitCount
    makeRoom(count)
    end.update(from: text.utf8Start, count: count)
    end += count
  }

  /// A text that needs no escapes.
  public mutating func text(_ text: String) {
    Self.withUTF8(text) { utf8 in
      if let start = utf8.baseAddress { copy(start, utf8.count) }
    }
  }

  /// The bytes of a text, without a copy of it: every native string has them in one piece.
  @inline(__always) static func withUTF8(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    if text.utf8.withContiguousStorageIfAvailable(body) == nil {
      var copy = text
      copy.withUTF8(body)
    }
  }

  /// `value` in decimal digits.
  public mutating func integer(_ value: Int) {
    makeRoom(Self.numberMax)
    if value < 0 { put(0x2D) }
    digits(UInt64(value.magnitude))
  }

  /// `scaled` / 10^`places`, trailing zeros cut: (12340, 3) is `12.34`. `places` is at most 19.
  public mutating func fixed(_ scaled: Int64, places: Int) {
    // The compiler turns the division by a constant into a multiplication.
    switch places {
    case 0: fixed(scaled, places: 0, unit: 1)
    case 3: fixed(scaled, places: 3, unit: 1_000)
    case 12: fixed(scaled, places: 12, unit: 1_000_000_000_000)
    default: fixed(scaled, places: places, unit: (0..<places).reduce(1) { unit, _ in unit * 10 })
    }
  }

  /// UTC with microseconds, `2025-01-01T00:00:00.123456Z` (RFC 3339).
  public mutating func time(_ time: Instant) {
    makeRoom(TimeStamp.length)
    stamp.write(time, to: end)
    end += TimeStamp.length
  }

  // MARK: Room

  /// A sign, 20 digits and a point, with zeros up to 19 places.
  private static let numberMax = 48

  @inlinable @inline(__always) mutating func makeRoom(_ count: Int) {
    if limit - end < count { grow(by: count) }
  }

  @usableFromInline @inline(never) mutating func grow(by count: Int) {
    let used = end - base
    let capacity = max(2 * (limit - base), used + count)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    larger.update(from: base, count: used)
    base.deallocate()
    base = larger
    end = base + used
    limit = base + capacity
  }

  @inline(__always) mutating func put(_ byte: UInt8) {
    end.pointee = byte
    end += 1
  }

  @inline(__always) mutating func copy(_ start: UnsafePointer<UInt8>, _ count: Int) {
    makeRoom(count)
    Self.move(start, to: end, count)
    end += count
  }

  /// Words that overlap; a call that copies so little costs more than the copy.
  @inlinable @inline(__always) static func move(
    _ from: UnsafePointer<UInt8>, to: UnsafeMutablePointer<UInt8>, _ count: Int
  ) {
    if count > 16 { return to.update(from: from, count: count) }
    if count >= 8 { return moveEnds(from, to, count, UInt64.self) }
    if count >= 4 { return moveEnds(from, to, count, UInt32.self) }
    for index in 0..<count { to[index] = from[index] }
  }

  @inlinable @inline(__always) static func moveEnds<Word: BitwiseCopyable>(
    _ from: UnsafePointer<UInt8>, _ to: UnsafeMutablePointer<UInt8>, _ count: Int, _: Word.Type
  ) {
    let (from, to, tail) = (UnsafeRawPointer(from), UnsafeMutableRawPointer(to), count - MemoryLayout<Word>.size)
    let (first, last) = (from.loadUnaligned(as: Word.self), (from + tail).loadUnaligned(as: Word.self))
    to.storeBytes(of: first, as: Word.self)
    (to + tail).storeBytes(of: last, as: Word.self)
  }

  // MARK: Digits

  @inline(__always) private mutating func fixed(_ scaled: Int64, places: Int, unit: UInt64) {
    makeRoom(Self.numberMax)
    if scaled < 0 { put(0x2D) }
    let (whole, fraction) = scaled.magnitude.quotientAndRemainder(dividingBy: unit)
    digits(whole)
    guard fraction > 0 else { return }
    put(0x2E)
    var (rest, width) = (fraction, places)
    while width > 6, rest % 1_000_000 == 0 { (rest, width) = (rest / 1_000_000, width - 6) }
    while rest % 100 == 0 { (rest, width) = (rest / 100, width - 2) }
    if rest % 10 == 0 { (rest, width) = (rest / 10, width - 1) }
    Digits.write(rest, width: width, to: end)
    end += width
  }

  @inline(__always) private mutating func digits(_ value: UInt64) {
    let width = Digits.count(value)
    Digits.write(value, width: width, to: end)
    end += width
  }
}

/// Decimal digits, two at a time.
enum Digits {
  private static let pairs: StaticString =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"

  @inline(__always) static func count(_ value: UInt64) -> Int {
    var (rest, count) = (value, 1)
    while rest >= 10_000 { (rest, count) = (rest / 10_000, count + 4) }
    return rest < 10 ? count : rest < 100 ? count + 1 : rest < 1000 ? count + 2 : count + 3
  }

  /// The last `width` digits of `value`, zeros in front where it has fewer.
  @inline(__always) static func write(_ value: UInt64, width: Int, to start: UnsafeMutablePointer<UInt8>) {
    var (rest, at) = (value, start + width)
    while at - start >= 2 {
      let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
      rest = quotient
      at -= 2
      at.update(from: pairs.utf8Start + 2 * Int(truncatingIfNeeded: pair), count: 2)
    }
    if at > start { (at - 1).pointee = UInt8(truncatingIfNeeded: 0x30 + rest % 10) }
  }
}
