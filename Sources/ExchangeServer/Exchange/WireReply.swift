import Basics
import HTTP

/// An answer of a dialect, before it is on the wire.
struct WireReply {
  var status = 200
  private var content: Content
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

  private enum Content {
    case json(JSON)
    /// The text of an answer that is asked for often enough to be written without a tree.
    case written([UInt8])
  }

  init(_ body: JSON, status: Int = 200, code: Int? = nil) {
    (content, self.status, self.code) = (.json(body), status, code)
  }

  /// An answer that is JSON text already.
  init(written text: [UInt8]) { content = .written(text) }

  /// The answer as JSON.
  var body: JSON {
    switch content {
    case .json(let json): json
    case .written(let text): (try? JSON.parse(text)) ?? .null
    }
  }

  /// Takes over what the outcome says of the way back.
  mutating func carry(_ outcome: WireExchange.Outcome) {
    (delay, isHeld, spoil) = (outcome.delay, outcome.isHeld, outcome.spoil)
    if case .page(let status)? = spoil { (self.status, code) = (status, nil) }
  }

  var response: HTTPResponse {
    if case .page(let status)? = spoil { return Self.page(status, status == 403 ? "CloudFront" : "nginx") }
    var body: [UInt8]
    switch content {
    case .json(let json):
      var bytes = ByteWriter(capacity: 512)
      json.write(into: &bytes)
      body = bytes.bytes()
    case .written(let text): body = text
    }
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
  /// A name that the query has twice, or the form; one of both may repeat what the other has.
  var doubled: String?

  init(_ request: HTTPRequest, keyField: String) {
    method = request.method
    path = request.path
    fields = request.fields
    items = QueryItems(request.query)
    var form: [UInt8] = []
    doubled = items.doubled
    let type = request.fields["content-type"] ?? Self.formType
    if !request.body.isEmpty, type.prefix(Self.formType.count).lowercased() == Self.formType {
      form = request.body
      let sent = QueryItems(String(decoding: form, as: UTF8.self))
      doubled = doubled ?? sent.doubled
      items.add(sent)
    }
    key = request.fields[keyField]
    signature = items["signature"]
    // Received order, and no '&' between query and body.
    signed = []
    signed.reserveCapacity(request.query.utf8.count + form.count)
    var query = request.query
    query.withUTF8 { Self.add(unsigned: $0, to: &signed) }
    if !form.isEmpty { form.withUnsafeBufferPointer { Self.add(unsigned: $0, to: &signed) } }
  }

  /// The pairs as they stand, without the signature and its '&'.
  private static func add(unsigned text: UnsafeBufferPointer<UInt8>, to kept: inout [UInt8]) {
    let first = kept.count
    var start = 0
    while start < text.count {
      var end = start
      while end < text.count, text[end] != UInt8(ascii: "&") { end += 1 }
      let pair = UnsafeBufferPointer(rebasing: text[start..<end])
      if !pair.isEmpty, !(pair[0] == UInt8(ascii: "s") && pair.starts(with: signatureWord)) {
        if kept.count > first { kept.append(UInt8(ascii: "&")) }
        kept.append(contentsOf: pair)
      }
      start = end + 1
    }
  }

  private static let formType = "application/x-www-form-urlencoded"
  private static let signatureWord = Array("signature=".utf8)

  /// A value that was sent and is not empty.
  subscript(name: String) -> String? { items[name].flatMap { $0.isEmpty ? nil : $0 } }
}
