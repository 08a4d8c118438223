public import Basics
import Trading

/// What the venue saw of a bot that one cannot look into: its orders, its questions, its streams, and how its process ended.
///
/// Read from a session directory without an engine log: `logs/exchange.jsonl`, `logs/wire.jsonl`, `logs/belief.jsonl` and
/// `run.json`.
public struct BotRecord: Sendable {
  /// An order as it was asked for, and what its caller was told.
  public struct Order: Sendable {
    /// When the request reached the venue.
    public var time: Instant
    /// As the bot named it, or as the venue did where it did not.
    public var clientOrderId: String
    /// `BASE/QUOTE`.
    public var symbol: String
    /// `buy` or `sell`.
    public var side: String
    /// Base asset, or the quote amount of a market order, as a text.
    public var amount: String
    /// Limit price; empty for a market order.
    public var price: String
    /// When its caller had an answer, or knew that none came.
    public var answered: Instant
    /// Whether the caller cannot know what became of it.
    public var isUnclear = false
    /// Whether the venue took it.
    public var isTaken = false
    /// The refusal, where one was given, and whether it is final.
    public var code: String?
    /// The venue's words for it.
    public var text: String?
    /// Whether the same request can only be refused again.
    public var isFinal = false
    /// Whether a fault decided the answer.
    public var isInjected = false
    /// Whether an event of it was kept from the bot.
    public var hasLostEvents = false
    /// When the last lost event happened.
    public var lostAt: Instant?
    /// `NEW` and so on, by the venue's last word; nil: it never was in the book.
    public var status: String?
    /// When the venue's last word ended it; nil: it is open, or never was.
    public var endedAt: Instant?
    /// Quote asset of its fills.
    public var filledQuote = Decimal.zero
  }

  /// Something that the bot asked for which tells about its orders.
  public struct Question: Sendable {
    /// When it was asked.
    public var time: Instant
    /// Nil: about all symbols.
    public var symbol: String?
    /// Nil: about all orders.
    public var clientOrderId: String?
  }

  /// A request over the wire.
  public struct Request: Sendable {
    /// When it came.
    public var time: Instant
    /// Such as `GET`.
    public var method: String
    /// Without its query; of a call of the WebSocket API the path of the same call by REST.
    public var path: String
    /// As the client writes it; nil: the request is not about one.
    public var symbol: String?
    /// Of the order that it places or names.
    public var clientOrderId: String?
    /// Of the answer; 0: there was none.
    public var status: Int
    /// Seconds that the answer asks to wait; nil: it does not.
    public var retryAfter: Int?
    /// What a fault of the wire made of it.
    public var injected: String?
    /// The account whose key it carries.
    public var account: String?
  }

  /// Something about a stream.
  public struct StreamLine: Sendable {
    /// When it happened.
    public var time: Instant
    /// `stream_opened`, `stream_subscribed`, or `stream_closed_` and by whom.
    public var kind: String
    /// Number of the connection.
    public var connection: Int
    /// What it is about: streams by name, `user` for user data.
    public var names: [String]
  }

  /// How the process lived and ended.
  public struct Process: Sendable {
    /// As the user typed it.
    public var command: String
    /// Nil: it was ended by a signal.
    public var exitCode: Int?
    /// The signal that ended it; nil: it ended by itself.
    public var signal: Int?
    /// When it was asked to end; nil: it ended by itself before.
    public var askedToEnd: Instant?
    /// When it had ended.
    public var ended: Instant?
    /// Whether it had to be killed.
    public var wasKilled: Bool
    /// Whether it printed more than is kept.
    public var isFlooding: Bool
  }

  /// Orders that reached the venue, in their order.
  public var orders: [Order] = []
  /// What was asked about orders, in no particular order.
  public var questions: [Question] = []
  /// Everything that came over HTTP or the WebSocket API.
  public var requests: [Request] = []
  /// What happened to streams.
  public var streams: [StreamLine] = []
  /// The bot's own process.
  public var process: Process
  /// Begin and end of each, by name: `baseline`, `chaos`, `settle`.
  public var phases: [(name: String, start: Instant, end: Instant)] = []
  /// Firings by fault.
  public var fired: [(fault: String, count: Int)] = []
  /// What is wrong with the venue's ledger; nil: nothing.
  public var violation: String?
  /// Quote asset that may be tied up at once; nil: the user gives no limit.
  public var exposureMax: Decimal?
  /// How long an order may be open; nil: the user gives no limit.
  public var orderAgeMax: Duration?
  /// Whether the run was killed, or still goes on: nobody knows how it ends.
  public var isUnfinished = false
  /// Whether the user said where the bot tells what it has.
  public var hasBelief = false
  /// How much later than the venue the bot may know of a change.
  public var beliefLag = Duration.seconds(2)
  /// What the bot said that it has, in the order it was asked.
  public var answers: [Answer] = []
  /// What it really had, in the order of time.
  public var truths: [Truth] = []

  /// Whether the bot was ever heard with its key.
  public var isConnected: Bool { requests.contains { $0.account != nil } || !orders.isEmpty }
  /// When the last phase ended; of a run that was killed, when the bot was last heard.
  public var end: Instant { phases.last?.end ?? requests.last?.time ?? .simulationEpoch }

  /// Reads the files of a run.
  ///
  /// - Throws: `RecordError` for a run.json that is missing or none of a bot's run.
  public init(files: SessionFiles) throws(RecordError) {
    guard let bytes = files["run.json"], let run = try? JSON.parse(bytes), run["kind"]?.string == BotRecord.kind else {
      throw .broken(file: "run.json", reason: "it is not of a bot's run")
    }
    let process = run["process"]
    self.process = Process(
      command: process?["command"]?.string ?? "", exitCode: process?["exit_code"]?.int,
      signal: process?["signal"]?.int, askedToEnd: Self.time(process?["asked_to_end"]),
      ended: Self.time(process?["ended"]), wasKilled: process?["killed"]?.bool ?? false,
      isFlooding: process?["flooding"]?.bool ?? false)
    for phase in run["phases"]?.array ?? [] {
      guard let name = phase["name"]?.string, let start = Self.time(phase["start"]), let end = Self.time(phase["end"])
      else { continue }
      phases.append((name, start, end))
    }
    for fault in run["faults"]?.array ?? [] {
      if let id = fault["fault"]?.string, let count = fault["fired"]?.int { fired.append((id, count)) }
    }
    isUnfinished = run["unfinished"]?.bool ?? false
    orderAgeMax = Self.seconds(run["order_age_max_s"])
    exposureMax = run["exposure_max"]?.string.flatMap { Decimal($0) }
    if let belief = run["belief"], belief["source"] != nil {
      hasBelief = true
      beliefLag = Self.seconds(belief["lag_s"]) ?? beliefLag
    }
    for line in Self.lines(files["logs/wire.jsonl"] ?? []) { readWire(line) }
    for line in Self.lines(files["logs/exchange.jsonl"] ?? []) { readVenue(line) }
    for line in Self.lines(files["logs/belief.jsonl"] ?? []) { readBelief(line) }
    settleWireFaults()
  }

  /// What run.json says of itself.
  public static let kind = "bot"

  static func time(_ json: JSON?) -> Instant? { json?.string.flatMap { Instant(iso8601: $0) } }

  private static func seconds(_ json: JSON?) -> Duration? {
    json?.double.map { Duration(nanoseconds: Int64(min(max($0, 0), 1e8) * 1e9)) }
  }

  private static func lines(_ bytes: [UInt8]) -> [JSON] {
    bytes.split(separator: 0x0A).compactMap { try? JSON.parse($0) }
  }

  // MARK: Lines

  private mutating func readWire(_ line: JSON) {
    guard let time = Self.time(line["timestamp"]), let kind = line["kind"]?.string else { return }
    if kind == "request" {
      let request = Request(
        time: time, method: line["method"]?.string ?? "", path: line["path"]?.string ?? "",
        symbol: line["symbol"]?.string, clientOrderId: line["client_order_id"]?.string,
        status: line["status"]?.int ?? 0,
        retryAfter: line["retry_after_s"]?.int, injected: line["injected"]?.string, account: line["account"]?.string)
      requests.append(request)
      if request.method == "GET", request.path.hasSuffix("/allOrders") || request.path.hasSuffix("/myTrades") {
        questions.append(Question(time: time, symbol: request.symbol, clientOrderId: nil))
      }
    } else if kind.hasPrefix("stream_") {
      streams.append(
        StreamLine(
          time: time, kind: kind, connection: line["connection"]?.int ?? 0,
          names: (line["streams"]?.array ?? []).compactMap(\.string)))
    }
  }

  private mutating func readVenue(_ line: JSON) {
    guard let time = Self.time(line["timestamp"]), let kind = line["kind"]?.string else { return }
    let call = line["call"]?.string
    switch (kind, call) {
    case ("request", "place_order"):
      orders.append(
        Order(
          time: time, clientOrderId: line["client_order_id"]?.string ?? "", symbol: line["symbol"]?.string ?? "",
          side: line["side"]?.string ?? "", amount: line["qty"]?.string ?? line["quote"]?.string ?? "",
          price: line["price"]?.string ?? "", answered: time))
    case ("reply", "place_order"): readReply(line, time)
    case ("request", "query_order"):
      questions.append(
        Question(time: time, symbol: line["symbol"]?.string, clientOrderId: line["client_order_id"]?.string))
    case ("request", "open_orders"), ("request", "fetch_balance"):
      questions.append(Question(time: time, symbol: nil, clientOrderId: nil))
    case ("event", _): readEvent(line, time)
    case ("ledger", _):
      if line["conserved"]?.bool == false { violation = "at \(time.iso8601()) an asset's total was not what it was" }
    default: break
    }
  }

  private mutating func readReply(_ line: JSON, _ time: Instant) {
    let id = line["client_order_id"]?.string
    guard let index = orders.lastIndex(where: { $0.clientOrderId == id }) else { return }
    orders[index].answered = time
    orders[index].isInjected = line["injected"]?.bool ?? false
    switch line["outcome"]?.string {
    case "ok": orders[index].isTaken = true
    case "unknown": orders[index].isUnclear = true
    default:
      orders[index].code = line["code"].map { $0.string ?? $0.numberText ?? "" }
      orders[index].text = line["text"]?.string
      orders[index].isFinal = line["permanent"]?.bool ?? false
      if line["error_class"]?.string == FailureClass.unknown.rawValue { orders[index].isUnclear = true }
    }
  }

  private mutating func readEvent(_ line: JSON, _ time: Instant) {
    guard let id = line["client_order_id"]?.string,
      let index = orders.lastIndex(where: { $0.clientOrderId == id && $0.time <= time })
    else { return }
    orders[index].isTaken = true
    orders[index].status = line["status"]?.string
    let status = orders[index].status.flatMap { OrderStatus(rawValue: $0) }
    if status?.isTerminal == true, orders[index].endedAt == nil { orders[index].endedAt = time }
    if let quote = line["filled_quote"]?.string.flatMap({ Decimal($0) }) { orders[index].filledQuote = quote }
    if line["delivered"]?.bool == false {
      orders[index].hasLostEvents = true
      orders[index].lostAt = time
    }
  }

  /// Faults of the wire that leave the caller of an order without its answer.
  private static let silent: Set = [
    "reset-before", "reset-after", "html-502", "html-503", "late-502", "truncated", "malformed", "wrong-length",
    "stall",
    "drop", "hang",
  ]

  /// An order whose answer the wire spoiled is unclear to its caller: requests of both logs have the same time.
  private mutating func settleWireFaults() {
    for request in requests
    where request.method == "POST" && (request.path.hasSuffix("/order") || request.path.hasSuffix("/cancelReplace")) {
      guard let fault = request.injected, Self.silent.contains(fault),
        let index = orders.lastIndex(where: { $0.time == request.time })
      else { continue }
      orders[index].isUnclear = true
      orders[index].isInjected = true
      orders[index].answered = request.time
    }
  }

  /// Whether a stream of user data is open at a time.
  func hasUserStream(at time: Instant) -> Bool {
    var open: Set<Int> = []
    for line in streams where line.time <= time {
      if line.names.contains("user") { open.insert(line.connection) }
      if line.kind.hasPrefix("stream_closed_") { open.remove(line.connection) }
    }
    return !open.isEmpty
  }

  /// Whether the bot asked anything between two times that tells what became of an order.
  func hasAsked(about order: Order, from start: Instant, to end: Instant) -> Bool {
    let name = order.symbol.filter { $0 != "/" }
    return questions.contains { question in
      question.time > start && question.time <= end
        && (question.clientOrderId == nil || question.clientOrderId == order.clientOrderId)
        && (question.symbol == nil || question.symbol == order.symbol || question.symbol == name)
    }
  }
}
