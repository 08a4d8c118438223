import Basics
import ChaosRuntime
import Trading

/// Where the connection of a user stream stands.
struct StreamState: Sendable {
  enum Standing { case open, silent, lost }

  var standing = Standing.lost
  var openedAt = Instant(nanoseconds: 0)
  var keyUntil = Instant(nanoseconds: 0)
  /// Events of the account that may be sent again, oldest first, and whether they were sent at all.
  var recent: [(event: VenueEvent, position: Int?, wasMissed: Bool)] = []

  /// A connection lasts a day at most: Binance, "WebSocket streams": "only valid for 24 hours".
  static let lifeMax = Duration.seconds(86_400)
  static let recentMax = 1000

  mutating func open(at time: Instant, keyLife: Duration) {
    (standing, openedAt, keyUntil) = (.open, time, time + keyLife)
  }

  mutating func remember(_ event: VenueEvent, _ position: Int?, wasMissed: Bool) {
    if recent.count == Self.recentMax { recent.removeFirst(Self.recentMax / 2) }
    recent.append((event, position, wasMissed))
  }
}

/// The connection of the user stream.
extension ExchangeFront {
  /// How far back an opened connection tells everything again.
  private static let replayMax = Duration.seconds(60)

  /// Lets a fault, the day's end or the key's end act on the connection; with every call, before it takes effect.
  func lookAtConnection(_ call: VenueCall) throws(Stopped) {
    let now = runtime.now
    let isOver = state.withLock { $0.stream.standing == .open && now - $0.stream.openedAt >= StreamState.lifeMax }
    if isOver { return try lose("24 hours are over") }
    switch faults?.connection(call) {
    case .cut: try lose("closed")
    case .silence: fallSilent()
    case .keyGone:
      state.withLock { $0.stream.keyUntil = now }
      fallSilent()
    case nil: return
    }
  }

  /// What the venue does by itself is in its history like all else.
  func perform(_ act: VenueAct) throws(Stopped) {
    let now = runtime.now
    try publish { state in
      let now = max(now, state.venue.now)
      let rules = state.venue.rules
      let events = state.venue.act(act, on: account, at: now)
      state.history.act(act.rawValue, at: now)
      for (asset, amount) in state.venue.transfers { state.history.transfer(asset, amount, at: now) }
      for order in state.venue.strangers { state.history.foreign(order, at: now) }
      if state.venue.rules != rules { state.history.rules(state.venue.rules, profile.feeMode, at: now) }
      return ((), state.note(events, of: account))
    }
    if act == .revoke {
      state.withLock { ($0.keyRevokedUntil, $0.stream.keyUntil) = (now + Venue.revokedTime, now) }
      fallSilent()
    }
  }

  private func lose(_ why: String) throws(Stopped) {
    let now = runtime.now
    let due: Instant? = stepping.withLock { _ in
      let wasOpen = state.withLock { state in
        guard state.stream.standing == .open else { return false }
        state.stream.standing = .lost
        state.history.stream("lost", at: now)
        return true
      }
      guard wasOpen else { return nil }
      let due = inOrder(now + latency.event)
      return connection.place(.stream(.lost(why)), due: due) ? due : nil
    }
    if let due { try connection.wake(at: due) }
  }

  private func fallSilent() {
    let now = runtime.now
    state.withLock { state in
      guard state.stream.standing == .open else { return }
      state.stream.standing = .silent
      state.history.stream("silent", at: now)
    }
  }

  /// Whether events reach the account now; a key that has come to its end lets none through.
  func isStreamOpen(at time: Instant) -> Bool {
    let isExpired = state.withLock { $0.stream.standing == .open && time > $0.stream.keyUntil }
    if isExpired { fallSilent() }
    return state.withLock { $0.stream.standing == .open }
  }

  /// Nobody hears of these, unless a connection that is opened later tells them.
  func miss(_ events: NotedEvents) {
    let now = runtime.now
    state.withLock { state in
      for (event, position) in events where event.account == account {
        state.history.markUndelivered(position)
        state.stream.remember(event, position, wasMissed: true)
      }
      state.noteViolation(at: now)
    }
  }

  /// Opens the connection anew, and sends again what a fault asks for.
  func opened(_ fault: ExchangeFault?) throws(Stopped) -> VenueReply {
    let now = runtime.now
    let (until, due, placed) = stepping.withLock { _ in
      let due = inOrder(now + latency.event)
      let (until, again) = reopen(at: now, fault, toldAgainAt: due)
      return (until, due, again.count { connection.place(told($0), due: due) })
    }
    for _ in 0..<placed { try connection.wake(at: due) }
    return .stream(until: until)
  }

  /// The key's end, and what is told again.
  private func reopen(
    at now: Instant, _ fault: ExchangeFault?, toldAgainAt due: Instant
  ) -> (until: Instant, again: [VenueEvent]) {
    state.withLock { state in
      let wasOpen = state.stream.standing == .open
      state.stream.open(at: now, keyLife: profile.streamKeyLife)
      if !wasOpen { state.history.stream("open", at: now) }
      defer { state.stream.recent = [] }
      var again: [VenueEvent] = []
      if case .replay(let what)? = fault {
        for (event, position, wasMissed) in state.stream.recent where now - event.time <= Self.replayMax {
          guard what == .all || wasMissed else { continue }
          if wasMissed { state.history.markHeard(position, at: due) }
          again.append(event)
        }
      }
      return (state.stream.keyUntil, again)
    }
  }

  /// More time for the key; a key that is gone cannot get any.
  func renewed() -> VenueReply {
    let now = runtime.now
    return state.withLock { state in
      guard now <= state.stream.keyUntil, state.stream.standing != .lost else {
        return .refused(profile.error(code: "-1125"))
      }
      state.stream.keyUntil = now + profile.streamKeyLife
      return .stream(until: state.stream.keyUntil)
    }
  }
}

extension UserEvent {
  /// The same event with a status that no document has; its figures are right.
  var withUnknownStatus: UserEvent { changing { $0.status = .unknown } }

  /// The same event, in which a trade names its own fee and nothing names that of the order.
  var withoutSumOfFees: UserEvent { changing { $0.fee = nil } }

  private func changing(_ change: (inout OrderReport) -> Void) -> UserEvent {
    func changed(_ report: OrderReport) -> OrderReport {
      var report = report
      change(&report)
      return report
    }
    return switch self {
    case .accepted(let report): .accepted(changed(report))
    case .trade(let fill, let report): .trade(fill, changed(report))
    case .canceled(let report): .canceled(changed(report))
    case .rejected(let report, let error): .rejected(changed(report), error)
    case .balance, .stream: self
    }
  }
}
