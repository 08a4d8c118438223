import Basics
import HTTP
import Trading

/// A client of `/ws` or `/stream`: subscriptions by name, market data, user data by listen key.
final class BinanceStreams: StreamProtocol, StreamHub.Subscriber {
  private let dialect: BinanceDialect
  private let connection: StreamConnection
  private var isCombined: Bool
  private var subscribed: [String: StreamName] = [:]
  /// Listen keys, and names that are no stream here: both are listed as they were asked for.
  private var listening: [String: Int] = [:]
  private var others: Set<String> = []
  /// Binance: "A single connection can listen to a maximum of 1024 streams."
  private static let streamsMax = 1024

  init(_ dialect: BinanceDialect, _ connection: StreamConnection, isCombined: Bool) {
    (self.dialect, self.connection, self.isCombined) = (dialect, connection, isCombined)
  }

  var names: [String] { (subscribed.keys.sorted() + listening.keys.map { _ in "user" } + others.sorted()) }
  /// Binance: "5 incoming messages per second".
  let textsMax = 5

  /// Subscribes to streams; what is no stream is silent, as it is at the venue.
  func subscribe(_ names: [String]) {
    for text in names where !text.isEmpty {
      guard subscribed.count + listening.count + others.count < Self.streamsMax else {
        return connection.close(1008, "Too many streams")
      }
      guard subscribed[text] == nil, listening[text] == nil else { continue }
      if let account = dialect.keys.account(text) {
        listening[text] = dialect.hub.listen(to: account) { [weak self] event in self?.tell(event, key: text) ?? false }
      } else if let name = StreamName(text, dialect.exchange) {
        subscribed[text] = name
        dialect.hub.add(self, to: name)
      } else {
        others.insert(text)
      }
    }
  }

  private func unsubscribe(_ names: [String]) {
    for text in names {
      if let name = subscribed.removeValue(forKey: text) { dialect.hub.remove(self, from: name) }
      if let id = listening.removeValue(forKey: text) { dialect.hub.stopListening(id) }
      others.remove(text)
    }
  }

  func receive(_ text: [UInt8], at now: Instant) -> Bool {
    guard let json = try? JSON.parse(text), let method = json["method"]?.string else {
      connection.answer(
        .object([
          ("error", .object([("code", .int(3)), ("msg", .string("Invalid JSON: expected value at line 1 column 1"))]))
        ]))
      return true
    }
    let id = json["id"] ?? .null
    let names = (json["params"]?.array ?? []).compactMap(\.string)
    func done(_ result: JSON = .null) { connection.answer(.object([("result", result), ("id", id)])) }
    switch method {
    case "SUBSCRIBE":
      let lost = names.filter { dialect.exchange.faults.dropsSubscribe($0) }
      if !lost.isEmpty, lost.count == names.count { return true }
      // The answer comes before the data: ccxt begins its book with it.
      done()
      dialect.hub.note(
        "stream_subscribed", connection.connection.number, names.map { dialect.keys.account($0) == nil ? $0 : "user" })
      subscribe(names.filter { !lost.contains($0) })
    case "UNSUBSCRIBE":
      unsubscribe(names)
      done()
    case "LIST_SUBSCRIPTIONS":
      done(.array((subscribed.keys.sorted() + listening.keys.sorted() + others.sorted()).map { .string($0) }))
    case "SET_PROPERTY":
      if case .array(let words)? = json["params"], words.first?.string == "combined" {
        isCombined = words.last?.bool ?? isCombined
      }
      done()
    case "GET_PROPERTY": done(.bool(isCombined))
    default:
      connection.answer(
        .object([
          (
            "error",
            .object([
              ("code", .int(2)),
              (
                "msg",
                .string(
                  "Invalid request: unknown variant `\(method.prefix(40))`, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`"
                )
              ),
            ])
          ),
          ("id", id),
        ]))
    }
    return true
  }

  func take(_ event: StreamEvent) {
    if isCombined {
      _ = connection.send(event.combined, frame: event.combinedFrame, stream: event.name, event: event.kind)
    } else {
      _ = connection.send(event.raw, frame: event.rawFrame, stream: event.name, event: event.kind)
    }
  }

  private func tell(_ event: WireUserEvent, key: String) -> Bool {
    let (kind, json) = BinanceUserEvents.json(event, at: dialect.hub.now)
    return send(kind, json, key)
  }

  private func send(_ kind: String, _ json: JSON, _ key: String) -> Bool {
    let wrapped: JSON = isCombined ? .object([("stream", .string(key)), ("data", json)]) : json
    return connection.send(Array(wrapped.text.utf8), stream: "user", event: kind)
  }

  /// Whether it listens to an account by that key.
  func listens(by key: String) -> Bool { listening[key] != nil }

  /// A listen key is no longer good: its stream says so and is silent from then on.
  func expire(_ key: String, at now: Instant) {
    guard let id = listening.removeValue(forKey: key) else { return }
    dialect.hub.stopListening(id)
    _ = send(
      "listenKeyExpired",
      .object([
        ("e", .string("listenKeyExpired")), ("E", BinanceJSON.milliseconds(now)), ("listenKey", .string(key)),
      ]), key)
  }

  func ended() {
    for name in subscribed.values { dialect.hub.remove(self, from: name) }
    for id in listening.values { dialect.hub.stopListening(id) }
    (subscribed, listening) = ([:], [:])
  }
}
