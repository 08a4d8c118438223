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

  /// One line.
  public enum Entry: Sendable {
    /// A call; `id` ties its reply to it.
    case request(id: Int, VenueRequest)
    /// The end of a call as its caller saw it; `took` is since the call, `injected` says that a fault decided it.
    case reply(id: Int, VenueRequest, Outcome, injected: Bool, took: Duration)
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
  private(set) var entries = Pages<Noted>()
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
    if keeps(request, id) { append(.request(id: id, request), at: time) }
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
    append(.reply(id: id, request, outcome, injected: injected, took: took), at: time)
  }

  /// Notes an event and whether its owner will get it; the position is for `markUndelivered` and `markArrival`, nil where
  /// there was no room.
  @discardableResult
  public mutating func event(_ event: consuming VenueEvent, delivered: Bool) -> Int? {
    let time = event.time
    return append(.event(event, delivered: delivered, arrives: nil, told: nil), at: time) ? entries.count - 1 : nil
  }

  /// Corrects an event that could not be delivered after all.
  public mutating func markUndelivered(_ position: Int?) {
    guard let position, entries.indices.contains(position),
      case .event(let event, _, _, let told) = entries[position].entry
    else { return }
    entries[position].entry = .event(event, delivered: false, arrives: nil, told: told)
  }

  /// Notes when an event reaches its owner.
  public mutating func markArrival(_ position: Int?, at time: Instant) {
    guard let position, entries.indices.contains(position),
      case .event(let event, let delivered, _, let told) = entries[position].entry
    else { return }
    entries[position].entry = .event(event, delivered: delivered, arrives: time, told: told)
  }

  /// Notes that an event names another status than the order's.
  mutating func markTold(_ position: Int?, _ status: OrderStatus) {
    guard let position, entries.indices.contains(position),
      case .event(let event, let delivered, let arrives, _) = entries[position].entry
    else { return }
    entries[position].entry = .event(event, delivered: delivered, arrives: arrives, told: status)
  }

  /// An event that nobody heard of reaches its owner after all.
  mutating func markReplayed(_ position: Int?, at time: Instant) {
    guard let position, entries.indices.contains(position),
      case .event(let event, _, _, let told) = entries[position].entry
    else { return }
    entries[position].entry = .event(event, delivered: true, arrives: time, told: told)
  }

  /// Notes that an event reaches its owner at that time if not earlier.
  mutating func markArrival(_ position: Int?, notAfter time: Instant) {
    guard let position, entries.indices.contains(position),
      case .event(let event, let delivered, let arrives, let told) = entries[position].entry
    else { return }
    entries[position].entry = .event(
      event, delivered: delivered, arrives: arrives.map { min($0, time) } ?? time, told: told)
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
  package mutating func take() -> Pages<Noted> {
    let taken = entries
    (entries, pollCount) = (Pages(), 0)
    return taken
  }

  /// Entries that were noted and not taken yet.
  package var entryCount: Int { entries.count }

  mutating func forgetEntries() {
    (entries, pollCount) = (Pages(), 0)
  }

  /// False: there was no room.
  @discardableResult
  private mutating func append(_ entry: consuming Entry, at time: Instant) -> Bool {
    guard entries.count < entriesMax else {
      droppedCount += 1
      return false
    }
    entries.append(Noted(time: time, entry: entry))
    return true
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
