/// One request, whole.
public struct HTTPRequest: Sendable, Equatable {
  /// In capitals, such as `GET`.
  public var method: String
  /// Before the `?`, as it was sent.
  public var path: String
  /// After the `?`, as it was sent; empty without one.
  public var query: String
  /// Header fields, in their order.
  public var fields: HTTPFields
  /// Its bytes, put together when they came in chunks.
  public var body: [UInt8]
  /// Whether the connection goes on after the answer.
  public var isPersistent: Bool
  /// Whether it is of HTTP/1.1, and not of 1.0.
  public var isCurrent: Bool

  /// A request as given.
  public init(
    method: String = "GET", path: String, query: String = "", fields: HTTPFields = HTTPFields(), body: [UInt8] = [],
    isPersistent: Bool = true, isCurrent: Bool = true
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.fields = fields
    self.body = body
    self.isPersistent = isPersistent
    self.isCurrent = isCurrent
  }

  /// The bytes a client sends; a body gets its length.
  public var bytes: [UInt8] {
    var text = "\(method) \(path)\(query.isEmpty ? "" : "?\(query)") HTTP/1.1\r\n"
    for field in fields.list { text += "\(field.name): \(field.value)\r\n" }
    if !body.isEmpty || method == "POST" || method == "PUT" { text += "content-length: \(body.count)\r\n" }
    if !isPersistent { text += "connection: close\r\n" }
    return Array((text + "\r\n").utf8) + body
  }
}
