import Glibc

/// What heads of requests and responses have in common: lines, the end of them, and how long the body is.
struct HTTPHeadReader {
  /// Where the head that begins at `start` ends, looking at what was not seen before; nil: not yet there. A line may end in
  /// CR LF or LF (RFC 9112, section 2.2).
  static func end(_ bytes: [UInt8], from start: Int, seen: inout Int) -> Int? {
    bytes.withUnsafeBufferPointer { bytes in
      var index = max(start, seen)
      while let newline = Self.newline(bytes, from: index) {
        if newline > start, bytes[newline - 1] == 0x0A { return newline + 1 }
        if newline > start + 1, bytes[newline - 1] == 0x0D, bytes[newline - 2] == 0x0A { return newline + 1 }
        index = newline + 1
      }
      seen = max(index, bytes.count)
      return nil
    }
  }

  private static func newline(_ bytes: UnsafeBufferPointer<UInt8>, from index: Int) -> Int? {
    guard index < bytes.count, let base = bytes.baseAddress,
      let found = memchr(base + index, 0x0A, bytes.count - index)
    else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  /// The lines of a head without their ends, the empty one left out.
  static func lines(_ head: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    let base = head.startIndex
    return head.withUnsafeBufferPointer { bytes in
      var lines: [ArraySlice<UInt8>] = []
      lines.reserveCapacity(12)
      var start = 0
      while start < bytes.count {
        let newline = Self.newline(bytes, from: start) ?? bytes.count
        let end = newline > start && bytes[newline - 1] == 0x0D ? newline - 1 : newline
        if end > start { lines.append(head[(base + start)..<(base + end)]) }
        start = newline + 1
      }
      return lines
    }
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

  /// The numbers of one field: it may be a list.
  private static func lengths(_ value: String) -> [String] {
    if value.utf8.allSatisfy({ (0x30...0x39).contains($0) }), !value.isEmpty { return [value] }
    return value.split(separator: ",").map { $0.filter { $0 != " " } }
  }

  /// How the body is delimited (RFC 9112, section 6); nil: the message does not say.
  static func body(_ fields: HTTPFields, _ limits: HTTPLimits) throws(HTTPFailure) -> HTTPBodyReader? {
    if fields["transfer-encoding"] == nil, fields["content-length"] == nil { return nil }
    let codings = fields.all("transfer-encoding")
    let lengths = fields.all("content-length").flatMap(Self.lengths)
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
