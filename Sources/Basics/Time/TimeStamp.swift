/// Writes moments as `2025-01-01T00:00:00.123456Z`, and remembers the last second: the lines of a log are neighbours.
struct TimeStamp {
  static let length = 27

  private var second = Int64.min
  /// The 20 bytes up to the point, as they stand in memory.
  private var text: (UInt64, UInt64, UInt32) = (0, 0, 0)

  mutating func write(_ time: Instant, to start: UnsafeMutablePointer<UInt8>) {
    let micros = time.nanoseconds.flooredDivision(by: 1000)
    let second = micros.flooredDivision(by: 1_000_000)
    let raw = UnsafeMutableRawPointer(start)
    if second != self.second {
      Self.write(second: second, to: start)
      text = (
        UnsafeRawPointer(raw).loadUnaligned(as: UInt64.self),
        UnsafeRawPointer(raw + 8).loadUnaligned(as: UInt64.self),
        UnsafeRawPointer(raw + 16).loadUnaligned(as: UInt32.self)
      )
      self.second = second
    } else {
      raw.storeBytes(of: text.0, as: UInt64.self)
      (raw + 8).storeBytes(of: text.1, as: UInt64.self)
      (raw + 16).storeBytes(of: text.2, as: UInt32.self)
    }
    Digits.write(UInt64(truncatingIfNeeded: micros - second * 1_000_000), width: 6, to: start + 20)
    start[26] = 0x5A
  }

  @inline(never) private static func write(second: Int64, to start: UnsafeMutablePointer<UInt8>) {
    let days = second.flooredDivision(by: 86_400)
    let date = CivilDate(daysSinceEpoch: days)
    let inDay = second - days * 86_400
    func put(_ value: Int64, width: Int, at index: Int, _ behind: UInt8) {
      Digits.write(UInt64(truncatingIfNeeded: value), width: width, to: start + index)
      start[index + width] = behind
    }
    put(date.year, width: 4, at: 0, 0x2D)
    put(date.month, width: 2, at: 5, 0x2D)
    put(date.day, width: 2, at: 8, 0x54)
    put(inDay / 3600, width: 2, at: 11, 0x3A)
    put(inDay / 60 % 60, width: 2, at: 14, 0x3A)
    put(inDay % 60, width: 2, at: 17, 0x2E)
  }
}
