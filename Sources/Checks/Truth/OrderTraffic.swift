import Basics
import Trading

/// One call to the venue, as its history has it.
struct VenueCallFact: Sendable {
  var asked: Instant
  /// When its caller had the answer; nil: never.
  var answered: Instant?
  /// `ok`, `error` or `unknown`; nil without an answer.
  var outcome: String?
  /// What follows from an error: `final`, `passing`, `limit` or `unknown`; nil without one, or where nobody wrote it.
  var errorClass: String?
  /// The venue said that the same request would be refused again.
  var isPermanent = false
  /// A fault made the answer.
  var isInjected = false
  /// Base asset that the answer says is filled.
  var filled: Decimal?
  /// The answer says that the order can do nothing any more.
  var isOver = false
  /// The answer says what the venue took for it.
  var tellsFee = false

  /// Whoever asked had ended before the answer came.
  var isUnheard = false

  var isGood: Bool { outcome == "ok" && !isUnheard }

  /// Whether the venue kept it beyond its caller's patience: a thread of the engine may be lost to it.
  func hangs(_ timeout: Duration) -> Bool { answered.map { $0 - asked > timeout } ?? true }

  /// Until when its caller can have waited for it.
  func end(timeout: Duration) -> Instant { min(answered ?? .distantFuture, asked + timeout) }
}

/// Everything that passed between engine and venue about one order, in the order of time.
struct OrderTraffic: Sendable {
  struct Trade: Sendable {
    var time: Instant
    var quantity: Decimal
    /// Quote asset of it, before fees.
    var quote: Decimal
    var fee: Decimal
    var feeAsset: String?
    /// Base asset filled with it.
    var total: Decimal
    /// When the user stream had it; nil: never.
    var arrives: Instant?
  }

  struct End: Sendable {
    var how: OrderTruth.End
    var time: Instant
    /// When the engine was told, by the stream or by the refusal; nil: it was not.
    var arrives: Instant?
  }

  let id: String
  let symbol: String
  /// The asset that its fills are paid in, and the one that they bring.
  let quoteAsset: String
  let baseAsset: String
  var isBuy: Bool
  /// Base asset; nil where the request has none.
  var quantity: Decimal?
  /// Limit price; nil where the request has none.
  var price: Decimal?
  /// As the request has it, in small letters; nil where it names none.
  var timeInForce: String?
  /// Requests to place it; never empty.
  var places: [VenueCallFact]
  var cancels: [VenueCallFact] = []
  var queries: [VenueCallFact] = []
  /// Questions for its trades.
  var lists: [VenueCallFact] = []
  /// When the venue put it in its books.
  var takenAt: Instant?
  var trades: [Trade] = []
  /// When the user stream said anything of it.
  var news: [Instant] = []
  /// Nil while it is open, or when nobody knows.
  var end: End?
  /// Whether the account paid any fee of the session in something that is neither bought nor paid with.
  var mayPayInTokens = false

  init(id: String, symbol: String, isBuy: Bool, quantity: Decimal?, price: Decimal?, asked: VenueCallFact) {
    (self.id, self.symbol, self.isBuy, self.quantity, self.price) = (id, symbol, isBuy, quantity, price)
    let assets = symbol.split(separator: "/")
    quoteAsset = assets.last.map(String.init) ?? symbol
    baseAsset = assets.count > 1 ? String(assets[0]) : ""
    places = [asked]
  }

  /// When it was asked for first.
  var asked: Instant { places.first?.asked ?? .simulationEpoch }

  /// Base asset filled by the venue's last word.
  var filled: Decimal { trades.last?.total ?? .zero }

  /// When an answer about the order said first that so much is filled; nil: none did.
  func answer(filled quantity: Decimal) -> Instant? {
    (queries + cancels).filter { $0.isGood && $0.filled.map { $0 >= quantity } ?? false }.compactMap(known).min()
  }

  /// From when on nobody waited for it any more, and until when it was heard of again; nil: never given up. The venue has said, a
  /// purchase's whole time after it was decided, that it has no such order, and named it later.
  func absence(decided: Instant, life: Duration) -> (from: Instant, heard: Instant?)? {
    let denials = queries.filter { $0.outcome == "error" && $0.isPermanent && !$0.isInjected }.compactMap(\.answered)
    guard let from = denials.first(where: { $0 - decided > life }), takenAt.map({ $0 > from }) ?? true else {
      return nil
    }
    let answers = (queries + cancels).filter(\.isGood).compactMap(\.answered)
    return (from, (answers + news).min())
  }

  /// When everything was known that an answer tells of: where it names no fee, the trades may be asked for.
  func known(_ answer: VenueCallFact) -> Instant? {
    guard let answered = answer.answered, answer.isGood, !answer.tellsFee, answer.filled?.isPositive ?? false else {
      return answer.answered
    }
    let list = lists.first { $0.asked >= answered && $0.asked <= answered + Check.reactionSlack }
    return list.map { $0.answered ?? .distantFuture } ?? answered
  }
}

/// An order on the account that its engine did not ask for.
struct ForeignOrder: Sendable {
  let id: String
  /// When it was placed.
  let time: Instant
  /// The asset that it binds, and how much of it.
  let asset: String
  let cost: Decimal
  /// When the user stream told of it first; nil: never.
  var told: Instant?
  /// When anything happened to it after it was taken; nil: nothing did.
  var changed: Instant?
}

/// The venue's history, put in order: its prices and rules, its calls, its orders.
struct VenueTruth: Sendable {
  let quotes: QuoteBook
  /// By symbol.
  private(set) var markets: [String: MarketFacts] = [:]
  /// All rules that each of them had, oldest first.
  private(set) var rulesInForce: [String: [(since: Instant, rules: MarketFacts)]] = [:]
  /// In the order of the first request.
  private(set) var orders: [OrderTraffic] = []
  /// Calls that asked for balances, for market rules.
  private(set) var balances: [VenueCallFact] = []
  private(set) var rules: [VenueCallFact] = []
  /// When the venue asked for no call, from its answer on, in the order of the answers.
  private(set) var pauses: [Range<Instant>] = []
  /// What the account got or lost without an order of its own.
  private(set) var transfers: [(time: Instant, asset: String, amount: Decimal)] = []
  /// Orders on the account that were somebody else's.
  private(set) var foreign: [ForeignOrder] = []
  /// What became of the user stream: `lost`, `silent`, `open`, in the order of time.
  private(set) var stream: [(time: Instant, what: String)] = []
  /// When somebody asked for a connection of the user stream.
  private(set) var streamOpenings: [Instant] = []
  /// Calls that opened the user stream, renewed its key, asked for the open orders and for the venue's time.
  private(set) var openings: [VenueCallFact] = []
  private(set) var renewals: [VenueCallFact] = []
  private(set) var lists: [VenueCallFact] = []
  private(set) var clocks: [VenueCallFact] = []
  /// When the venue answered a call with a refusal or an error, in the order of time.
  private(set) var refusals: [Instant] = []
  /// When something happened to an order of which the stream told nothing.
  private(set) var missed: [Instant] = []
  /// When something happened of which the stream told, and when it did.
  private(set) var told: [(time: Instant, arrives: Instant)] = []
  /// Kinds of calls that the venue limited without a word of how long to wait: a bare 429.
  private(set) var limitedCalls: Set<String> = []
  /// When something made a client doubt that it was told everything: an opened connection, or an event that cannot be read.
  private(set) var doubts: [Instant] = []
  /// What the account had when the venue opened, by asset.
  private(set) var opening: [String: Decimal] = [:]
  private var index: [String: Int] = [:]

  init(_ lines: [SessionRecord.VenueLine], _ polls: [QuotePoll]) {
    quotes = QuoteBook(polls)
    var fields = FieldIndex()
    var open: [String: Place] = [:]
    var bannedUntil = Instant(nanoseconds: .min)
    for line in lines where !line.hasQuotes {
      switch line.kind {
      case "request":
        fields.load(line)
        request(fields, &open)
      case "reply":
        fields.load(line)
        // A ban without a time that answers what was under way when the ban came is no further one.
        if let pause = Check.pause(fields),
          fields.number(.retryAfterS) != nil || line.time >= bannedUntil
        {
          pauses.append(line.time..<(line.time + pause))
          if fields.number(.retryAfterS) == nil { bannedUntil = line.time + pause }
        }
        if Check.isBareLimit(fields), let call = fields.text(.call) { limitedCalls.insert(call) }
        reply(fields, &open)
      case "event":
        fields.load(line)
        event(fields)
      case "transfer":
        fields.load(line)
        if let asset = fields.text(.asset), let amount = fields.decimal(.amount) {
          transfers.append((line.time, asset, amount))
        }
      case "foreign":
        fields.load(line)
        foreign(fields)
      case "stream":
        fields.load(line)
        stream.append((line.time, fields.text(.type) ?? ""))
      case "rules":
        for market in line.value(.rules)?.array ?? [] {
          // Rules that change later are stricter: what keeps to them keeps to the first.
          guard let symbol = market[FieldName.symbol.rawValue]?.string, let facts = MarketFacts(market) else {
            continue
          }
          if markets[symbol] == nil { markets[symbol] = facts }
          rulesInForce[symbol, default: []].append((line.time, facts))
        }
      case "balances" where opening.isEmpty:
        for balance in line.value(.balances)?.array ?? [] {
          guard let asset = balance["asset"]?.string, let free = balance["free"]?.decimal else { continue }
          opening[asset] = free
        }
      default: continue
      }
    }
    let hasTokens = orders.contains { order in
      order.trades.contains { trade in
        trade.feeAsset.map { $0 != order.quoteAsset && $0 != order.baseAsset } ?? false
      }
    }
    for index in orders.indices { orders[index].mayPayInTokens = hasTokens }
  }

  /// When the user stream told anything of an order for the last time before `time`; nil: never.
  func lastNews(before time: Instant) -> Instant? {
    orders.lazy.flatMap(\.news).filter { $0 < time }.max()
  }

  /// Takes the answers back to questions about orders whose asker's thread ended meanwhile: nobody heard them. Of several that
  /// were under way then, those were heard behind whose answer the engine says something of the order before anybody asks for it again.
  mutating func forgetAnswers(toAskersEndedAt ends: [Instant], heardBy engine: EngineOrders) {
    if ends.isEmpty { return }
    let speaking = Duration.milliseconds(500)
    func forget(_ fact: inout VenueCallFact, _ words: [Instant], _ asked: [Instant]) {
      guard let answered = fact.answered, ends.contains(where: { $0 >= fact.asked && $0 <= answered }) else { return }
      let next = asked.first { $0 > answered } ?? .distantFuture
      if words.contains(where: { $0 >= answered && $0 <= answered + speaking && $0 <= next }) { return }
      fact.isUnheard = true
      (fact.isPermanent, fact.isOver, fact.tellsFee, fact.filled) = (false, false, false, nil)
    }
    for order in orders.indices {
      let said = engine[orders[order].id]
      let words = [said?.filledAt, said?.failedAt, said?.lostAt].compactMap { $0 } + (said?.bookings.map(\.time) ?? [])
      let asked = orders[order].queries.map(\.asked)
      for index in orders[order].queries.indices { forget(&orders[order].queries[index], words, asked) }
      for index in orders[order].cancels.indices { forget(&orders[order].cancels[index], words, asked) }
      for index in orders[order].lists.indices { forget(&orders[order].lists[index], words, asked) }
    }
  }

  /// Leaves the orders out that were asked for later.
  mutating func forgetOrders(after time: Instant) {
    orders.removeAll { $0.asked > time }
    index = [:]
    for (at, order) in orders.enumerated() { index[order.id] = at }
  }

  /// The order of that client id; nil when the venue never heard of it.
  func order(_ id: String) -> OrderTraffic? { index[id].map { orders[$0] } }

  /// Where the fact of a call stands.
  private enum Place {
    case place(Int, Int), cancel(Int, Int), query(Int, Int), list(Int, Int), balance(Int), rules(Int)
    case opening(Int), renewal(Int), census(Int), clock(Int)
  }

  private mutating func request(_ line: FieldIndex, _ open: inout [String: Place]) {
    guard let number = line.code(.id), let call = line.text(.call) else { return }
    let fact = VenueCallFact(asked: line.time)
    switch call {
    case "open_stream":
      streamOpenings.append(line.time)
      doubts.append(line.time)
      open[number] = .opening(openings.count)
      openings.append(fact)
    case "renew_stream":
      open[number] = .renewal(renewals.count)
      renewals.append(fact)
    case "open_orders":
      open[number] = .census(lists.count)
      lists.append(fact)
    case "server_time":
      open[number] = .clock(clocks.count)
      clocks.append(fact)
    case "fetch_balance":
      open[number] = .balance(balances.count)
      balances.append(fact)
    case "market_rules":
      open[number] = .rules(rules.count)
      rules.append(fact)
    case "place_order":
      guard let id = line.text(.clientOrderId), !id.isEmpty else { return }
      if let at = index[id] {
        open[number] = .place(at, orders[at].places.count)
        orders[at].places.append(fact)
      } else {
        index[id] = orders.count
        open[number] = .place(orders.count, 0)
        var order = OrderTraffic(
          id: id, symbol: line.text(.symbol) ?? "", isBuy: line.text(.side) == "buy", quantity: line.decimal(.qty),
          price: line.decimal(.price), asked: fact)
        order.timeInForce = line.text(.tif)
        orders.append(order)
      }
    case "cancel_order", "query_order", "order_trades":
      guard let id = line.text(.clientOrderId), let at = index[id] else { return }
      if call == "order_trades" {
        open[number] = .list(at, orders[at].lists.count)
        orders[at].lists.append(fact)
      } else if call == "cancel_order" {
        open[number] = .cancel(at, orders[at].cancels.count)
        orders[at].cancels.append(fact)
      } else {
        open[number] = .query(at, orders[at].queries.count)
        orders[at].queries.append(fact)
      }
    default: return
    }
  }

  private mutating func reply(_ line: FieldIndex, _ open: inout [String: Place]) {
    guard let number = line.code(.id), let place = open.removeValue(forKey: number) else { return }
    func answer(_ fact: inout VenueCallFact) {
      fact.answered = line.time
      fact.outcome = line.text(.outcome)
      fact.errorClass = line.text(.errorClass)
      fact.isPermanent = line.flag(.permanent) ?? false
      fact.isInjected = line.flag(.injected) ?? false
      fact.filled = line.decimal(.filledQty)
      fact.isOver = line.text(.status).map { $0 != "NEW" && $0 != "PARTIALLY_FILLED" } ?? true
      fact.tellsFee = line.decimal(.fee) != nil
    }
    if line.text(.outcome) == "error" { refusals.append(line.time) }
    switch place {
    case .opening(let at): answer(&openings[at])
    case .renewal(let at): answer(&renewals[at])
    case .census(let at): answer(&lists[at])
    case .clock(let at): answer(&clocks[at])
    case .balance(let at): answer(&balances[at])
    case .rules(let at): answer(&rules[at])
    case .cancel(let order, let at): answer(&orders[order].cancels[at])
    case .query(let order, let at): answer(&orders[order].queries[at])
    case .list(let order, let at): answer(&orders[order].lists[at])
    case .place(let order, let at):
      answer(&orders[order].places[at])
      let fact = orders[order].places[at]
      if fact.outcome == "error", fact.errorClass != "unknown", orders[order].takenAt == nil {
        orders[order].end = OrderTraffic.End(how: .refused, time: line.time, arrives: line.time)
      } else if orders[order].end?.how == .refused {
        // Sent once more it may have been taken, whatever the reply before said.
        orders[order].end = nil
      }
    }
  }

  private mutating func foreign(_ line: FieldIndex) {
    guard let id = line.text(.clientOrderId), let symbol = line.text(.symbol), index[id] == nil else { return }
    let cost = line.decimal(.qty).flatMap { quantity in
      line.decimal(.price).flatMap { try? quantity.multiplied(by: $0, rounding: .up) }
    }
    let asset = symbol.split(separator: "/").last.map(String.init) ?? symbol
    foreign.append(
      ForeignOrder(id: id, time: line.time, asset: asset, cost: line.text(.side) == "buy" ? cost ?? .zero : .zero))
  }

  /// When the stream tells of somebody else's order first, and when it trades or ends.
  private mutating func hear(of id: String, _ line: FieldIndex) {
    guard let at = foreign.firstIndex(where: { $0.id == id }) else { return }
    if line.text(.type) != "NEW", foreign[at].changed == nil { foreign[at].changed = line.time }
    guard foreign[at].told == nil, line.flag(.delivered) != false else { return }
    foreign[at].told = line.text(.arrives).flatMap { Instant(iso8601: $0) } ?? line.time
  }

  private mutating func event(_ line: FieldIndex) {
    if line.flag(.delivered) != false {
      told.append((line.time, line.text(.arrives).flatMap { Instant(iso8601: $0) } ?? line.time))
    }
    guard let id = line.text(.clientOrderId), let type = line.text(.type) else { return }
    guard let at = index[id] else { return hear(of: id, line) }
    if line.flag(.delivered) == false {
      missed.append(line.time)
      doubts.append(line.time)
    }
    let arrives = line.flag(.delivered) == false ? nil : told.last?.arrives
    if let arrives { orders[at].news.append(arrives) }
    if type != "REJECTED", orders[at].takenAt == nil {
      orders[at].takenAt = line.time
      if orders[at].end?.how == .refused { orders[at].end = nil }
    }
    if type == "TRADE", let quantity = line.decimal(.lastQty), let quote = line.decimal(.lastQuote) {
      orders[at].trades.append(
        OrderTraffic.Trade(
          time: line.time, quantity: quantity, quote: quote, fee: line.decimal(.fee) ?? .zero,
          feeAsset: line.text(.feeAsset), total: line.decimal(.filledQty) ?? orders[at].filled, arrives: arrives))
    }
    let how: OrderTruth.End?
    switch type {
    case "TRADE" where line.text(.status)?.lowercased() == "filled": how = .filled
    case "CANCELED": how = .canceled
    case "EXPIRED": how = .expired
    case "REJECTED": how = .rejected
    default: how = nil
    }
    guard let how else { return }
    // A status that no document has tells no end.
    let isTold = line.text(.told) == nil
    if !isTold, let arrives { doubts.append(arrives) }
    orders[at].end = OrderTraffic.End(how: how, time: line.time, arrives: isTold ? arrives : nil)
  }
}
