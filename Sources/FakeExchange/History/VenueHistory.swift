import Basics
import Trading

/// What the venue and its clients saw: every request, reply and event, unknown outcomes and injected refusals included.
///
/// Of the polls for quotes a share is kept that leaves room for the orders; later ones are counted.
public struct VenueHistory: Sendable {
  /// How a call ended for its caller.
  public enum Outcome: Sendable {
    /// The venue did what was asked.
    case ok(VenueReply)
    /// The venue refused, by its rules or because a fault told it to.
    indirect case error(VenueError)
    /// The caller cannot know; the reason is `deadline`, `timeout` or `lost`.
    case unknown(String)

    var isGood: Bool { if case .ok = self { true } else { false } }
  }

  /// What is kept of an outcome: of the frequent ones what their line says.
  package enum Told: Sendable {
    /// The venue has the order and calls it so.
    case acknowledged(orderId: String)
    /// The venue told where an order stands.
    case reported(ToldReport)
    /// Anything else.
    case outcome(Outcome)
  }

  /// What is kept of an order's report that was a reply.
  package struct ToldReport: Sendable {
    let orderId: String
    let filledQuantity: Decimal
    let fee: Decimal?
    let status: OrderStatus

    init(_ report: OrderReport) {
      orderId = report.orderId
      filledQuantity = report.filledQuantity
      fee = report.fee?.amount
      status = report.status
    }
  }

  /// One line.
  package enum Entry: Sendable {
    /// A call; `id` ties its reply to it.
    case request(id: Int, VenueRequest)
    /// The end of a call as its caller saw it; `took` is since the call, `injected` says that a fault decided it.
    case reply(id: Int, VenueRequest, Told, injected: Bool, took: Duration)
    /// What happened to an order or a balance; `delivered` is false where its owner never hears of it, and `arrives` is
    /// when it does; `told` is the status that the event names, where that is not the order's.
    case event(VenueEvent, delivered: Bool, arrives: Instant?, told: OrderStatus?)
    /// What the venue accepts and charges, at the start.
    case rules([MarketRules], FeeMode)
    /// What the venue did by itself, such as `halt`.
    case act(String)
    /// What the account got, or lost where it is negative, without an order of its own.
    case transfer(asset: String, amount: Decimal)
    /// An order on the account that its client did not ask for.
    case foreign(OrderRequest)
    /// What became of the account's user stream: `lost`, `silent` or `open`.
    case stream(String)
    /// The sum of each asset over all accounts after so many steps, and whether it is what it was at the start.
    case ledger(step: Int, totals: [(asset: String, total: Decimal)], conserved: Bool)
    /// What an account holds, at the start and at the end.
    case balances(account: String, [Balance])
  }

  /// An entry and when it was noted.
  package struct Noted: Sendable {
    /// When it was noted.
    package var time: Instant
    /// What was noted.
    package var entry: Entry
  }

  /// In the order they happened.
  private(set) var entries = NotedEntries(firstRequest: 1)
  /// Entries that did not fit.
  public private(set) var droppedCount = 0
  /// Polls for quotes whose request and reply are not among the entries.
  public private(set) var unkeptPollCount = 0
  /// Polls among the entries.
  private var pollCount = 0
  /// The first request that is an unkept poll; later polls are not kept either.
  private var firstUnkeptPoll = Int.max
  /// Calls, by `VenueCall.allCases`.
  private var calls = [Int](repeating: 0, count: VenueCall.allCases.count)
  /// Calls that did not end well, by `VenueCall.allCases`.
  private var failures = [Int](repeating: 0, count: VenueCall.allCases.count)
  private var nextRequest = 1
  private let entriesMax: Int

  /// Makes an empty history that keeps at most `entriesMax` entries and counts the rest.
  public init(entriesMax: Int = 500_000) { self.entriesMax = entriesMax }

  /// How often a call was made.
  public func count(_ call: VenueCall) -> Int { calls[VenueHistory.position(call)] }

  /// How often a call was refused or its outcome is unknown.
  public func failureCount(_ call: VenueCall) -> Int { failures[VenueHistory.position(call)] }

  /// Notes a request and returns its number.
  public mutating func request(_ request: VenueRequest, at time: Instant) -> Int {
    let id = nextRequest
    nextRequest += 1
    calls[VenueHistory.position(request.call)] += 1
    if keeps(request, id), hasRoom() { entries.request(id, request, at: time) }
    return id
  }

  /// Polls take at most a quarter of the room: a session of days must not lose its orders to them.
  private mutating func keeps(_ request: VenueRequest, _ id: Int) -> Bool {
    guard request.call == .fetchTickers else { return true }
    guard pollCount < entriesMax / 8 else {
      firstUnkeptPoll = min(firstUnkeptPoll, id)
      unkeptPollCount += 1
      return false
    }
    pollCount += 1
    return true
  }

  /// Notes how a request ended for its caller.
  public mutating func reply(
    _ id: Int, to request: VenueRequest, _ outcome: consuming Outcome, injected: Bool, took: Duration, at time: Instant
  ) {
    if !outcome.isGood { failures[VenueHistory.position(request.call)] += 1 }
    if request.call == .fetchTickers && id >= firstUnkeptPoll { return }
    if hasRoom() { entries.reply(id, request, outcome, injected: injected, took: took, at: time) }
  }

  /// Notes an event and whether its owner will get it; the position is for `markUndelivered` and `markArrival`, nil where
  /// there was no room.
  @discardableResult
  public mutating func event(_ event: VenueEvent, delivered: Bool) -> Int? {
    guard hasRoom() else { return nil }
    let pointers = VenueEvents.Pointers(subject: event.subject, beside: event.beside)
    withUnsafePointer(to: pointers) { pointers in
      withUnsafePointer(to: event.figures) { entries.event(pointers, $0, delivered: delivered) }
    }
    return entries.count - 1
  }

  /// Notes the events of a step, which their owner gets if it is that account; nil: nobody has got them yet.
  ///
  /// Those that find room stand one behind the other, and they are the first ones; their positions are for `markUndelivered` and
  /// its like.
  @discardableResult
  public mutating func events(_ events: VenueEvents, deliveredTo account: Venue.Account?) -> Range<Int> {
    let first = entries.count
    events.eachInPlace { pointers, figures in
      if hasRoom() { entries.event(pointers, figures, delivered: figures.pointee.account == account) }
    }
    return first..<entries.count
  }

  /// Corrects an event that could not be delivered after all.
  public mutating func markUndelivered(_ position: Int?) {
    change(position) { ($0.delivered, $0.arrives) = (false, nil) }
  }

  /// Notes when an event reaches its owner.
  public mutating func markArrival(_ position: Int?, at time: Instant) { change(position) { $0.arrives = time } }

  /// Notes that an event names another status than the order's.
  mutating func markTold(_ position: Int?, _ status: OrderStatus) { change(position) { $0.told = status } }

  /// An event that nobody heard of reaches its owner after all.
  package mutating func markHeard(_ position: Int?, at time: Instant) {
    change(position) { ($0.delivered, $0.arrives) = (true, time) }
  }

  /// Notes that an event reaches its owner at that time if not earlier.
  mutating func markArrival(_ position: Int?, notAfter time: Instant) {
    change(position) { telling in telling.arrives = telling.arrives.map { min($0, time) } ?? time }
  }

  private mutating func change(_ position: Int?, _ body: (inout NotedEntries.Telling) -> Void) {
    guard let position, entries.indices.contains(position) else { return }
    entries.change(position, body)
  }

  /// Notes the rules of all markets, and in what fees are taken.
  package mutating func rules(_ rules: [MarketRules], _ feeMode: FeeMode, at time: Instant) {
    append(.rules(rules, feeMode), at: time)
  }

  /// Notes what the venue did by itself.
  package mutating func act(_ what: String, at time: Instant) { append(.act(what), at: time) }

  /// Notes that the account got or lost something that none of its orders moved.
  package mutating func transfer(_ asset: String, _ amount: Decimal, at time: Instant) {
    append(.transfer(asset: asset, amount: amount), at: time)
  }

  /// Notes an order on the account that its client did not ask for.
  mutating func foreign(_ order: OrderRequest, at time: Instant) { append(.foreign(order), at: time) }

  /// Notes what became of the user stream.
  package mutating func stream(_ what: String, at time: Instant) { append(.stream(what), at: time) }

  /// Notes the ledger's totals.
  public mutating func ledger(of venue: Venue, at time: Instant) {
    append(
      .ledger(step: venue.stepCount, totals: venue.ledger.totals, conserved: venue.ledger.violation == nil), at: time)
  }

  /// Notes an account's balances.
  public mutating func balances(_ account: String, _ balances: [Balance], at time: Instant) {
    append(.balances(account: account, balances), at: time)
  }

  /// How far somebody has read who reads a history while it grows.
  public struct Position: Sendable, Equatable {
    var index = 0

    /// The beginning.
    public init() {}
  }

  /// The entries from a position on, at most `max`, and where they end.
  ///
  /// - Complexity: O(the number of entries taken).
  func part(from start: Position, max: Int) -> (part: [Noted], end: Position) {
    var end = start
    end.index = min(entries.count, start.index + max)
    return (Array(entries[start.index..<end.index]), end)
  }

  /// The entries so far, which are forgotten: for a history that goes on for days and is written as it grows. Positions of
  /// earlier entries mean nothing afterwards.
  package mutating func take() -> NotedEntries {
    let taken = entries
    forgetEntries()
    return taken
  }

  /// Entries that were noted and not taken yet.
  package var entryCount: Int { entries.count }

  mutating func forgetEntries() {
    (entries, pollCount) = (NotedEntries(firstRequest: nextRequest), 0)
  }

  private mutating func append(_ entry: consuming Entry, at time: Instant) {
    if hasRoom() { entries.other(entry, at: time) }
  }

  /// False, and one more is counted: there is no room.
  private mutating func hasRoom() -> Bool {
    if entries.count < entriesMax { return true }
    droppedCount += 1
    return false
  }

  static func position(_ call: VenueCall) -> Int {
    switch call {
    case .placeOrder: 0
    case .cancelOrder: 1
    case .queryOrder: 2
    case .openOrders: 3
    case .fetchBalance: 4
    case .fetchTickers: 5
    case .marketRules: 6
    case .cancelReplace: 7
    case .serverTime: 8
    case .openStream: 9
    case .renewStream: 10
    case .orderTrades: 11
    }
  }
}
