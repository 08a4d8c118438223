@testable import HTTP

/// The same bytes, whole and cut.
enum Cuts {
  static func requests(_ bytes: [UInt8], at cut: Int? = nil, _ limits: HTTPLimits = HTTPLimits())
    -> [HTTPRequestParser.Event]
  {
    var parser = HTTPRequestParser(limits: limits)
    var events: [HTTPRequestParser.Event] = []
    for part in parts(bytes, cut) {
      parser.append(part)
      while let event = parser.next() { events.append(event) }
    }
    return events
  }

  static func frames(_ bytes: [UInt8], from peer: WebSocketReader.Peer, at cut: Int? = nil, max: Int = 65_536)
    -> [WebSocketReader.Event]
  {
    var reader = WebSocketReader(from: peer, messageBytesMax: max)
    var events: [WebSocketReader.Event] = []
    for part in parts(bytes, cut) {
      reader.append(part)
      while let event = reader.next() { events.append(event) }
    }
    return events
  }

  static func responses(_ bytes: [UInt8], asking methods: [String], at cut: Int? = nil) -> [HTTPResponseParser.Event] {
    var parser = HTTPResponseParser()
    for method in methods { parser.expect(method: method) }
    var events: [HTTPResponseParser.Event] = []
    for part in parts(bytes, cut) {
      parser.append(part)
      while let event = parser.next() { events.append(event) }
    }
    if let last = parser.end() { events.append(last) }
    return events
  }

  private static func parts(_ bytes: [UInt8], _ cut: Int?) -> [ArraySlice<UInt8>] {
    guard let cut else { return [bytes[...]] }
    return [bytes[..<cut], bytes[cut...]]
  }
}
