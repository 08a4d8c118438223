/// The last lines of the venue's history, for a client of control that judges a session of its own: bytes with a cursor.
struct TruthLines {
  /// Bytes that are kept at least; twice as many at most.
  private static let bytesMax = 8 << 20
  /// Bytes of one answer at most, but for a line that is longer.
  private static let pageMax = 1 << 20

  private var bytes: [UInt8] = []
  /// The cursor of the first byte that is kept.
  private(set) var start = 0

  /// The cursor behind the last line.
  var end: Int { start + bytes.count }

  mutating func append(_ lines: [UInt8]) {
    bytes += lines
    guard bytes.count > 2 * Self.bytesMax else { return }
    let cut = bytes[(bytes.count - Self.bytesMax)...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
    bytes.removeFirst(cut)
    start += cut
  }

  /// Whole lines from a cursor on, and the cursor behind them; nil: they are not kept any more, or not written yet.
  func page(from cursor: Int) -> (lines: ArraySlice<UInt8>, next: Int)? {
    guard cursor >= start, cursor <= end else { return nil }
    let rest = bytes[(cursor - start)...]
    guard rest.count > Self.pageMax else { return (rest, end) }
    let last = rest.prefix(Self.pageMax).lastIndex(of: 0x0A) ?? rest.firstIndex(of: 0x0A) ?? rest.endIndex - 1
    return (rest[...last], start + last + 1)
  }
}
