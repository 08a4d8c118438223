import Basics
import ChaosRuntime
import Synchronization
import Trading

/// Random calls of one client, given to the venue as the client sees it, whose answers must be those of `ReferenceAccess`.
///
/// After each call it compares what the venue refused and until when, how long the call took, the key of the user stream, and
/// what the answer says of orders with what became of them; at the end, all that the client heard, and when. A session of calls
/// is a function of the seed and its number: profile, limits, the life of a key, faults, and pauses of milliseconds to days.
package struct AccessDifferential {
  /// What was seen.
  package struct Outcome: Sendable {
    /// Calls that both answered.
    package var calls = 0
    /// Events and news of the stream that the client heard.
    package var heard = 0
    /// Events that it missed because its connection was not open.
    package var missed = 0
    /// Keys that were renewed, and those that could not be.
    package var renewals = (good: 0, refused: 0)
    /// By code, how often both refused a call without looking at it.
    package var refusals: [Int: Int] = [:]
    /// The first call at which they differ, and how; nil: nowhere.
    package var difference: String?
  }

  /// Calls of one session.
  package static let sessionLength = 400

  /// Makes `calls` calls in sessions of at most `sessionLength`, and stops at the first difference.
  package static func run(seed: UInt64, calls: Int, isOver: () -> Bool = { false }) -> Outcome {
    var whole = Outcome()
    var session = 0
    while whole.calls < calls, whole.difference == nil, !isOver() {
      let part = self.session(Mixing.mix(seed, UInt64(session)), min(sessionLength, calls - whole.calls))
      whole.calls += part.calls
      whole.heard += part.heard
      whole.missed += part.missed
      whole.renewals.good += part.renewals.good
      whole.renewals.refused += part.renewals.refused
      whole.refusals.merge(part.refusals) { $0 + $1 }
      whole.difference = part.difference.map { "session \(session), \($0)" }
      session += 1
    }
    return whole
  }

  private static func session(_ seed: UInt64, _ calls: Int) -> Outcome {
    let outcome = Mutex(Outcome(difference: "it did not come to its end"))
    let result = Simulation(seed: seed).run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let script: AccessScript
      do throws(VenueSetupError) { script = try AccessScript(seed, runtime) } catch {
        outcome.withLock { $0.difference = error.description }
        return
      }
      try script.run(calls)
      outcome.withLock { $0 = script.outcome }
    }
    return outcome.withLock { outcome in
      if outcome.difference == nil, let incident = result.incidents.first { outcome.difference = "\(incident)" }
      return outcome
    }
  }
}

/// What a client was told, and when.
private struct Heard: Sendable, Comparable, CustomStringConvertible {
  var time: Instant
  var text: String

  init(_ time: Instant, _ event: UserEvent) { (self.time, text) = (time, "\(event)") }

  var description: String { "\(text) at \(time.iso8601())" }

  static func < (a: Heard, b: Heard) -> Bool { (a.time, a.text) < (b.time, b.text) }
}

/// One session.
private final class AccessScript {
  private static let symbols = Array(FieldMarkets.symbols.prefix(3))

  private(set) var outcome = AccessDifferential.Outcome()
  private let runtime: Runtime
  private let front: ExchangeFront
  private let faults = ScriptedFaults()
  private let market: MarketGenerator
  private let reference: ReferenceAccess
  private var random: SplitMix
  private var read = VenueHistory.Position()
  /// What the client must have heard at the end.
  private var expected: [Heard] = []
  /// Events that an opened connection may tell again.
  private var recent: [(event: UserEvent, time: Instant, isMissed: Bool)] = []
  /// What the events say of each order, in the order in which the venue took them.
  private var orders: [OrderReport] = []
  private var trades: [String: [Fill]] = [:]
  private let heard = Collected()
  /// How far the client's clock is ahead, until it changes.
  private var skew = Duration.zero

  private final class Collected: Sendable {
    private let heard = Mutex<[Heard]>([])

    func take(_ event: UserEvent, at time: Instant) { heard.withLock { $0.append(Heard(time, event)) } }
    var all: [Heard] { heard.withLock { $0 } }
  }

  init(_ seed: UInt64, _ runtime: Runtime) throws(VenueSetupError) {
    random = SplitMix(seed: Mixing.mix(seed, 0xACCE55))
    self.runtime = runtime
    var profile = [VenueProfile.mexc, .binance, .binanceLegacy][Int(random.next() % 3)]
    profile.streamKeyLife = [Duration.seconds(3600), .seconds(120), .seconds(20)][Int(random.next() % 3)]
    if random.next() % 3 != 0 {
      profile.limits = VenueLimits(
        weightMax: 90, window: .seconds(7), isPerCall: random.next() % 2 == 0,
        orderRates: [
          VenueLimits.OrderRate(ordersMax: 2, window: .seconds(5)),
          VenueLimits.OrderRate(ordersMax: 20, window: .seconds(600)),
        ], violationsMax: 3, ban: .seconds(20), banMax: .seconds(100))
    }
    market = MarketGenerator(seed: seed, symbols: Self.symbols)
    let venue = try Venue(
      profile: profile, source: market,
      accounts: [("engine", [Balance(asset: "USDT", free: Decimal(1_000_000))])])
    reference = ReferenceAccess(profile, at: runtime.now)
    front = ExchangeFront(runtime: runtime, venue: venue, faults: faults)
  }

  func run(_ calls: Int) throws(Stopped) {
    let (front, heard, runtime) = (front, heard, runtime)
    let reader = try runtime.spawn("listener") { () throws(Stopped) in
      while !front.userEvents.isClosed {
        if let event = try front.userEvents.receive(timeout: nil) { heard.take(event, at: runtime.now) }
      }
    }
    for n in 0..<calls {
      if let pause = pause() { try runtime.sleep(pause) }
      if let difference = try makeCall(n) {
        outcome.difference = "call \(n): \(difference)"
        return
      }
      outcome.calls += 1
    }
    try runtime.sleep(.seconds(60))
    try front.connection.close()
    try reader.join()
    compareHeard()
  }

  private func compareHeard() {
    let (told, due) = (heard.all.sorted(), expected.sorted())
    outcome.heard = told.count
    if let (told, due) = zip(told, due).first(where: { $0 != $1 }) {
      outcome.difference = "the client heard \(told), by the reference \(due)"
    } else if told.count != due.count {
      let more = told.count > due.count ? told[due.count] : due[told.count]
      outcome.difference = "the client heard \(told.count) events, by the reference \(due.count): \(more)"
    }
  }

  // MARK: What is asked

  private func draw(_ below: Int) -> Int { Int(random.next() % UInt64(below)) }

  /// Mostly calls follow each other closely; now and then a pause, a ban, a key or a day comes to its end meanwhile.
  private func pause() -> Duration? {
    switch draw(300) {
    case 0: .seconds(25 * 3600)
    case 1...3: .seconds(1500 + draw(4000))
    case 4...20: .seconds(draw(150))
    case 21...200: .milliseconds(Int64(draw(3000)))
    default: nil
    }
  }

  private func request(_ n: Int) -> VenueRequest {
    let symbol = Self.symbols[draw(Self.symbols.count)]
    let known = orders.isEmpty ? nil : orders[max(0, orders.count - 1 - draw(12))]
    switch draw(28) {
    case 0...7: return .place(order(n, symbol))
    case 8...9: if let known { return .cancel(known.symbol, clientOrderId: known.clientOrderId) }
    case 10...11: if let known { return .query(known.symbol, clientOrderId: known.clientOrderId) }
    case 12...13:
      if let known {
        return .trades(known.symbol, orderId: known.orderId, clientOrderId: known.clientOrderId)
      }
    case 14...15: return .openOrders
    case 16: return .balances
    case 17: return .marketRules
    case 18...19: return .serverTime
    case 20...22: return .renewStream
    case 23...24: return .openStream
    default: break
    }
    return .quotes(Self.symbols.filter { _ in draw(3) > 0 }.reversed())
  }

  /// About 20 USDT, at a price that is met at once or rests for some time.
  private func order(_ n: Int, _ symbol: Symbol) -> OrderRequest {
    let rules = market.rules(symbol)
    let (tick, step) = (rules?.tick ?? .one, rules?.step ?? .one)
    let ask = market.quote(symbol, at: runtime.now)?.ask ?? .one
    let part = Decimal(coefficient: Decimal.one.coefficient / 1000 * Int128([1010, 999, 960][draw(3)]))
    let price = Venue.product(ask, part, .up).floored(toStep: tick)
    let quantity = Venue.quotient(Decimal(20), price).floored(toStep: step)
    return OrderRequest(
      clientOrderId: "a\(n)", symbol: symbol, side: .buy, type: .limit, quantity: quantity, price: price)
  }

  private func next() -> ScriptedFaults.Next {
    if draw(40) == 0 {
      skew = [.zero, .milliseconds(990), .milliseconds(1200), .seconds(-59), .seconds(-61), .seconds(90)][draw(6)]
    }
    var next = ScriptedFaults.Next(skew: skew, share: draw(12) > 0 ? 1_000_000 : [100_000, 20_000][draw(2)])
    switch draw(60) {
    case 0: next.connection = .cut
    case 1: next.connection = .silence
    case 2: next.connection = .keyGone
    case 3: next.revokesKey = true
    case 4...6: next.event = .drop
    case 7...9: next.event = .dup
    case 10...12: next.event = .sleep(.seconds(2))
    default: break
    }
    next.replay = [nil, .missed, .all][draw(3)]
    return next
  }

  // MARK: One call

  private func makeCall(_ n: Int) throws(Stopped) -> String? {
    let request = request(n)
    let call = request.call
    var next = next()
    // Then nothing that the call brings about itself comes behind the end of the key.
    if call == .placeOrder || call == .cancelOrder { next.revokesKey = false }
    faults.set(next)
    let started = runtime.now
    let took = front.latency.nominal(call)
    let deadline = draw(15) == 0 ? started + .milliseconds(Int64(draw(300))) : Instant.distantFuture
    let result = try putQuestion(request, deadline: deadline)
    let ended = min(started + took, max(deadline, started))
    guard runtime.now == ended else {
      return "\(call.rawValue) ended at \(runtime.now.iso8601()), by the reference at \(ended.iso8601())"
    }
    if started >= deadline {
      return result.failureText == "deadline" ? nil : "\(call.rawValue) behind its deadline: \(result.failureText)"
    }
    let arrived = min(started + Duration(nanoseconds: took.nanoseconds / 2), deadline)
    let stamp = started + next.skew + reference.correction
    let refused = reference.refusal(call, at: arrived, stamped: stamp, share: next.share)
    if let refused {
      outcome.refusals[refused.code, default: 0] += 1
    } else {
      meet(next, at: arrived)
    }
    if let difference = takeEvents(of: request, next, at: arrived) { return "\(call.rawValue): \(difference)" }
    // The market moves before the venue acts.
    if refused == nil, next.revokesKey { reference.revokeKey(at: arrived) }
    let isLate = started + took > deadline
    if let refused {
      guard case .failure(.venue(let error)) = result, error == refused else {
        return
          "\(call.rawValue) at \(arrived.iso8601()): \(result.failureText), by the reference \(refused) for "
          + "\(refused.retryAfter.map { "\($0)" } ?? "-")"
      }
      return nil
    }
    return wrongAnswer(to: request, result, next, asked: started, arrived: arrived, isLate: isLate)
  }

  /// The answer to a call; an opened or renewed key as `.stream`, the client's correction of its clock as a time from the epoch on.
  private func putQuestion(
    _ request: VenueRequest, deadline: Instant
  ) throws(Stopped) -> Result<VenueReply, CallFailure> {
    guard case .serverTime = request else { return try front.call(request, deadline: deadline) }
    return try front.synchronizeClock(deadline: deadline).map { .time(.simulationEpoch + $0) }
  }

  /// What a fault or a day's end does to the connection, before the call takes effect.
  private func meet(_ next: ScriptedFaults.Next, at time: Instant) {
    if reference.isDayOver(at: time) {
      if reference.cut() { expect(.stream(.lost("24 hours are over")), at: time + front.latency.event) }
    } else {
      switch next.connection {
      case .cut: if reference.cut() { expect(.stream(.lost("closed")), at: time + front.latency.event) }
      case .silence: reference.fallSilent()
      case .keyGone: reference.endKey(at: time)
      case nil: break
      }
    }
  }

  private func expect(_ event: UserEvent, at time: Instant) { expected.append(Heard(time, event)) }

  /// What the venue did since the call before, and what of it the client must hear.
  private func takeEvents(of request: VenueRequest, _ next: ScriptedFaults.Next, at time: Instant) -> String? {
    let (part, end) = front.state.withLock { $0.history.part(from: read, max: 10_000) }
    read = end
    for noted in part {
      guard case .event(let event, let delivered, _, _) = noted.entry else { continue }
      guard event.time == time else { return "\(event.type) of \(event.time.iso8601()), which is not that of the call" }
      if let difference = take(event.event, at: time) { return difference }
      let isHeard = reference.hears(at: time)
      let told = reference.profile.eventsSumFees ? event.event : event.event.withoutSumOfFees
      recent.append((told, time, !isHeard))
      if !isHeard { outcome.missed += 1 }
      let fault = event.event.report == nil || !isHeard ? nil : next.event
      // What was missed until an opened connection told it again counts as delivered then.
      let isToldAgain = !isHeard && request.call == .openStream && next.replay != nil
      guard isToldAgain || delivered == (isHeard && fault != .drop) else {
        let what = delivered ? "delivered" : "not delivered"
        return "\(event.type) is \(what), by the reference the stream is \(reference.standing)"
      }
      guard isHeard, fault != .drop else { continue }
      let due = time + front.latency.event
      switch fault {
      case .sleep(let more): expect(told, at: due + more)
      case .dup: for _ in 0..<2 { expect(told, at: due) }
      default: expect(told, at: due)
      }
    }
    return nil
  }

  /// What an event says of an order is the truth that later answers have to agree with.
  private func take(_ event: UserEvent, at time: Instant) -> String? {
    guard let report = event.report else { return nil }
    guard report.updatedAt == time else {
      return "\(report.clientOrderId) changes at \(time.iso8601()), its report says \(report.updatedAt.iso8601())"
    }
    if case .trade(let fill, _) = event {
      trades[report.clientOrderId, default: []].append(fill)
      guard fill.time == time else { return "a trade at \(time.iso8601()) says \(fill.time.iso8601())" }
    }
    if let index = orders.lastIndex(where: { $0.clientOrderId == report.clientOrderId }) {
      orders[index] = report
    } else {
      orders.append(report)
    }
    return nil
  }

  // MARK: Answers

  /// A call that the venue looked at.
  private func wrongAnswer(
    to request: VenueRequest, _ result: Result<VenueReply, CallFailure>, _ next: ScriptedFaults.Next, asked: Instant,
    arrived: Instant, isLate: Bool
  ) -> String? {
    let call = request.call.rawValue
    var opened: Instant?
    if request.call == .openStream { opened = reference.open(at: arrived) }
    if request.call == .renewStream {
      opened = reference.renew(at: arrived)
      if opened == nil { outcome.renewals.refused += 1 } else { outcome.renewals.good += 1 }
    }
    if request.call == .openStream { tellAgain(next.replay, at: arrived) }
    if isLate { return result.failureText == "deadline" ? nil : "\(call) came too late: \(result.failureText)" }
    switch (request, result) {
    case (.openStream, .success(.stream(let until))), (.renewStream, .success(.stream(let until))):
      guard let opened else { return "\(call): good until \(until.iso8601()), by the reference the key is gone" }
      return until == opened ? nil : "\(call): good until \(until.iso8601()), not \(opened.iso8601())"
    case (.renewStream, .failure(.venue(let error))):
      return error.code == -1125 && opened == nil ? nil : "\(call): \(error), by the reference the key is good"
    case (.serverTime, .success(.time(let time))):
      // The client's clock says so much more, the whole of which is its offset.
      reference.correction = time - .simulationEpoch
      return reference.correction == .zero - next.skew ? nil : "\(call): the offset is \(time - .simulationEpoch)"
    case (.place(let order), .success(.ack(let ack))):
      guard let report = orders.last, report.clientOrderId == order.clientOrderId, report.orderId == ack.orderId else {
        return "\(order.clientOrderId) is acknowledged as \(ack.orderId), and no event tells of it"
      }
      return ack.acceptedAt == arrived ? nil : "\(call): accepted at \(ack.acceptedAt.iso8601())"
    case (.cancel(_, let id), .success(.report(let report))):
      return report.status.isTerminal ? wrong(report, id) : "\(id) is canceled and \(report.status)"
    case (.cancel(_, let id), .failure(.venue(let error))):
      let isOver = orders.last { $0.clientOrderId == id }?.status.isTerminal ?? true
      return isOver && error == reference.profile.unknownOrder ? nil : "\(id) is open, and its cancel fails: \(error)"
    case (.query(_, let id), .success(.report(let report))): return wrong(report, id)
    case (.openOrders, .success(.reports(let reports))):
      let open = orders.filter { !$0.status.isTerminal }.map(\.clientOrderId)
      guard reports.map(\.clientOrderId) == open else {
        return "open are \(reports.map(\.clientOrderId)), by their events \(open)"
      }
      return reports.lazy.compactMap { self.wrong($0, $0.clientOrderId) }.first
    case (.trades(_, _, let id), .success(.trades(let fills))):
      return fills == trades[id] ?? [] ? nil : "\(id) traded \(fills), by its events \(trades[id] ?? [])"
    case (.quotes(let symbols), .success(.quotes(let quotes))):
      let shown = symbols.compactMap { market.quote($0, at: arrived) }
      return quotes == shown ? nil : "\(call): \(quotes) at \(arrived.iso8601()), the market shows \(shown)"
    case (.balances, .success(.balances)), (.marketRules, .success(.rules)): return nil
    default: return "\(request): \(result.failureText.isEmpty ? "\(result)" : result.failureText)"
    }
  }

  private func wrong(_ report: OrderReport, _ id: String) -> String? {
    guard var told = orders.last(where: { $0.clientOrderId == id }) else {
      return "\(id) is known, and no event told of it"
    }
    if !reference.profile.repliesCarryFee { told.fee = nil }
    return report == told ? nil : "an answer says \(report), the last event \(told)"
  }

  private func tellAgain(_ replay: StreamReplay?, at time: Instant) {
    for (event, when, isMissed) in recent where time - when <= .seconds(60) {
      if replay == .all || (replay == .missed && isMissed) { expect(event, at: time + front.latency.event) }
    }
    recent = []
  }
}

extension Result<VenueReply, CallFailure> {
  /// Why there is no answer; empty: there is one.
  fileprivate var failureText: String {
    switch self {
    case .success: ""
    case .failure(.venue(let error)): "\(error)\(error.retryAfter.map { " for \($0)" } ?? "")"
    case .failure(.unknownOutcome(let reason)): reason
    }
  }
}
