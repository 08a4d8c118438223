import Basics

/// What came over the wire, one JSON line each, besides the venue's own history: requests that never reached the venue,
/// limits, streams. No query, no key, no signature.
struct WireJournal {
  /// Lines that wait to be written, and the last of them all for whoever asks.
  private(set) var pending: [UInt8] = []
  private(set) var recent: [(number: Int, line: [UInt8])] = []
  private(set) var count = 0
  private static let recentMax = 5000

  /// A request and its answer.
  mutating func request(_ entry: Request, at now: Instant) {
    var members: [(key: String, value: JSON)] = [
      ("timestamp", .string(now.iso8601())), ("kind", .string("request")), ("connection", .int(entry.connection)),
      ("method", .string(entry.method)), ("path", .string(String(entry.path.prefix(200)))),
    ]
    if let symbol = entry.symbol { members.append(("symbol", .string(String(symbol.prefix(40))))) }
    if let side = entry.side { members.append(("side", .string(String(side.prefix(8))))) }
    if let id = entry.clientOrderId { members.append(("client_order_id", .string(String(id.prefix(64))))) }
    members.append(("status", .int(entry.status)))
    if let code = entry.code { members.append(("code", .int(code))) }
    if let seconds = entry.retryAfter { members.append(("retry_after_s", .int(seconds))) }
    if let account = entry.account { members.append(("account", .string(account))) }
    if let fault = entry.fault { members.append(("injected", .string(fault))) }
    append(.object(members))
  }

  struct Request {
    var connection: Int
    var method: String
    var path: String
    var symbol: String?
    var side: String?
    var clientOrderId: String?
    var status: Int
    var code: Int?
    /// Seconds that the answer asks to wait.
    var retryAfter: Int?
    var account: String?
    /// What a fault of the wire made of it.
    var fault: String?
  }

  /// A stream was opened or closed, a client subscribed.
  mutating func stream(_ kind: String, _ connection: Int, _ names: [String], at now: Instant) {
    append(
      .object([
        ("timestamp", .string(now.iso8601())), ("kind", .string(kind)), ("connection", .int(connection)),
        ("streams", .array(names.prefix(50).map { .string(String($0.prefix(80))) })),
      ]))
  }

  /// A phase of a run, a fault that was armed.
  mutating func note(_ kind: String, _ text: String, at now: Instant) {
    append(.object([("timestamp", .string(now.iso8601())), ("kind", .string(kind)), ("text", .string(text))]))
  }

  private mutating func append(_ json: JSON) {
    let line = Array(json.text.utf8)
    pending += line
    pending.append(0x0A)
    count += 1
    recent.append((count, line))
    if recent.count > 2 * Self.recentMax { recent.removeFirst(Self.recentMax) }
  }

  mutating func take() -> [UInt8] {
    defer { pending.removeAll(keepingCapacity: true) }
    return pending
  }
}
