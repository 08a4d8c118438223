import Synchronization

/// Swift text with comments and the insides of string literals blanked out, so that braces and words can be counted.
struct CodeText {
  private var bytes: [UInt8]
  private var at = 0

  /// What the scanner is inside of.
  private enum Place {
    /// Code; in an interpolation, how many parentheses are open.
    case code(open: Int?)
    case string(hashes: Int, quotes: Int)
  }

  private static let newline = UInt8(ascii: "\n")

  /// The same lines, with spaces where comments and literals were.
  static func blanked(_ text: String) -> String {
    if let known = known.withLock({ $0[text] }) { return known }
    var scanner = CodeText(bytes: Array(text.utf8))
    scanner.scan()
    let code = String(decoding: scanner.bytes, as: UTF8.self)
    known.withLock { $0[text] = code }
    return code
  }

  /// Several rules look at the same files.
  private static let known = Mutex<[String: String]>([:])

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func scan() {
    var places: [Place] = [.code(open: nil)]
    while at < bytes.count, let place = places.last {
      switch place {
      case .code(let open): code(open, &places)
      case .string(let hashes, let quotes): string(hashes, quotes, &places)
      }
    }
  }

  private mutating func code(_ open: Int?, _ places: inout [Place]) {
    if starts("//") {
      while at < bytes.count, bytes[at] != Self.newline { blank() }
    } else if starts("/*") {
      blockComment()
    } else if let literal = literalStart() {
      blank(literal.hashes + literal.quotes)
      places.append(.string(hashes: literal.hashes, quotes: literal.quotes))
    } else {
      if let open {
        if bytes[at] == UInt8(ascii: "(") { places[places.count - 1] = .code(open: open + 1) }
        if bytes[at] == UInt8(ascii: ")") {
          if open == 1 { places.removeLast() } else { places[places.count - 1] = .code(open: open - 1) }
        }
      }
      at += 1
    }
  }

  private mutating func string(_ hashes: Int, _ quotes: Int, _ places: inout [Place]) {
    let hash = String(repeating: "#", count: hashes)
    if starts(String(repeating: "\"", count: quotes) + hash) {
      blank(quotes + hashes)
      places.removeLast()
    } else if starts("\\" + hash + "(") {
      blank(1 + hashes)
      at += 1
      places.append(.code(open: 1))
    } else if starts("\\" + hash) {
      blank(2 + hashes)
    } else if quotes == 1, bytes[at] == Self.newline {
      places.removeLast()
    } else {
      blank()
    }
  }

  private mutating func blockComment() {
    var depth = 0
    repeat {
      if starts("/*") {
        depth += 1
        blank(2)
      } else if starts("*/") {
        depth -= 1
        blank(2)
      } else {
        blank()
      }
    } while depth > 0 && at < bytes.count
  }

  private func literalStart() -> (hashes: Int, quotes: Int)? {
    var index = at
    while index < bytes.count, bytes[index] == UInt8(ascii: "#") { index += 1 }
    guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { return nil }
    let isLong = bytes[index...].prefix(3).elementsEqual(Array("\"\"\"".utf8))
    return (index - at, isLong ? 3 : 1)
  }

  private func starts(_ word: String) -> Bool { bytes[at...].starts(with: word.utf8) }

  private mutating func blank(_ count: Int = 1) {
    for _ in 0..<count where at < bytes.count {
      if bytes[at] != Self.newline { bytes[at] = UInt8(ascii: " ") }
      at += 1
    }
  }
}
