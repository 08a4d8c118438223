/// What heads of requests and responses have in common: lines, the end of them, and how long the body is.
struct HTTPHeadReader {
  /// Where the head that begins at `start` ends, looking at what was not seen before; nil: not yet there. A line may end in
  /// CR LF or LF (RFC 9112, section 2.2).
  static func end(_ bytes: [UInt8], from start: Int, seen: inout Int) -> Int? {
    var index = max(start, seen)
    while index < bytes.count {
      if bytes[index] == 0x0A {
        if index > start, bytes[index - 1] == 0x0A { return index + 1 }
        if index > start + 1, bytes[index - 1] == 0x0D, bytes[index - 2] == 0x0A { return index + 1 }
      }
      index += 1
    }
    seen = index
    return nil
  }

  /// The lines of a head without their ends, the empty one left out.
  static func lines(_ head: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var lines = head.parts(at: 0x0A)
    for index in lines.indices where lines[index].last == 0x0D { lines[index] = lines[index].dropLast() }
    lines.removeAll(where: \.isEmpty)
    return lines
  }

  static func fields(
    _ lines: ArraySlice<ArraySlice<UInt8>>, _ limits: HTTPLimits
  ) throws(HTTPFailure) -> HTTPFields {
    guard lines.count <= limits.fieldsMax else { throw .headTooLarge }
    var fields = HTTPFields()
    fields.list.reserveCapacity(lines.count)
    for line in lines {
      guard let field = HTTPFields.field(line) else { throw .malformed("a header line is broken") }
      fields.list.append(field)
    }
    return fields
  }

  /// How the body is delimited (RFC 9112, section 6); nil: the message does not say.
  static func body(_ fields: HTTPFields, _ limits: HTTPLimits) throws(HTTPFailure) -> HTTPBodyReader? {
    let codings = fields.all("transfer-encoding")
    let lengths = fields.all("content-length").flatMap { $0.split(separator: ",").map { $0.filter { $0 != " " } } }
    if !codings.isEmpty {
      // Two lengths are how requests are smuggled past a proxy.
      guard lengths.isEmpty else { throw .malformed("both a length and a transfer coding") }
      guard codings.count == 1, codings[0].utf8.elementsEqual("chunked".utf8, by: { $0 | 0x20 == $1 }) else {
        throw .unknownCoding
      }
      return HTTPBodyReader(.chunked, max: limits.bodyBytesMax)
    }
    guard let first = lengths.first else { return nil }
    guard lengths.allSatisfy({ $0 == first }), (1...18).contains(first.utf8.count),
      first.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(first)
    else { throw .malformed("the content length is no number") }
    guard length <= limits.bodyBytesMax else { throw .bodyTooLarge }
    return HTTPBodyReader(.length(length), max: limits.bodyBytesMax)
  }
}
