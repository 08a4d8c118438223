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

  init(_ body: JSON, status: Int = 200, code: Int? = nil) {
    (self.body, self.status, self.code) = (body, status, code)
  }

  var response: HTTPResponse {
    var bytes = ByteWriter(capacity: 512)
    body.write(into: &bytes)
    return HTTPResponse(status, contentType: "application/json;charset=UTF-8", fields: fields, body: bytes.bytes())
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
    signed = Self.unsigned(Array(request.query.utf8)) + Self.unsigned(form)
  }

  /// The pairs as they stand, without the signature and its '&'.
  private static func unsigned(_ text: [UInt8]) -> [UInt8] {
    let word = Array("signature=".utf8)
    var kept: [UInt8] = []
    for pair in text.split(separator: UInt8(ascii: "&")) where !pair.starts(with: word) {
      if !kept.isEmpty { kept.append(UInt8(ascii: "&")) }
      kept += pair
    }
    return kept
  }

  /// A value that was sent and is not empty.
  subscript(name: String) -> String? { items[name].flatMap { $0.isEmpty ? nil : $0 } }
}
