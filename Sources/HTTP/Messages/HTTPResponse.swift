import Basics

/// An answer to a request.
public struct HTTPResponse: Sendable, Equatable {
  /// Such as 200.
  public var status: Int
  /// Header fields; length and connection are added when it is written.
  public var fields: HTTPFields
  /// Its bytes.
  public var body: [UInt8]

  /// An answer as given; a content type is added when there is one.
  public init(_ status: Int, contentType: String? = nil, fields: HTTPFields = HTTPFields(), body: [UInt8] = []) {
    self.status = status
    var all = HTTPFields()
    if let contentType { all.add("Content-Type", contentType) }
    all.list += fields.list
    self.fields = all
    self.body = body
  }

  /// Plain text.
  public static func text(_ status: Int, _ text: String) -> HTTPResponse {
    HTTPResponse(status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
  }

  /// What a client gets whose bytes are no request.
  public static func failure(_ failure: HTTPFailure) -> HTTPResponse {
    switch failure {
    case .malformed(let reason): .text(400, "\(reason)\n")
    case .headTooLarge: .text(431, "the head of the request is too long\n")
    case .bodyTooLarge: .text(413, "the body of the request is too long\n")
    case .unknownCoding: .text(501, "only chunked is read\n")
    case .unknownExpectation: .text(417, "only 100-continue is met\n")
    }
  }

  /// The bytes on the wire. A client that asked with HEAD gets no body; 101 and 204 have none (RFC 9110, section 6.4.1).
  public func bytes(isHead: Bool = false, endsAfter: Bool = false) -> [UInt8] {
    let isEmpty = status < 200 || status == 204 || status == 304
    var bytes = ByteWriter(capacity: 512 + body.count)
    bytes.text("HTTP/1.1 ")
    bytes.integer(status)
    bytes.text(" ")
    bytes.text(Self.reason(status))
    bytes.text("\r\n")
    for field in fields.list {
      bytes.text(field.name)
      bytes.text(": ")
      bytes.text(field.value)
      bytes.text("\r\n")
    }
    if !isEmpty {
      bytes.text("Content-Length: ")
      bytes.integer(body.count)
      bytes.text("\r\n")
    }
    if endsAfter { bytes.text("Connection: close\r\n") }
    bytes.text("\r\n")
    if !isHead, !isEmpty { bytes.append(body) }
    return bytes.bytes()
  }

  /// The words that go with a status (RFC 9110, section 15, and RFC 6585).
  public static func reason(_ status: Int) -> String {
    switch status {
    case 100: "Continue"
    case 101: "Switching Protocols"
    case 200: "OK"
    case 204: "No Content"
    case 304: "Not Modified"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 413: "Content Too Large"
    case 417: "Expectation Failed"
    case 418: "I'm a teapot"
    case 426: "Upgrade Required"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    default: "Unknown"
    }
  }
}
