/// Reads a TOML 1.0 document: statements, keys, headers. Values are in the extensions.
///
/// Source: toml.io/en/v1.0.0. Where it leaves room this reader does as Python's `tomllib`.
struct TOMLReader {
  let source: SourceText
  let bytes: [UInt8]
  var at = 0
  private let root = TOMLNode(.table, offset: 0)
  private var current: TOMLNode
  /// Tables that dotted keys of this section opened; the next header closes them.
  private var opened: [TOMLNode] = []

  init(_ source: SourceText) {
    self.source = source
    bytes = source.bytes
    current = root
  }

  mutating func document() throws(SourceError) -> TOMLTable {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    while true {
      skipBlanks()
      guard let byte = peek else { return root.table }
      switch byte {
      case 0x0A, 0x0D, UInt8(ascii: "#"): break
      case UInt8(ascii: "["): try header()
      default: try keyValue(into: current)
      }
      try endOfLine()
    }
  }

  // MARK: Statements

  private mutating func header() throws(SourceError) {
    for node in opened { node.isExplicit = true }
    opened.removeAll()
    at += 1
    let isArray = take(UInt8(ascii: "["))
    let key = try dottedKey()
    guard take(UInt8(ascii: "]")), !isArray || take(UInt8(ascii: "]")) else {
      throw error("a table header ends with '\(isArray ? "]]" : "]")'")
    }
    var node = root
    for part in key.dropLast() {
      guard let child = node.child(part) else {
        node = node.add(.table, as: part)
        continue
      }
      switch child.shape {
      case .table: node = child
      case .tables: node = child.elements[child.elements.count - 1]
      case .value: throw taken(part, by: child)
      }
    }
    let last = key[key.count - 1]
    current = try isArray ? element(of: node, last) : table(of: node, last)
  }

  private func table(of parent: TOMLNode, _ key: TOMLKeyPart) throws(SourceError) -> TOMLNode {
    let node = parent.child(key) ?? parent.add(.table, as: key)
    guard case .table = node.shape, !node.isExplicit else { throw taken(key, by: node) }
    node.isExplicit = true
    return node
  }

  private func element(of parent: TOMLNode, _ key: TOMLKeyPart) throws(SourceError) -> TOMLNode {
    let node = parent.child(key) ?? parent.add(.tables, as: key)
    guard case .tables = node.shape else { throw taken(key, by: node) }
    let element = TOMLNode(.table, offset: key.offset)
    element.isExplicit = true
    node.elements.append(element)
    return element
  }

  /// `a.b = value` below `table`.
  mutating func keyValue(into table: TOMLNode, depth: Int = 0) throws(SourceError) {
    let key = try dottedKey()
    guard take(UInt8(ascii: "=")) else { throw error("after a key stands '='") }
    skipBlanks()
    var node = table
    for part in key.dropLast() {
      let child = node.child(part) ?? node.add(.table, as: part)
      guard case .table = child.shape, !child.isExplicit else { throw taken(part, by: child) }
      opened.append(child)
      node = child
    }
    let last = key[key.count - 1]
    if let old = node.child(last) { throw taken(last, by: old) }
    // Each part of the key is a level of tables.
    let value = try value(depth: depth + key.count - 1)
    _ = node.add(.value(value), as: last)
  }

  private func taken(_ key: TOMLKeyPart, by node: TOMLNode) -> SourceError {
    let first = source.error(at: node.offset, "")
    return source.error(at: key.offset, "'\(key.text)' is already defined in line \(first.line)")
  }

  // MARK: Keys

  private mutating func dottedKey() throws(SourceError) -> [TOMLKeyPart] {
    var parts: [TOMLKeyPart] = []
    repeat {
      skipBlanks()
      parts.append(try keyPart())
      if parts.count > TOMLDocument.depthMax {
        throw error("a key has at most \(TOMLDocument.depthMax) parts")
      }
      skipBlanks()
    } while take(UInt8(ascii: "."))
    return parts
  }

  private mutating func keyPart() throws(SourceError) -> TOMLKeyPart {
    let start = at
    switch peek {
    case UInt8(ascii: "\""):
      at += 1
      return TOMLKeyPart(text: try basicString(), offset: start)
    case UInt8(ascii: "'"):
      at += 1
      return TOMLKeyPart(text: try literalString(), offset: start)
    default: break
    }
    while let byte = peek, Self.isBare(byte) { at += 1 }
    guard at > start else {
      throw error("a key is expected: letters, digits, '_' and '-', or text in quotes")
    }
    return TOMLKeyPart(text: String(decoding: bytes[start..<at], as: UTF8.self), offset: start)
  }

  private static func isBare(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  // MARK: Lines

  private mutating func endOfLine() throws(SourceError) {
    skipBlanks()
    try skipComment()
    guard peek != nil else { return }
    guard takeNewline() else { throw error("nothing but a comment may follow on this line") }
  }

  mutating func skipComment() throws(SourceError) {
    guard take(UInt8(ascii: "#")) else { return }
    while let byte = peek, byte != 0x0A {
      if byte == 0x0D, peek(1) == 0x0A { return }
      if byte != 0x09, byte < 0x20 || byte == 0x7F { throw error("a comment may not hold control characters") }
      at += 1
    }
  }

  mutating func takeNewline() -> Bool {
    if peek == 0x0A {
      at += 1
      return true
    }
    guard peek == 0x0D, peek(1) == 0x0A else { return false }
    at += 2
    return true
  }

  mutating func skipBlanks() {
    while peek == 0x20 || peek == 0x09 { at += 1 }
  }

  var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

  func peek(_ ahead: Int) -> UInt8? { at + ahead < bytes.count ? bytes[at + ahead] : nil }

  mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    at += 1
    return true
  }

  func error(_ message: String, meant: String? = nil) -> SourceError {
    source.error(at: at, message, meant: meant)
  }
}
