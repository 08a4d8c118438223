import Basics

/// What came over the wire, one JSON line each, besides the venue's own history: requests that never reached the venue,
/// limits, streams. No query, no key, no signature.
struct WireJournal: ~Copyable {
  /// Lines that wait to be written.
  private var pending = ByteWriter(capacity: 65_536)
  /// The last of all lines, for whoever asks.
  private(set) var recent: [(number: Int, line: [UInt8])] = []
  private(set) var count = 0
  private static let recentMax = 5000

  /// A request and its answer.
  mutating func request(_ entry: Request, at now: Instant) {
    let start = open("request", at: now)
    pending.key("connection")
    pending.integer(entry.connection)
    member("method", entry.method, max: 200)
    member("path", entry.path, max: 200)
    member("symbol", entry.symbol, max: 40)
    member("side", entry.side, max: 8)
    member("client_order_id", entry.clientOrderId, max: 64)
    pending.key("status")
    pending.integer(entry.status)
    if let code = entry.code {
      pending.key("code")
      pending.integer(code)
    }
    if let seconds = entry.retryAfter {
      pending.key("retry_after_s")
      pending.integer(seconds)
    }
    member("account", entry.account, max: 200)
    member("injected", entry.fault, max: 200)
    close(start)
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
    let start = open(kind, at: now)
    pending.key("connection")
    pending.integer(connection)
    pending.key("streams")
    JSON.array(names.prefix(50).map { .string(String($0.prefix(80))) }).write(into: &pending)
    close(start)
  }

  /// A phase of a run, a fault that was armed.
  mutating func note(_ kind: String, _ text: String, at now: Instant) {
    let start = open(kind, at: now)
    pending.key("text")
    pending.quoted(text)
    close(start)
  }

  /// Begins a line, and says where.
  private mutating func open(_ kind: String, at now: Instant) -> Int {
    let start = pending.count
    pending.text("{\"timestamp\":\"")
    pending.time(now)
    pending.text("\",\"kind\":")
    pending.quoted(kind)
    return start
  }

  /// A text of a client, cut where it is longer than `max` bytes can be.
  private mutating func member(_ key: StaticString, _ text: String?, max: Int) {
    guard let text else { return }
    pending.key(key)
    pending.quoted(text.utf8.count <= max ? text : String(text.prefix(max)))
  }

  private mutating func close(_ start: Int) {
    pending.byte(UInt8(ascii: "}"))
    count += 1
    recent.append((count, pending.bytes(from: start)))
    pending.byte(0x0A)
    if recent.count > 2 * Self.recentMax { recent.removeFirst(Self.recentMax) }
  }

  mutating func take() -> [UInt8] {
    defer { pending.removeAll() }
    return pending.bytes()
  }
}
