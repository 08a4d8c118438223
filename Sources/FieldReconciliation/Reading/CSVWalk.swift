import Basics

/// Cuts one line of a table into cells (RFC 4180; a quoted cell ends with its line).
struct CSVWalk {
  /// Between two cells: a comma, a semicolon or a tab.
  let separator: UInt8

  /// The cells of a line with their quotes resolved; nil: a quote does not end.
  func cells(_ line: UnsafeBufferPointer<UInt8>) -> [String]? {
    var cells: [String] = []
    var at = 0
    if line.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    while true {
      while at < line.count, line[at] == 0x20 { at += 1 }
      var bytes: [UInt8] = []
      if at < line.count, line[at] == 0x22 {
        at += 1
        while true {
          guard at < line.count else { return nil }
          if line[at] == 0x22 {
            at += 1
            guard at < line.count, line[at] == 0x22 else { break }
          }
          bytes.append(line[at])
          at += 1
        }
        while at < line.count, line[at] != separator { at += 1 }
      } else {
        while at < line.count, line[at] != separator {
          bytes.append(line[at])
          at += 1
        }
        while bytes.last == 0x20 { bytes.removeLast() }
      }
      cells.append(String(decoding: bytes, as: UTF8.self))
      guard at < line.count else { return cells }
      at += 1
    }
  }

  /// Of a header: what stands between its names.
  static func separator(of header: UnsafeBufferPointer<UInt8>) -> UInt8 {
    let candidates: [UInt8] = [0x2C, 0x3B, 0x09]
    let counts = candidates.map { candidate in header.reduce(0) { $0 + ($1 == candidate ? 1 : 0) } }
    var best = 0
    for index in candidates.indices where counts[index] > counts[best] { best = index }
    return candidates[best]
  }

  /// A column's name as it is compared: lower case, without a mark, blanks at its ends, and the digit of a footnote.
  static func plain(_ name: String) -> String {
    var text = name.lowercased().filter { $0 != "\u{FEFF}" && $0 != "\"" }
    while let last = text.last, last == " " || last.isNumber || last == "*" { text.removeLast() }
    return String(text.drop { $0 == " " })
  }
}
