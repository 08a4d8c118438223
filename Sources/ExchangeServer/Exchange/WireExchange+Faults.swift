import Basics
import FakeExchange
import Trading

/// What faults do to a call besides ending it: acts of the venue, the user stream's connection, replies that are not true.
extension WireExchange {
  /// Before a call takes effect: what the venue does by itself, and what becomes of the account's user stream.
  func prepare(_ call: VenueCall, account: Int, at now: Instant) {
    if let act = faults.venueAct(call) { perform(act, account, now) }
    guard let fault = faults.connection(call) else { return }
    let word =
      switch fault {
      case .cut: "lost"
      case .silence, .keyGone: "silent"
      }
    endStream(account, word, now)
    onConnection(account, fault)
  }

  /// The venue acts, and its history says so.
  func perform(_ act: VenueAct, _ account: Int, _ now: Instant) {
    let rules = venue.rules
    let events = venueActs(act, on: account, at: now)
    history.act(act.rawValue, at: now)
    for (asset, amount) in venue.transfers { history.transfer(asset, amount, at: now) }
    if venue.rules != rules { history.rules(venue.rules, profile.feeMode, at: now) }
    note(events, now)
    guard act == .revoke else { return }
    revokedUntil[account] = now + Venue.revokedTime
    endStream(account, "silent", now)
    onConnection(account, .keyGone)
  }

  /// The venue takes one order back that nobody asked it to.
  func cancel(_ order: WireOrder, of account: Int, at now: Instant) {
    history.act(VenueAct.cancel.rawValue, at: now)
    takeBack(order, account, now)
  }

  /// Whether the account's key may do nothing now.
  func isRevoked(_ account: Int, at now: Instant) -> Bool { revokedUntil[account].map { now < $0 } ?? false }

  private func endStream(_ account: Int, _ word: String, _ now: Instant) {
    guard closedStreams.insert(account).inserted else { return }
    history.stream(word, at: now)
  }

  /// Somebody listens to the account's events again.
  func streamOpened(_ account: Int, at now: Instant) {
    guard closedStreams.remove(account) != nil else { return }
    history.stream("open", at: now)
  }

  /// The reply as a fault lets its caller see it; nil: it is the venue's.
  func falsified(
    _ reply: VenueReply, to request: VenueRequest, by fault: ExchangeFault?, _ account: Int, _ now: Instant
  )
    -> VenueReply?
  {
    switch (fault, reply) {
    case (.nullFee?, .report): return reply.withoutFee
    case (.quotes(let flaw)?, .quotes(let quotes)):
      guard case .quotes(let symbols) = request else { return nil }
      let then = now + .nanoseconds(-QuotesFlaw.oldQuotesAge)
      return .quotes(flaw.spoiled(quotes, asked: symbols) { market.quote($0, at: max(then, market.start)) })
    case (.falseReply(.staleReport)?, .report(var report)):
      report.status = .new
      (report.filledQuantity, report.filledQuote, report.fee) = (.zero, .zero, nil)
      return .report(report)
    case (.falseReply(.staleBalances)?, .balances): return .balances(toldBalances[account] ?? [])
    case (.falseReply(.noBalances)?, .balances): return .balances([])
    case (.falseReply(.halfBalances)?, .balances(let balances)):
      return .balances(
        balances.map {
          Balance(asset: $0.asset, free: Decimal(coefficient: $0.free.coefficient / 2), locked: $0.locked)
        })
    default: return nil
    }
  }
}
