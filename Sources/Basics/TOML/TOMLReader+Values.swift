/// Values other than numbers and dates.
extension TOMLReader {
  mutating func value(depth: Int) throws(SourceError) -> TOMLValue {
    let start = at
    guard let byte = peek else { throw error("a value is expected") }
    if depth > TOMLDocument.depthMax { throw error("values nest at most \(TOMLDocument.depthMax) deep") }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return TOMLValue(kind: .string(try string(quote: byte)), offset: start)
    case UInt8(ascii: "["): return TOMLValue(kind: .array(try array(depth)), offset: start)
    case UInt8(ascii: "{"): return TOMLValue(kind: .table(try inlineTable(depth)), offset: start)
    case 0x0A, 0x0D, UInt8(ascii: "#"): throw error("a value is expected")
    default: return TOMLValue(kind: try bareValue(), offset: start)
    }
  }

  private mutating func string(quote: UInt8) throws(SourceError) -> String {
    if peek(1) == quote, peek(2) == quote {
      at += 3
      return try multilineString(quote: quote)
    }
    at += 1
    return try quote == UInt8(ascii: "\"") ? basicString() : literalString()
  }

  private mutating func array(_ depth: Int) throws(SourceError) -> [TOMLValue] {
    let start = at
    at += 1
    var values: [TOMLValue] = []
    while true {
      try skipLines()
      if take(UInt8(ascii: "]")) { return values }
      guard peek != nil else { throw source.error(at: start, "the array is not closed") }
      values.append(try value(depth: depth + 1))
      try skipLines()
      if take(UInt8(ascii: "]")) { return values }
      guard peek != nil else { throw source.error(at: start, "the array is not closed") }
      guard take(UInt8(ascii: ",")) else { throw error("between the values of an array stands ','") }
    }
  }

  private mutating func inlineTable(_ depth: Int) throws(SourceError) -> TOMLTable {
    let start = at
    at += 1
    let node = TOMLNode(.table, offset: start)
    skipBlanks()
    if take(UInt8(ascii: "}")) { return node.table }
    while true {
      try keyValue(into: node, depth: depth + 1)
      skipBlanks()
      if take(UInt8(ascii: "}")) { return node.table }
      guard let byte = peek, byte != 0x0A, byte != 0x0D, byte != UInt8(ascii: "#") else {
        throw source.error(at: start, "an inline table is closed on its line")
      }
      guard take(UInt8(ascii: ",")) else { throw error("between the entries of an inline table stands ','") }
      skipBlanks()
      if peek == UInt8(ascii: "}") { throw error("no ',' stands after the last entry of an inline table") }
    }
  }

  private mutating func skipLines() throws(SourceError) {
    repeat {
      skipBlanks()
      try skipComment()
    } while takeNewline()
  }
}
