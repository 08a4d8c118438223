/// The opening of a WebSocket (RFC 6455, section 4).
public enum WebSocketHandshake {
  /// What a server adds to a client's key.
  private static let guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

  /// The answer to a client's key.
  public static func accept(_ key: String) -> String { Base64.encode(SHA1.digest(Array((key + guid).utf8))) }

  /// Whether a request wants a WebSocket, be it right or wrong.
  public static func isWanted(_ request: HTTPRequest) -> Bool { request.fields.has("upgrade", word: "websocket") }

  /// What to answer: 101 when the connection is a WebSocket from here on, an error otherwise. Extensions and subprotocols
  /// are declined by saying nothing of them.
  public static func answer(_ request: HTTPRequest) -> HTTPResponse {
    guard request.method == "GET", request.isCurrent, request.fields.has("connection", word: "upgrade"),
      isWanted(request)
    else { return .text(400, "this is not a WebSocket handshake\n") }
    guard request.fields["sec-websocket-version"] == "13" else {
      var response = HTTPResponse.text(426, "WebSocket version 13\n")
      response.fields.add("Sec-WebSocket-Version", "13")
      return response
    }
    let keys = request.fields.all("sec-websocket-key")
    guard keys.count == 1, Base64.decode(keys[0])?.count == 16 else {
      return .text(400, "Sec-WebSocket-Key is not 16 bytes of base64\n")
    }
    var response = HTTPResponse(101)
    response.fields.add("Upgrade", "websocket")
    response.fields.add("Connection", "Upgrade")
    response.fields.add("Sec-WebSocket-Accept", accept(keys[0]))
    return response
  }

  /// What a client sends; the key is 16 bytes that it has not used before.
  public static func request(path: String, query: String = "", host: String, key: [UInt8]) -> HTTPRequest {
    var request = HTTPRequest(path: path, query: query)
    for (name, value) in [
      ("host", host), ("upgrade", "websocket"), ("connection", "Upgrade"), ("sec-websocket-version", "13"),
      ("sec-websocket-key", Base64.encode(key)),
    ] { request.fields.add(name, value) }
    return request
  }
}
