import Basics
import HTTP
import Trading

/// Who listens to what: market streams ten times a second, and user events as they happen.
final class StreamHub {
  /// Somebody who takes events of market streams.
  protocol Subscriber: AnyObject {
    func take(_ event: StreamEvent)
  }

  /// Somebody who takes user events; false: a fault lost it.
  typealias UserListener = (_ event: WireUserEvent) -> Bool

  private struct Stream {
    var name: StreamName
    var subscribers: [any Subscriber]
    var lastId = 0
    var candle: (from: Int64, to: Int64)?
  }

  let exchange: WireExchange
  /// Time of the last turn of the server.
  var now: Instant
  /// In the order of the names, so that a tick tells them in the same order each time.
  private var streams: [String: Stream] = [:]
  private var order: [String] = []
  private var users: [(id: Int, account: Int, take: UserListener)] = []
  private var nextUser = 1
  private var lastTick: Instant
  private var lastSecond: Int64
  /// Makes the payload of an event.
  var encode: (StreamName, StreamContent) -> (event: String, json: JSON) = { _, _ in ("", .null) }

  /// Notes what a client of a stream asked for: the number of its connection, and names.
  var note: (_ kind: String, _ connection: Int, _ names: [String]) -> Void = { _, _, _ in }

  /// Notes a call that came over a WebSocket.
  var noteRequest: (WireJournal.Request) -> Void = { _ in }

  init(_ exchange: WireExchange, at now: Instant) {
    self.exchange = exchange
    (self.now, lastTick, lastSecond) = (now, now, now.nanoseconds / 1_000_000_000)
  }

  /// Streams with somebody who listens.
  var streamCount: Int { streams.count }

  // MARK: Market streams

  func add(_ subscriber: any Subscriber, to name: StreamName) {
    if streams[name.text] == nil {
      streams[name.text] = Stream(name: name, subscribers: [])
      let index = order.firstIndex { $0 > name.text } ?? order.count
      order.insert(name.text, at: index)
    }
    streams[name.text]?.subscribers.append(subscriber)
  }

  func remove(_ subscriber: any Subscriber, from name: StreamName) {
    streams[name.text]?.subscribers.removeAll { $0 === subscriber }
    guard streams[name.text]?.subscribers.isEmpty == true else { return }
    streams[name.text] = nil
    order.removeAll { $0 == name.text }
  }

  // MARK: User streams

  func listen(to account: Int, _ take: @escaping UserListener) -> Int {
    nextUser += 1
    users.append((nextUser, account, take))
    exchange.streamOpened(account, at: now)
    return nextUser
  }

  /// Nobody hears of the account any more until somebody listens anew.
  func mute(_ account: Int) { users.removeAll { $0.account == account } }

  func stopListening(_ id: Int) { users.removeAll { $0.id == id } }

  func listenerCount(_ account: Int) -> Int { users.count { $0.account == account } }

  /// Hands a user event to everybody who listens to the account; false: nobody got it.
  func tell(_ account: Int, _ event: WireUserEvent) -> Bool {
    var isHeard = false
    for user in users where user.account == account {
      if user.take(event) { isHeard = true }
    }
    return isHeard
  }

  // MARK: Ticks

  /// Tells what has happened since the last tick; called ten times a second.
  func tick(at now: Instant) {
    let second = now.nanoseconds / 1_000_000_000
    let isSecond = second != lastSecond
    for name in order { tick(name, isSecond, now) }
    (lastTick, lastSecond) = (now, second)
  }

  private func tick(_ text: String, _ isSecond: Bool, _ now: Instant) {
    guard let name = streams[text]?.name else { return }
    guard let symbol = name.symbol else {
      if isSecond {
        emit(name, .all(exchange.market.symbols.compactMap { symbol in day(symbol, now).map { (symbol, $0) } }))
      }
      return
    }
    switch name.kind {
    case .trade, .aggregateTrade:
      for trade in exchange.market.trades(symbol, after: lastTick, through: now) { emit(name, .trade(trade)) }
    case .bookTicker:
      guard let book = exchange.book(symbol, at: now), book.updateId != streams[text]?.lastId else { return }
      streams[text]?.lastId = book.updateId
      emit(name, .book(book))
    case .partialDepth(let levels, let isFast):
      guard isFast || isSecond, let book = exchange.book(symbol, at: now) else { return }
      emit(name, .levels(book, levels))
    case .depth(let isFast):
      guard isFast || isSecond, let changes = exchange.takeChanges(symbol, isFast: isFast, at: now) else { return }
      emit(name, .changes(first: changes.firstId, last: changes.lastId, bids: changes.bids, asks: changes.asks))
    case .ticker, .miniTicker:
      if isSecond, let day = day(symbol, now) { emit(name, .day(day)) }
    case .averagePrice:
      if isSecond { emit(name, .price) }
    case .candle(let interval):
      if isSecond, let interval = CandleInterval(interval) { candle(name, symbol, interval, now) }
    case .allTickers, .allMiniTickers: break
    }
  }

  private func candle(_ name: StreamName, _ symbol: Symbol, _ interval: CandleInterval, _ now: Instant) {
    let bounds = interval.bounds(now.nanoseconds / 1_000_000_000)
    let before = streams[name.text]?.candle
    streams[name.text]?.candle = bounds
    if let before, before.from != bounds.from,
      let bar = exchange.market.bar(symbol, from: before.from, to: before.to, by: now)
    {
      emit(name, .candle(Candle(from: before.from, to: before.to, bar: bar), interval.name, isClosed: true))
    }
    guard let bar = exchange.market.bar(symbol, from: bounds.from, to: bounds.to, by: now) else { return }
    emit(name, .candle(Candle(from: bounds.from, to: bounds.to, bar: bar), interval.name, isClosed: false))
  }

  private func day(_ symbol: Symbol, _ now: Instant) -> StreamContent.Day? {
    guard let (bar, from) = exchange.market.day(symbol, at: now), let book = exchange.book(symbol, at: now) else {
      return nil
    }
    return StreamContent.Day(bar: bar, from: from, book: book, last: exchange.market.lastTrade(symbol, at: now))
  }

  private func emit(_ name: StreamName, _ content: StreamContent) {
    guard let subscribers = streams[name.text]?.subscribers, !subscribers.isEmpty else { return }
    let (kind, json) = encode(name, content)
    let event = StreamEvent(name: name.text, kind: kind, json: json)
    for subscriber in subscribers { subscriber.take(event) }
  }
}

/// What a stream has to tell, before it is JSON.
enum StreamContent {
  struct Day {
    var bar: Bar
    var from: Instant
    var book: BookFeed
    var last: PublicTrade?
  }

  case trade(PublicTrade)
  case book(BookFeed)
  case levels(BookFeed, Int)
  case changes(first: Int, last: Int, bids: [BookFeed.Level], asks: [BookFeed.Level])
  case day(Day)
  case all([(symbol: Symbol, day: Day)])
  case price
  case candle(Candle, String, isClosed: Bool)
}

/// An event of a market stream, encoded once for everybody.
final class StreamEvent {
  let name: String
  let kind: String
  private let json: JSON
  init(name: String, kind: String, json: JSON) { (self.name, self.kind, self.json) = (name, kind, json) }

  lazy var raw: [UInt8] = Array(json.text.utf8)
  lazy var combined: [UInt8] = Array("{\"stream\":\"\(name)\",\"data\":".utf8) + raw + [UInt8(ascii: "}")]
  lazy var rawFrame = WebSocketFrame.text(raw)
  lazy var combinedFrame = WebSocketFrame.text(combined)
}
