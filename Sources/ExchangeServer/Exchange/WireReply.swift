import Basics
import HTTP

/// An answer of a dialect, before it is on the wire.
struct WireReply {
  var status = 200
  var body: JSON
  var fields = HTTPFields()
  /// How much later it is sent.
  var delay = Duration.zero
  /// It is sent when the faults are taken back.
  var isHeld = false
  /// For the log: the venue's code of a refusal.
  var code: Int?
  /// What comes in place of the answer.
  var spoil: Spoil?

  /// An answer that is not the venue's.
  enum Spoil: Equatable {
    /// A page of a gateway with that status.
    case page(Int)
    /// Its JSON is cut off.
    case unreadable
  }

  init(_ body: JSON, status: Int = 200, code: Int? = nil) {
    (self.body, self.status, self.code) = (body, status, code)
  }

  /// Takes over what the outcome says of the way back.
  mutating func carry(_ outcome: WireExchange.Outcome) {
    (delay, isHeld, spoil) = (outcome.delay, outcome.isHeld, outcome.spoil)
    if case .page(let status)? = spoil { (self.status, code) = (status, nil) }
  }

  var response: HTTPResponse {
    if case .page(let status)? = spoil { return Self.page(status, status == 403 ? "CloudFront" : "nginx") }
    var bytes = ByteWriter(capacity: 512)
    body.write(into: &bytes)
    var body = bytes.bytes()
    if spoil == .unreadable { body.removeLast(body.count - body.count * 2 / 3) }
    return HTTPResponse(status, contentType: "application/json;charset=UTF-8", fields: fields, body: body)
  }

  /// A gateway's page instead of the venue's answer.
  static func page(_ status: Int, _ server: String) -> HTTPResponse {
    let words = "\(status) \(HTTPResponse.reason(status))"
    let text =
      "<html>\r\n<head><title>\(words)</title></head>\r\n<body>\r\n<center><h1>\(words)</h1></center>\r\n<hr><center>\(server)</center>\r\n</body>\r\n</html>\r\n"
    var fields = HTTPFields()
    fields.add("Server", server)
    return HTTPResponse(status, contentType: "text/html", fields: fields, body: Array(text.utf8))
  }
}

/// A request that a dialect answers.
struct WireRequest {
  var method: String
  var path: String
  /// Query and form, decoded, in the order they came.
  var items: QueryItems
  /// What a signature is over: the query and the body as they came, without the signature itself.
  var signed: [UInt8]
  var signature: String?
  var key: String?
  var fields: HTTPFields

  init(_ request: HTTPRequest, keyField: String) {
    method = request.method
    path = request.path
    fields = request.fields
    items = QueryItems(request.query)
    var form: [UInt8] = []
    let type = request.fields["content-type"] ?? "application/x-www-form-urlencoded"
    if !request.body.isEmpty, type.hasPrefix("application/x-www-form-urlencoded") {
      form = request.body
      items.add(QueryItems(String(decoding: form, as: UTF8.self)))
    }
    key = request.fields[keyField]
    signature = items["signature"]
    // Received order, and no '&' between query and body.
    signed = Self.unsigned(Array(request.query.utf8))
    if !form.isEmpty { signed += Self.unsigned(form) }
  }

  /// The pairs as they stand, without the signature and its '&'.
  private static func unsigned(_ text: [UInt8]) -> [UInt8] {
    var kept: [UInt8] = []
    kept.reserveCapacity(text.count)
    var start = 0
    while start < text.count {
      let end = text[start...].firstIndex(of: UInt8(ascii: "&")) ?? text.count
      if end > start, !text[start..<end].starts(with: signatureWord) {
        if !kept.isEmpty { kept.append(UInt8(ascii: "&")) }
        kept += text[start..<end]
      }
      start = end + 1
    }
    return kept
  }

  private static let signatureWord = Array("signature=".utf8)

  /// A value that was sent and is not empty.
  subscript(name: String) -> String? { items[name].flatMap { $0.isEmpty ? nil : $0 } }
}
