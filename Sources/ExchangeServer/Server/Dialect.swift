import Basics
import HTTP
import Trading

/// How a venue says things: requests to calls, answers to JSON, refusals to code and text. No rule of trading is here.
protocol Dialect: AnyObject {
  /// The header field that carries a key.
  var keyField: String { get }
  /// Answers one request.
  func answer(_ request: WireRequest, at now: Instant) -> WireReply
  /// The answer to a request that a fault or a limit stops before it is looked at.
  func refusal(_ kind: DialectRefusal, at now: Instant) -> WireReply
  /// What a WebSocket at a path speaks; nil: nothing is there.
  func stream(_ request: HTTPRequest, _ connection: StreamConnection, at now: Instant) -> (any StreamProtocol)?
}

extension Dialect {
  /// Answers a request as it came.
  func answer(_ request: HTTPRequest, at now: Instant) -> WireReply {
    answer(WireRequest(request, keyField: keyField), at: now)
  }
}

/// What stops a request before it is looked at.
enum DialectRefusal {
  case tooMany(retryAfter: Int)
  case banned(until: Int64, retryAfter: Int)
  case skewed
}

/// What the other end of a WebSocket speaks.
protocol StreamProtocol: AnyObject {
  /// A text has come; false: it breaks the rules, and the connection ends with code 1008.
  func receive(_ text: [UInt8], at now: Instant) -> Bool
  /// The connection is over.
  func ended()
  /// What it listens to, for the state.
  var names: [String] { get }
  /// Texts that a client may send in a second.
  var textsMax: Int { get }
}
