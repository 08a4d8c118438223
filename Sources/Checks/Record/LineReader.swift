import Basics

/// Reads the lines of a log that begin with the same few text fields.
struct LineReader {
  /// The beginning of one line.
  struct Head {
    var time: Instant
    /// The fields asked for; the second is empty for logs that have one.
    var first: String
    var second: String
    /// Whether the line has all of `marks`, in their order.
    var isMarked: Bool
  }

  private let names: (StaticString, StaticString?)
  private let marks: [(name: StaticString, value: StaticString)]
  private var days = DayCache()

  /// `timestamp` and these fields must be there, as texts; `marks` are texts without escapes that may be there as well.
  init(_ first: StaticString, _ second: StaticString?, marks: [(name: StaticString, value: StaticString)] = []) {
    (names, self.marks) = ((first, second), marks)
  }

  /// Cuts at newlines; blank lines are counted and skipped. `body` gets nil where a line is no such line.
  mutating func read(_ bytes: [UInt8], _ body: (Int, ArraySlice<UInt8>, Head?) -> Void) {
    var start = InputFile.withoutMark(bytes[...]).startIndex
    var number = 0
    while start < bytes.count {
      let (end, isPlain) = Self.newline(bytes, from: start)
      number += 1
      let line = bytes[start..<end]
      if !line.isEmpty, line != [0x0D] {
        let isText = isPlain || InputFile.firstInvalidByte(line) == nil
        body(number, line, isText ? head(line) : nil)
      }
      start = end + 1
    }
  }

  /// The end of a line, and whether it is ASCII.
  private static func newline(_ bytes: [UInt8], from start: Int) -> (end: Int, isPlain: Bool) {
    bytes.withUnsafeBufferPointer { text in
      var at = start
      var all: UInt8 = 0
      while at < text.count, text[at] != 0x0A {
        all |= text[at]
        at += 1
      }
      return (at, all < 0x80)
    }
  }

  private mutating func head(_ line: ArraySlice<UInt8>) -> Head? {
    let (names, marks) = (names, marks)
    return line.withUnsafeBufferPointer { text in
      var time: Range<Int>?
      var first: Range<Int>?
      var second: Range<Int>?
      var found = 0
      var scanner = LineScanner(text)
      let isWhole = scanner.members { name, value in
        let isText = value.count >= 2 && text[value.lowerBound] == 0x22
        guard isText else { return true }
        let inside = (value.lowerBound + 1)..<(value.upperBound - 1)
        if time == nil, LineScanner.equal(text, name, "timestamp") {
          time = inside
        } else if first == nil, LineScanner.equal(text, name, names.0) {
          first = inside
        } else if second == nil, let wanted = names.1, LineScanner.equal(text, name, wanted) {
          second = inside
        } else if found < marks.count, LineScanner.equal(text, name, marks[found].name),
          LineScanner.equal(text, inside, marks[found].value)
        {
          found += 1
        }
        return true
      }
      guard isWhole, let time, let first, names.1 == nil || second != nil else { return nil }
      guard let instant = days.instant(UnsafeBufferPointer(rebasing: text[time])), Instant.recorded.contains(instant)
      else { return nil }
      return Head(
        time: instant, first: String(decoding: UnsafeBufferPointer(rebasing: text[first]), as: UTF8.self),
        second: second.map { String(decoding: UnsafeBufferPointer(rebasing: text[$0]), as: UTF8.self) } ?? "",
        isMarked: !marks.isEmpty && found == marks.count)
    }
  }
}

/// Reads times of one day without the calendar: a session rarely sees two.
private struct DayCache {
  private var day: [UInt8] = []
  private var midnight = Instant(nanoseconds: 0)

  /// `2025-01-01T00:00:00.123456Z`; other forms take the slow way.
  mutating func instant(_ text: UnsafeBufferPointer<UInt8>) -> Instant? {
    guard text.count == 27, text[10] == 0x54, text[13] == 0x3A, text[16] == 0x3A, text[19] == 0x2E, text[26] == 0x5A
    else { return Instant(iso8601: String(decoding: text, as: UTF8.self)) }
    guard isSameDay(text) || start(of: text) else { return nil }
    guard let hour = Self.number(text, 11, 2), let minute = Self.number(text, 14, 2),
      let second = Self.number(text, 17, 2), let micros = Self.number(text, 20, 6), hour < 24, minute < 60, second < 60
    else { return nil }
    let inDay = ((hour * 60 + minute) * 60 + second) * 1_000_000_000 + micros * 1000
    let (total, isBeyond) = midnight.nanoseconds.addingReportingOverflow(inDay)
    return isBeyond ? nil : Instant(nanoseconds: total)
  }

  private func isSameDay(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard day.count == 10 else { return false }
    for i in 0..<10 where day[i] != text[i] { return false }
    return true
  }

  private mutating func start(of text: UnsafeBufferPointer<UInt8>) -> Bool {
    let date = Array(text[..<10])
    guard let found = Instant(iso8601: String(decoding: date, as: UTF8.self) + "T00:00:00Z") else { return false }
    day = date
    midnight = found
    return true
  }

  private static func number(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int) -> Int64? {
    var value: Int64 = 0
    for i in start..<(start + count) {
      guard text[i] >= 0x30, text[i] <= 0x39 else { return nil }
      value = value * 10 + Int64(text[i] - 0x30)
    }
    return value
  }
}
