import Monitoring

/// The head of a request, as far as the endpoint cares.
struct HTTPHead: Equatable {
  var method: String
  /// Without its query.
  var path: String
  var isPersistent: Bool
  var accept: String?
  var hasBody = false

  /// Bytes of the longest head that is read.
  static let bytesMax = 8192

  enum Parsed: Equatable {
    case incomplete
    case malformed
    case tooLarge
    case head(HTTPHead, length: Int)
  }

  /// Reads the head at the start of `bytes`.
  static func parse(_ bytes: [UInt8]) -> Parsed {
    guard let length = end(of: bytes) else { return bytes.count >= bytesMax ? .tooLarge : .incomplete }
    guard length <= bytesMax else { return .tooLarge }
    // By bytes: CR LF is one Character, which splitting a text would miss.
    let lines = bytes[..<length].split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
      Substring(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
    }
    return head(text: lines).map { .head($0, length: length) } ?? .malformed
  }

  /// The empty line may end in CR LF or LF (RFC 9112 section 2.2).
  private static func end(of bytes: [UInt8]) -> Int? {
    var lineLength = 0
    for (index, byte) in bytes.enumerated() {
      if byte == 0x0A {
        if lineLength == 0, index > 1 { return index + 1 }
        lineLength = 0
      } else if byte != 0x0D {
        lineLength += 1
      }
    }
    return nil
  }

  private static func head(text lines: [Substring]) -> HTTPHead? {
    guard let first = lines.first else { return nil }
    let words = first.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0", words[1].hasPrefix("/"),
      !words[0].isEmpty, words[0].utf8.allSatisfy({ (0x41...0x5A).contains($0) })
    else { return nil }
    var head = HTTPHead(
      method: String(words[0]), path: String(words[1].prefix { $0 != "?" }), isPersistent: words[2] == "HTTP/1.1")
    for line in lines.dropFirst() where !line.isEmpty {
      guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else { return nil }
      let value = trimmed(line[line.index(after: colon)...])
      switch line[..<colon].lowercased() {
      case "accept": head.accept = head.accept.map { "\($0), \(value)" } ?? value
      case "connection":
        if value.lowercased() == "close" { head.isPersistent = false }
      case "content-length": head.hasBody = head.hasBody || value != "0"
      case "transfer-encoding": head.hasBody = true
      default: continue
      }
    }
    return head
  }

  private static func trimmed(_ text: Substring) -> String {
    let start = text.drop { $0 == " " || $0 == "\t" }
    return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }

  /// OpenMetrics only for who prefers it; text for everybody else.
  var format: PrometheusText.Format {
    var open = 0.0
    var text = 0.0
    for range in (accept ?? "").split(separator: ",").prefix(32) {
      let parts = range.split(separator: ";").map { Self.trimmed($0).lowercased() }
      guard let type = parts.first else { continue }
      var quality = 1.0
      var version = "1.0.0"
      for part in parts.dropFirst() {
        if part.hasPrefix("q=") { quality = Double(part.dropFirst(2)) ?? 0 }
        if part.hasPrefix("version=") { version = String(part.dropFirst(8)) }
      }
      switch type {
      case "application/openmetrics-text" where version == "1.0.0": open = max(open, quality)
      case "text/plain", "text/*": text = max(text, quality)
      default: continue
      }
    }
    return open > 0 && open >= text ? .openMetrics : .text
  }
}
