import Basics
import ChaosRuntime
import Synchronization
import Trading

/// The venue as a client of one account sees it: latency, deadlines, the user stream, and the seam for faults.
///
/// A call sleeps half its latency on the caller, takes effect at once, and sleeps the other half. When the deadline comes
/// first, the request still reaches the venue and the caller gets `.unknownOutcome("deadline")`; only a call that starts
/// after its deadline has no effect. A call that a fault holds back (`sleep`, `hang`) has taken effect already and ignores
/// its deadline, like a blocking call of the field that has none. User events keep their order unless a fault delays one.
/// State lies behind one leaf mutex that is never held while waiting, and neither is the one around a step.
public final class ExchangeFront: ExchangeClient {
  struct State {
    var venue: Venue
    var history: VenueHistory
    /// Uses of each latency key, by `VenueCall` position; the last one is for events.
    var attempts: [[String: Int]]
    var lastDue: Instant
    /// Requests that a fault keeps from the venue until then, in the order they were made.
    var underWay: [(due: Instant, request: VenueRequest)] = []
    /// Order events that a fault lets the next one overtake.
    var behind: [(event: VenueEvent, position: Int?, ticket: Int)] = []
    var hasNotedViolation = false
    var limits = LimitUse()
    /// What the last answered query for balances was told.
    var toldBalances: [Balance] = []
    var stream = StreamState()
    /// The account's key may do nothing until then.
    var keyRevokedUntil: Instant?
    /// What the client adds to its clock.
    var clockCorrection = Duration.zero
  }

  /// Latency keys that are told apart; later ones count as first attempts.
  static let keysMax = 200_000

  /// Longest wait for a reply that a fault has lost; Binance answers an order's time-out after 10 s.
  private static let lostReplyWait = Duration.seconds(10)

  /// The account's end of the user stream.
  public let connection: UserConnection
  /// The same as the client port has it.
  public var userEvents: any EventSource<UserEvent> { connection }
  /// Nominal times of this client's calls and events.
  public let latency: ExchangeLatency
  /// Name of the account that this client trades for.
  public let accountName: String
  let runtime: Runtime
  let profile: VenueProfile
  let account: Venue.Account
  let faults: (any ExchangeFaults)?
  let state: Mutex<State>
  /// Held for one step and until its events have their place in the stream.
  let stepping = Mutex(())

  /// Opens the venue for the client account of that name, which must exist.
  public init(
    runtime: Runtime, venue: Venue, account name: String = "engine", faults: (any ExchangeFaults)? = nil,
    latency: ExchangeLatency = ExchangeLatency(), eventsMax: Int = 4096, history: VenueHistory = VenueHistory()
  ) {
    guard let account = venue.account(name) else { preconditionFailure("the venue has no account \(name)") }
    self.runtime = runtime
    self.account = account
    self.faults = faults
    self.latency = latency
    accountName = name
    profile = venue.profile
    connection = UserConnection(runtime, capacity: eventsMax)
    var history = history
    let now = runtime.now
    history.ledger(of: venue, at: now)
    let opening = venue.ledger.balances(account)
    history.balances(name, opening, at: now)
    history.rules(venue.rules, venue.profile.feeMode, at: now)
    state = Mutex(
      State(
        venue: venue, history: history, attempts: Array(repeating: [:], count: VenueCall.allCases.count + 1),
        lastDue: now, toldBalances: opening))
    let keyLife = profile.streamKeyLife
    state.withLock { $0.stream.open(at: now, keyLife: keyLife) }
  }

  /// Lets the market move without a call, so that resting orders fill between calls.
  public func advance() throws(Stopped) {
    let now = runtime.now
    try arrive()
    try publish { state in
      let events = state.venue.advance(to: now)
      return ((), state.note(events, of: account))
    }
  }

  /// What has happened so far.
  public var history: VenueHistory { state.withLock { $0.history } }

  /// The venue as it is now, to look at.
  public var venue: Venue { state.withLock { $0.venue } }

  /// Notes ledger and balances at the end and returns the lines of `logs/exchange.jsonl`.
  public func finish() -> [UInt8] {
    let (now, history) = state.withLock { state in
      // A thread that is still at it may have stepped later than the time that was read before.
      let now = max(runtime.now, state.venue.now)
      state.history.ledger(of: state.venue, at: now)
      state.history.balances(accountName, state.venue.ledger.balances(account), at: now)
      return (now, state.history)
    }
    return history.lines(endedAt: now)
  }

  /// The lines that were noted since a position, at most `max`, for a file that grows with a live session: no order, no
  /// summary, and what turns out not to be delivered later on stands there as it was noted.
  public func lines(since start: VenueHistory.Position, max: Int) -> (lines: [UInt8], end: VenueHistory.Position) {
    let (part, end) = state.withLock { $0.history.part(from: start, max: max) }
    return (VenueHistory.lines(part), end)
  }

  // MARK: One call

  /// How long a refusal that a fault makes of a call, and that asks for a pause, is on its way besides.
  private static let pauseDelay = Duration.seconds(2)

  func call(_ request: VenueRequest, deadline: Instant) throws(Stopped) -> Result<VenueReply, CallFailure> {
    let call = request.call
    let started = runtime.now
    let (id, attempt) = state.withLock { state in
      (state.history.request(request, at: started), state.attempt(VenueHistory.position(call), request.clientOrderId))
    }
    guard started < deadline else { return failed(id, request, .unknownOutcome("deadline"), started) }
    let total = runtime.choices.latency(
      "exchange call", key: request.clientOrderId ?? call.rawValue, attempt: attempt, nominal: latency.nominal(call))
    try sleep(until: min(started + Duration(nanoseconds: total.nanoseconds / 2), deadline))

    if let error = try turnedAway(request, since: started) {
      try sleep(until: min(started + total, deadline))
      return failed(id, request, .venue(error), started, injected: true)
    }
    try lookAtConnection(call)
    if let act = faults?.venueAct(call) { try perform(act) }
    let fault = faults?.decide(request)
    if case .meet? = fault, let fault { try faults?.hold(fault) }
    if let refusal = fault?.refusal {
      return try refuse(refusal, id, request, started: started, due: started + total, deadline: deadline)
    }
    if case .late(let duration)? = fault {
      state.withLock { $0.underWay.append((runtime.now + duration, request)) }
      try sleep(until: min(deadline, started + ExchangeFront.lostReplyWait))
      return failed(id, request, .unknownOutcome("deadline"), started, injected: true)
    }
    if case .executed(let code)? = fault {
      _ = try handle(request)
      try sleep(until: min(started + total, deadline))
      return failed(id, request, .venue(profile.error(code: code)), started, injected: true)
    }
    if case .pause(let pause)? = fault {
      try sleep(until: min(started + total + ExchangeFront.pauseDelay, deadline))
      return failed(id, request, .venue(profile.tooMuchWeight.retry(after: pause)), started, injected: true)
    }
    // The way to the venue doubled the request; of the two replies the caller gets the later one.
    if case .dup? = fault { _ = try handle(request) }
    var reply = try handle(request)
    if call == .openStream { reply = try opened(fault) }
    if call == .renewStream { reply = renewed() }
    let truth = reply
    if let fault { reply = spoiled(reply, to: request, by: fault) }
    if case .balances(let balances) = truth { state.withLock { $0.toldBalances = balances } }
    if let fault, fault == .hang || fault.isSleep {
      try faults?.hold(fault)
      return ended(id, request, reply, started)
    }
    try sleep(until: min(started + total, deadline))
    if started + total > deadline { return failed(id, request, .unknownOutcome("deadline"), started) }
    return ended(id, request, reply, started, injected: fault?.spoilsReply ?? false)
  }

  /// What the venue says instead of looking at the request: beyond its limits, or of a wrong time.
  private func turnedAway(_ request: VenueRequest, since started: Instant) throws(Stopped) -> VenueError? {
    let call = request.call
    let now = runtime.now
    let share = faults?.limitShare(call) ?? 1_000_000
    let skew = faults?.clockSkew(call) ?? .zero
    return state.withLock { state in
      if let error = state.limits.refusal(call, at: now, of: profile, share: share) { return error }
      if let until = state.keyRevokedUntil, now < until, call.needsKey { return profile.keyRevoked }
      guard call.isSigned else { return nil }
      let stamp = started + skew + state.clockCorrection
      let isGood = stamp <= now + .seconds(1) && now - stamp <= profile.recvWindow
      return isGood ? nil : profile.wrongTime
    }
  }

  /// The reply as a fault lets its caller see it.
  private func spoiled(_ reply: VenueReply, to request: VenueRequest, by fault: ExchangeFault) -> VenueReply {
    if fault == .nullFee { return reply.withoutFee }
    if case .falseReply(let kind) = fault { return falsified(reply, kind) }
    guard case .quotes(let flaw) = fault, case .quotes(let symbols) = request, case .quotes(let quotes) = reply else {
      return reply
    }
    let venue = venue
    let then = Instant(
      nanoseconds: max(venue.source.start.nanoseconds, runtime.now.nanoseconds - QuotesFlaw.oldQuotesAge))
    return .quotes(flaw.spoiled(quotes, asked: symbols) { venue.source.quote($0, at: then) })
  }

  private func falsified(_ reply: VenueReply, _ kind: FalseReply) -> VenueReply {
    switch (reply, kind) {
    case (.report(var report), .staleReport):
      report.status = .new
      (report.filledQuantity, report.filledQuote, report.fee) = (.zero, .zero, nil)
      return .report(report)
    case (.balances, .staleBalances): return .balances(state.withLock { $0.toldBalances })
    case (.balances, .noBalances): return .balances([])
    case (.balances(let balances), .halfBalances):
      return .balances(
        balances.map {
          Balance(asset: $0.asset, free: Decimal(coefficient: $0.free.coefficient / 2), locked: $0.locked)
        })
    default: return reply
    }
  }

  /// Ends a call as a fault says: refused, or with an outcome that the caller cannot know.
  private func refuse(
    _ refusal: Refusal, _ id: Int, _ request: VenueRequest, started: Instant, due: Instant, deadline: Instant
  ) throws(Stopped) -> Result<VenueReply, CallFailure> {
    switch refusal {
    case .code("timeout"), .code("lost"):
      if refusal == .code("timeout") { _ = try handle(request) }
      try sleep(until: min(deadline, started + ExchangeFront.lostReplyWait))
      let reason = refusal == .code("timeout") ? "timeout" : "lost"
      return failed(id, request, .unknownOutcome(reason), started, injected: true)
    case .code(let code):
      try sleep(until: min(due, deadline))
      return failed(id, request, .venue(profile.error(code: code)), started, injected: true)
    case .page(let status):
      try sleep(until: min(due, deadline))
      return failed(id, request, .venue(.page(status)), started, injected: true)
    case .unreadable:
      _ = try handle(request)
      try sleep(until: min(due, deadline))
      return failed(id, request, .unknownOutcome("unreadable reply"), started, injected: true)
    }
  }

  /// Lets the requests take effect whose way to the venue is over; nobody waits for the replies.
  private func arrive() throws(Stopped) {
    while let request = state.withLock({ $0.arrival(at: runtime.now) }) { _ = try step(request) }
  }

  private func handle(_ request: VenueRequest) throws(Stopped) -> VenueReply {
    try arrive()
    return try step(request)
  }

  private func step(_ request: VenueRequest) throws(Stopped) -> VenueReply {
    let terms = request.newOrder.flatMap { faults?.terms($0) }
    let now = runtime.now
    return try publish { state in
      let (reply, events) = state.venue.handle(request, account: account, at: now, terms: terms)
      return (reply, state.note(events, of: account))
    }
  }

  private func sleep(until time: Instant) throws(Stopped) {
    let now = runtime.now
    if time > now { try runtime.sleep(time - now) }
  }

  private func ended(
    _ id: Int, _ request: VenueRequest, _ reply: VenueReply, _ started: Instant, injected: Bool = false
  ) -> Result<VenueReply, CallFailure> {
    if case .refused(let error) = reply { return failed(id, request, .venue(error), started) }
    let now = runtime.now
    state.withLock { $0.history.reply(id, to: request, .ok(reply), injected: injected, took: now - started, at: now) }
    return .success(reply)
  }

  private func failed(
    _ id: Int, _ request: VenueRequest, _ failure: CallFailure, _ started: Instant, injected: Bool = false
  ) -> Result<VenueReply, CallFailure> {
    let now = runtime.now
    let outcome: VenueHistory.Outcome
    switch failure {
    case .venue(let error): outcome = .error(error)
    case .unknownOutcome(let reason): outcome = .unknown(reason)
    }
    state.withLock { $0.history.reply(id, to: request, outcome, injected: injected, took: now - started, at: now) }
    return .failure(failure)
  }
}

extension ExchangeFront.State {
  /// Notes what a step brought about in the moment of the step: whoever steps next at the same time comes behind it.
  mutating func note(_ events: VenueEvents, of account: Venue.Account) -> ExchangeFront.NotedEvents {
    ExchangeFront.NotedEvents(events: events, positions: history.events(events, deliveredTo: account))
  }

  /// How often the key was used before.
  mutating func attempt(_ table: Int, _ key: String?) -> Int {
    let key = key ?? ""
    if attempts[table].count >= ExchangeFront.keysMax, attempts[table][key] == nil { return 0 }
    func use(_ count: inout Int) -> Int {
      defer { count += 1 }
      return count
    }
    return use(&attempts[table][key, default: 0])
  }

  /// The oldest of the requests that have been on their way long enough.
  mutating func arrival(at time: Instant) -> VenueRequest? {
    guard let index = underWay.firstIndex(where: { $0.due <= time }) else { return nil }
    return underWay.remove(at: index).request
  }

  /// Writes the ledger down once when it is broken.
  mutating func noteViolation(at time: Instant) {
    guard venue.firstViolation != nil, !hasNotedViolation else { return }
    hasNotedViolation = true
    history.ledger(of: venue, at: time)
  }
}

/// How a fault ends a call other than with the venue's own reply.
enum Refusal: Equatable {
  /// As `ExchangeFault.refuse` has it.
  case code(String)
  /// Something in front of the venue answers with a page of its own.
  case page(Int)
  /// The venue did what was asked, and its reply cannot be read.
  case unreadable
}

extension VenueError {
  /// What a client makes of an answer that is a page and not the venue's: only its status says something.
  static func page(_ status: Int) -> VenueError {
    VenueError(code: status, text: "the answer is a page, not the venue's", httpStatus: status, kind: .other)
  }
}

extension ExchangeFault {
  fileprivate var refusal: Refusal? {
    switch self {
    case .refuse(let code): .code(code)
    case .page(let status): .page(status)
    case .unreadable: .unreadable
    default: nil
    }
  }
  var duration: Duration? { if case .sleep(let duration) = self { duration } else { nil } }
  fileprivate var isSleep: Bool { duration != nil }
  fileprivate var spoilsReply: Bool {
    switch self {
    case .nullFee, .quotes, .falseReply: true
    default: false
    }
  }
}
