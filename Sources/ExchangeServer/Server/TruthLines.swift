/// The last lines of the venue's history, for a client of control that judges a session of its own: bytes with a cursor.
///
/// They stay in the parts in which they came: a single piece of memory would be moved every few seconds, and everybody waits
/// for that.
struct TruthLines {
  /// Bytes that are kept at least, but for those of the oldest part.
  private static let bytesMax = 12 << 20
  /// Bytes of one answer at most, but for a line that is longer.
  private static let pageMax = 1 << 20
  /// Parts that are forgotten before the list of them is closed up.
  private static let holesMax = 1000

  private var parts: [(start: Int, bytes: [UInt8])] = []
  /// The oldest part that is kept.
  private var oldest = 0
  /// The cursor behind the last line.
  private(set) var end = 0

  /// The cursor of the first byte that is kept.
  var start: Int { oldest < parts.count ? parts[oldest].start : end }

  /// Takes whole lines.
  mutating func append(_ lines: [UInt8]) {
    guard !lines.isEmpty else { return }
    parts.append((end, lines))
    end += lines.count
    while oldest + 1 < parts.count, end - parts[oldest + 1].start > Self.bytesMax {
      parts[oldest].bytes = []
      oldest += 1
    }
    guard oldest > Self.holesMax else { return }
    parts.removeFirst(oldest)
    oldest = 0
  }

  /// Whole lines from a cursor on, and the cursor behind them; nil: they are not kept any more, or not written yet.
  func page(from cursor: Int) -> (lines: ArraySlice<UInt8>, next: Int)? {
    guard cursor >= start, cursor <= end else { return nil }
    var bytes: [UInt8] = []
    for (start, part) in parts[oldest...] where start + part.count > cursor {
      bytes += part[max(0, cursor - start)...]
      if bytes.count > Self.pageMax { break }
    }
    guard bytes.count > Self.pageMax else { return (bytes[...], cursor + bytes.count) }
    let last = bytes.prefix(Self.pageMax).lastIndex(of: 0x0A) ?? bytes.firstIndex(of: 0x0A) ?? bytes.endIndex - 1
    return (bytes[...last], cursor + last + 1)
  }
}
