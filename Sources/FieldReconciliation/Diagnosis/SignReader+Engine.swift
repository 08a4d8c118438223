import Basics
import HistoricalBugs
import Trading

/// Signs of intents, budget, times, ends and files.
extension SignReader {
  /// The last moment that the log tells of.
  private var logEnd: Instant { session.spans[.log]?.last ?? .simulationEpoch }

  func intents(_ sign: FieldSign) -> SignReading {
    guard isOurs else { return .notObservable(sign, "a log of its intents and its budget") }
    switch sign {
    case .staleSweep:
      let all = log(.staleIntentCleanup)
      return .counted(sign, all.count, "sweeps cleared old intents", all.first?.mark.place)
    case .releasedTwice:
      let (released, reserved) = (count(.budgetReleased), count(.budgetReserved))
      return released >= reserved + 2 ? .seen(sign, "\(released) releases of \(reserved) reservations") : .missed(sign)
    case .committedBeyondCost: return committed(sign)
    default: break
    }
    var cleared: [String: Instant] = [:]
    for line in log(.intentCleared) where cleared[line.intent] == nil { cleared[line.intent] = line.mark.time }
    let event: EventName = sign == .filledStaysPending ? .orderFilled : .orderFailed
    // An end is followed by the intent's within the same second; two rounds of five seconds are a sweep's.
    let late = log(event).filter { line in
      guard !line.intent.isEmpty, line.mark.time + .seconds(10) < logEnd else { return false }
      return cleared[line.intent].map { $0 > line.mark.time + .seconds(10) } ?? true
    }
    let words = sign == .filledStaysPending ? "filled orders kept their intent" : "failed orders kept their intent"
    return .counted(sign, late.count, atLeast: sign == .filledStaysPending ? 1 : 2, words, late.first?.mark.place)
  }

  private func count(_ event: EventName) -> Int { session.count(event.rawValue) }

  private func committed(_ sign: FieldSign) -> SignReading {
    let sum = log(.budgetCommitted).reduce(0) { $0 + ($1.figure ?? 0) }
    let cost = session.truths.filter { $0.side == .buy }
      .reduce(0) { $0 + ($1.cost?.doubleValue ?? 0) + $1.fees.reduce(0) { $0 + $1.amount.doubleValue } }
    guard cost > 0, sum > cost * 1.05 else { return .missed(sign) }
    return .seen(
      sign, "\(JSON.double(sum, places: 2).text) committed for orders of \(JSON.double(cost, places: 2).text)",
      log(.budgetCommitted).first?.mark.place)
  }

  // MARK: Times

  func times(_ sign: FieldSign) -> SignReading {
    switch sign {
    case .latePolls: return latePolls(sign)
    case .preflightRefusals:
      let coded = log(named: "PREFLIGHT_STEP_SIZE") + log(named: "PREFLIGHT_TICK_SIZE")
      // Its own check calls an order too small that is twice as large as the market wants.
      let blocked = log(.guardBlock).filter { line in
        guard line.code == "size", let amount = line.figure, let least = line.limit else { return false }
        return amount >= 2 * least
      }
      guard isOurs || hasSource("bot-system") else { return .notObservable(sign, "system.jsonl") }
      let all = coded + blocked
      return .counted(sign, all.count, "orders refused by the bot's own check of step and tick", all.first?.mark.place)
    default: break
    }
    guard isOurs else { return .notObservable(sign, "a log of how long its callers wait") }
    switch sign {
    case .refreshBlocked:
      let all = log(.budgetRefresh).filter { ($0.figure ?? 0) > 5500 }
      return .counted(sign, all.count, "callers of the refresh waited over 5 s", all.first?.mark.place)
    case .logCallsSlow:
      let all = log(.logCallSlow).filter { ($0.figure ?? 0) > 1000 }
      return .counted(sign, all.count, "callers of the log waited over 1 s", all.first?.mark.place)
    case .callUnanswered:
      guard hasRequests else { return .notObservable(sign, "the venue's requests") }
      let (asked, answered) = (truth("request.fetch_balance"), session.calls["fetch_balance"]?.count ?? 0)
      guard let last = asked.last, asked.count > answered, (logEnd - last.mark.time).seconds > 20 else {
        return .missed(sign)
      }
      return .seen(
        sign, "fetch_balance, for \(JSON.double((logEnd - last.mark.time).seconds, places: 0).text) s", last.mark.place)
    default:
      let slow = log(.exchangeCallSlow)
      let together = slow.filter { line in
        slow.contains { $0.code != line.code && abs(($0.mark.time - line.mark.time).seconds) < 5 }
      }
      return .counted(
        sign, together.count, atLeast: 2, "calls of different kinds were slow together", together.first?.mark.place)
    }
  }

  /// A tenth of the time and more went into polls that took too long.
  private func latePolls(_ sign: FieldSign) -> SignReading {
    guard isOurs || hasSource("bot-system") else { return .notObservable(sign, "system.jsonl") }
    let all = log(.mdPollOverrun)
    let span = all.first.map { seconds(of: $0.mark.place.file) } ?? 0
    let late = all.reduce(0) { $0 + ($1.figure ?? 0) }
    guard all.count >= 3, span > 0, late > span / 10 else { return .missed(sign) }
    return .seen(
      sign, "\(all.count) late polls, \(JSON.double(late / span * 100, places: 0).text) % of the time",
      all.first?.mark.place)
  }

  /// How long a file of the log tells of its session, by the venue's clock: a clock that is set on the way makes its own span
  /// longer.
  private func seconds(of file: Int) -> Double {
    guard let span = session.files[file].span else { return 0 }
    let times = session.noted.filter { $0.side == .log && $0.mark.place.file == file }
      .map { found.clock.venueTime($0.mark.time) }
    let noted = times.max().flatMap { last in times.min().map { (last - $0).seconds } } ?? 0
    let whole = (found.clock.venueTime(span.last) - found.clock.venueTime(span.first)).seconds
    return max(noted, whole)
  }

  // MARK: Ends

  private var isShutDown: Bool { !log(.shutdownStarted).isEmpty }

  /// The last request to the venue.
  private var lastRequest: NotedLine? {
    [placements, truth("request.fetch_tickers")].compactMap(\.last).max {
      $0.mark.time < $1.mark.time
    }
  }

  func ends(_ sign: FieldSign) -> SignReading {
    guard isOurs else { return .notObservable(sign, "a log with its shutdown and heartbeats") }
    switch sign {
    case .mainLoopGone:
      return .counted(
        sign, log(.mainLoopGone).count, "lines say that the main loop is gone", log(.mainLoopGone).first?.mark.place)
    case .shutdownSlow:
      guard let started = (log(.mainLoopGone) + log(.shutdownStarted)).first else { return .missed(sign) }
      let leaked = log(.shutdownComplete).last?.text ?? "[]"
      if leaked.count > 2 {
        return .seen(sign, "threads were left: \(leaked)", log(.shutdownComplete).last?.mark.place)
      }
      let took = ((log(.shutdownComplete).last?.mark.time ?? logEnd) - started.mark.time).seconds
      return took > 12 ? .seen(sign, "\(JSON.double(took, places: 0).text) s", started.mark.place) : .missed(sign)
    case .heartbeatsAlone:
      let acts = session.noted.last { $0.side == .log && $0.event != EventName.heartbeat.rawValue }?.mark.time
      guard !isShutDown, let acts, let beat = log(.heartbeat).last, (beat.mark.time - acts).seconds > 15 else {
        return .missed(sign)
      }
      return .seen(
        sign, "\(JSON.double((beat.mark.time - acts).seconds, places: 0).text) s of heartbeats alone, and no shutdown",
        beat.mark.place)
    case .logEndsEarly:
      guard hasRequests else { return .notObservable(sign, "the venue's requests") }
      guard !isShutDown, let last = lastRequest, (last.mark.time - logEnd).seconds > 10 else { return .missed(sign) }
      return .seen(
        sign, "requests go on for \(JSON.double((last.mark.time - logEnd).seconds, places: 0).text) s", last.mark.place)
    case .pollsAlone:
      guard hasRequests else { return .notObservable(sign, "the venue's requests") }
      let placed = placements.last?.mark.time ?? .simulationEpoch
      guard ends(.logEndsEarly).state == .seen, placed <= logEnd + .seconds(5) else { return .missed(sign) }
      return .seen(sign, "polls go on behind the end of the log, orders do not", lastRequest?.mark.place)
    case .everythingStops:
      guard !isShutDown, ends(.heartbeatsAlone).state != .seen, let last = lastRequest,
        abs((last.mark.time - logEnd).seconds) < 10
      else {
        return .missed(sign)
      }
      return .seen(sign, "log and requests end together, without a shutdown", last.mark.place)
    default:
      guard !isShutDown, let refused = truth("reply.place_order.error").last else { return .missed(sign) }
      let isLast =
        (logEnd - refused.mark.time).seconds < 5
        && !session.beliefs.contains { $0.failed.map { $0.time >= refused.mark.time } == true }
      return isLast ? .seen(sign, "the last order was refused, and nothing follows", refused.mark.place) : .missed(sign)
    }
  }

  // MARK: Files and quotes

  func files(_ sign: FieldSign) -> SignReading {
    if sign == .orderLogShort, hasSource("bot-phases") { return phaseLog(sign) }
    guard isOurs else { return .notObservable(sign, "a log of our engine's") }
    switch sign {
    case .stateOld, .stateNeverAgain: return state(sign)
    case .orderLogShort: return orderLog(sign)
    default: break
    }
    guard hasRequests else { return .notObservable(sign, "the venue's requests") }
    let replies = truth("reply.fetch_tickers.ok")
    switch sign {
    case .pollsEnd:
      // Whoever says that a poll was not made is still there: the venue may have asked for a pause.
      guard let last = truth("request.fetch_tickers").last, (logEnd - last.mark.time).seconds > 12,
        !log(.mdPollFailed).contains(where: { $0.mark.time > last.mark.time })
      else { return .missed(sign) }
      return .seen(
        sign, "the last \(JSON.double((logEnd - last.mark.time).seconds, places: 0).text) s have no poll",
        last.mark.place)
    case .staleForGood:
      guard let warned = log(.staleSnapshotsWarning).last,
        log(.snapshotsFresh).last.map({ $0.mark.time < warned.mark.time }) ?? true,
        (logEnd - warned.mark.time).seconds > 10
      else { return .missed(sign) }
      return .seen(sign, "quotes got old and never fresh again", warned.mark.place)
    default:
      // Ten seconds are four polls of the field.
      let old = session.beliefs.filter { order in
        guard order.side == .buy, let sent = order.sent, let before = replies.last(where: { $0.mark.time <= sent.time })
        else { return false }
        return (sent.time - before.mark.time).seconds > 10
      }
      return .counted(sign, old.count, "buys on quotes of more than 10 s ago", old.first?.sent?.place)
    }
  }

  /// From the heartbeats, which say when the state was saved last.
  private func state(_ sign: FieldSign) -> SignReading {
    let beats = log(.heartbeat)
    guard let last = beats.last else { return .missed(sign) }
    let saved = beats.map { Instant(iso8601: $0.text) }
    // Nothing is saved before the first order.
    let acts = log(.intentPending).map(\.mark.time)
    func lag(_ index: Int) -> Double {
      let since = saved[index] ?? beats[0].mark.time
      let isChanged = acts.contains { $0 > since && $0 + .seconds(15) < beats[index].mark.time }
      return isChanged ? (beats[index].mark.time - since).seconds : 0
    }
    if sign == .stateOld {
      let worst = beats.indices.max { lag($0) < lag($1) } ?? 0
      guard lag(worst) > 20 else { return .missed(sign) }
      return .seen(
        sign, "the saved state was \(JSON.double(lag(worst), places: 0).text) s old", beats[worst].mark.place)
    }
    guard lag(beats.count - 1) > 20 else { return .missed(sign) }
    return .seen(sign, "not saved again until the end", last.mark.place)
  }

  /// The historical bot's steps of its orders are written from a buffer.
  private func phaseLog(_ sign: FieldSign) -> SignReading {
    let lines = session.files.reduce(0) { $0 + ($1.source == "bot-phases" ? $1.lines : 0) }
    guard lines > 0 else { return .notObservable(sign, "phase_events.jsonl") }
    // A log of steps without any order was kept without them.
    guard session.count("BUY_ORDER_PLACED") > 0 else { return .notObservable(sign, "a log of the steps of its orders") }
    let sent = session.beliefs.filter { $0.sent != nil && $0.side == .buy }
    let lost = sent.count - session.count("BUY_ORDER_PLACED")
    return .counted(sign, lost, atLeast: 2, "orders that the log of steps lacks", sent.last?.sent?.place)
  }

  private func orderLog(_ sign: FieldSign) -> SignReading {
    let names = Set([EventName.orderSent, .orderFilled, .orderFailed].map(\.rawValue))
    func sum(_ source: String) -> Int {
      session.events.reduce(0) { total, event in
        session.files[event.first.file].source == source && names.contains(event.name) ? total + event.count : total
      }
    }
    guard hasSource("chaos-orders") else { return .notObservable(sign, "logs/jsonl/orders.jsonl") }
    let (whole, short) = (sum("chaos-log"), sum("chaos-orders"))
    return .counted(sign, whole - short, atLeast: 2, "lines of orders that only the event log has")
  }
}
