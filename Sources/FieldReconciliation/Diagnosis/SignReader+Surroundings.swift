import Basics
import Checks
import HistoricalBugs
import Trading

/// Signs of settings, venue, disk and network: what keeps orders from being filled, intents from ending, failures from being told.
extension SignReader {
  private static let ourLog = "a log of our engine's, with its guards and intents,"

  private var sent: [BeliefOrder] { session.beliefs.filter { $0.sent != nil } }

  /// Less than a tenth of the orders are booked as filled: until then nothing keeps them back.
  private var isStarved: Bool { sent.count { !$0.finals.isEmpty } * 10 < sent.count || sent.isEmpty }

  /// Three at least, and a tenth of what was sent: now and then each of these happens to a healthy bot.
  private func often(_ sign: FieldSign, _ count: Int, _ words: String, _ place: FieldPlace?) -> SignReading {
    isStarved && count * 10 >= sent.count ? .counted(sign, count, atLeast: 3, words, place) : .missed(sign)
  }

  private func first(_ event: EventName) -> FieldPlace? { session.events.first { $0.name == event.rawValue }?.first }

  /// The log of orders repeats lines of the event log, and has no levels.
  private func ofOurLog(_ event: EventName) -> [FieldEvent] {
    session.events.filter {
      $0.name == event.rawValue && $0.side == .log && session.files[$0.first.file].source == "chaos-log"
    }
  }

  // MARK: Entries

  func entries(_ sign: FieldSign) -> SignReading {
    guard isOurs else { return .notObservable(sign, Self.ourLog) }
    func blocks(_ guards: [String]) -> [NotedLine] { log(.guardBlock).filter { guards.contains($0.code) } }
    func reading(_ guards: [String], _ words: String) -> SignReading {
      let lines = blocks(guards)
      return often(sign, lines.count, words, lines.first?.mark.place)
    }
    switch sign {
    case .tradingOff: return reading(["trading"], "entries were blocked, because trading is off")
    case .spreadBlocks: return reading(["spread"], "entries were blocked by the spread")
    case .slippageBlocks: return reading(["slippage"], "entries were blocked by the slippage")
    case .limitBlocks:
      let limits = ["budget", "exposure", "positions", "pending", "size"]
      guard let most = limits.max(by: { blocks([$0]).count < blocks([$1]).count }) else { return .missed(sign) }
      // Without balances there is no budget: that is another cause.
      if most == "budget", balancesAreLate { return .missed(sign) }
      return reading([most], "entries were blocked by the limit '\(most)'")
    case .noTrigger:
      let heard = session.count(EventName.decisionStart.rawValue) + session.count(EventName.guardBlock.rawValue)
      let span = session.spans[.log].map { ($0.last - $0.first).seconds } ?? 0
      guard heard == 0, sent.isEmpty, span > 60, venue(.venueSilent).state != .seen else { return .missed(sign) }
      return .seen(sign, "\(JSON.double(span, places: 0).text) s without anything to decide", first(.engineStart))
    default:
      guard hasRequests else { return .notObservable(sign, "the venue's requests") }
      guard balancesAreLate else { return .missed(sign) }
      return .seen(
        sign, "no answer about the balances in the first half of the session",
        truth("request.fetch_balance").first?.mark.place)
    }
  }

  private var balancesAreLate: Bool {
    guard hasRequests, let span = session.spans[.log], let asked = truth("request.fetch_balance").first else {
      return false
    }
    let known = truth("reply.fetch_balance.ok").first?.mark.time ?? span.last
    return isStarved && asked.mark.time < known && known - span.first >= span.last - known
  }

  // MARK: The venue

  func venue(_ sign: FieldSign) -> SignReading {
    guard hasTruth else { return .notObservable(sign, "the venue's orders or answers") }
    switch sign {
    case .venueSilent:
      let types: [EventName] = [.marketRulesFailed, .mdPollFailed, .orderOutcomeUnknown]
      let told = types.reduce(0) { $0 + session.count($1.rawValue) }
      let lost = truth("reply.place_order.unknown")
      let failed = session.failedCalls.values.reduce(0, +)
      let place = types.compactMap(first).first ?? lost.first?.mark.place
      return often(sign, max(told, lost.count, failed), "calls had no answer", place)
    case .ordersRefused:
      let refused = session.truths.filter { $0.state == .failed && $0.finalRefusals > 0 }
      let codes = Dictionary(grouping: refused) { String($0.refusal.prefix { $0 != " " }) }
      guard let most = codes.max(by: { ($0.value.count, $1.key) < ($1.value.count, $0.key) }) else {
        return .missed(sign)
      }
      return often(sign, most.value.count, "orders were refused with code \(most.key)", most.value.first?.last?.place)
    case .nobodyToTradeWith:
      // Own calls tell of every order; of the others those that the bot canceled itself are no sign.
      let empty = pairsOf { belief, truth in
        truth.state == .canceled && (belief.failed != nil || belief.canceled != nil)
      }
      return often(sign, empty.count, "orders ended without a trade", empty.first?.sent?.place)
    default:
      let unheard =
        found.disagreements.count { $0.kind == .fillUnseen }
        + found.inferred.reduce(0) { $0 + max(0, $1.count - 1) }
      guard sent.allSatisfy({ $0.finals.isEmpty }) else { return .missed(sign) }
      return .counted(
        sign, unheard, atLeast: 3, "fills at the venue, none in the log",
        found.disagreements.first { $0.kind == .fillUnseen }?.log.first)
    }
  }

  private func pairsOf(_ test: (BeliefOrder, TruthOrder) -> Bool) -> [BeliefOrder] {
    found.matches.compactMap { match in
      guard let belief = match.belief, let truth = match.truth, test(session.beliefs[belief], session.truths[truth])
      else { return nil }
      return session.beliefs[belief]
    }
  }

  // MARK: Intents and failures

  func upkeep(_ sign: FieldSign) -> SignReading {
    guard isOurs else { return .notObservable(sign, Self.ourLog) }
    switch sign {
    case .logLinesDropped:
      let dropped = session.count(EventName.logRecordsDropped.rawValue)
      guard dropped > 0, session.beliefs.count(where: { $0.sent != nil && $0.state == .unknown }) >= 3 else {
        return .missed(sign)
      }
      return .seen(sign, "\(dropped) times, and orders have no end in the log", first(.logRecordsDropped))
    case .ordersGivenUp:
      return .counted(
        sign, session.count(EventName.orderLost.rawValue), atLeast: 3, "orders were given up without an end",
        first(.orderLost))
    case .neverSwept, .settledLate: return intentsTooLong(sign)
    case .failuresBelowError:
      let events = ofOurLog(.orderFailed)
      let quiet = events.reduce(0) { $0 + $1.count - $1.errors }
      return .counted(sign, quiet, "failures are below ERROR", events.first?.first)
    case .failuresCountedOnly:
      guard let metrics = session.metrics else { return .notObservable(sign, "metrics/summary.json") }
      let counted = (try? JSON.parse(metrics))?["counters"]?[FieldName.ordersFailed.rawValue]?.int ?? 0
      let lost = counted - ofOurLog(.orderFailed).reduce(0) { $0 + $1.count }
      guard session.count(EventName.logRecordsDropped.rawValue) == 0 else { return .missed(sign) }
      return .counted(sign, lost, "failures are counted in metrics/summary.json and are not in the log")
    default:
      let vague = session.beliefs.filter { $0.failed != nil && $0.reason.isEmpty }
      return .counted(sign, vague.count, "failures have neither code nor words", vague.first?.failed?.place)
    }
  }

  /// Intents without any end of their order that outlive the sweep's threshold, which is a minute; or that end 10 s behind it.
  private func intentsTooLong(_ sign: FieldSign) -> SignReading {
    guard let end = session.spans[.log]?.last else { return .missed(sign) }
    var cleared: [String: Instant] = [:]
    for line in log(.intentCleared) where cleared[line.intent] == nil { cleared[line.intent] = line.mark.time }
    var ended: [String: NotedLine] = [:]
    for line in log(.orderFilled) + log(.orderFailed) where ended[line.intent] == nil { ended[line.intent] = line }
    if sign == .settledLate {
      let late = ended.values.filter { line in
        cleared[line.intent].map { $0 > line.mark.time + .seconds(10) } ?? false
      }.sorted { ($0.mark.time, $0.intent) < ($1.mark.time, $1.intent) }
      return .counted(
        sign, late.count, atLeast: 3, "intents ended more than 10 s behind their order", late.first?.mark.place)
    }
    let old = log(.intentPending).filter { line in
      !line.intent.isEmpty && ended[line.intent] == nil
        && min(cleared[line.intent] ?? end, end) > line.mark.time + .seconds(90)
    }
    guard session.count(EventName.staleIntentCleanup.rawValue) == 0 else { return .missed(sign) }
    return .counted(sign, old.count, atLeast: 3, "intents are older than 90 s, and nobody swept", old.first?.mark.place)
  }

  // MARK: Metrics and dumps

  func metrics(_ sign: FieldSign) -> SignReading {
    guard isOurs else { return .notObservable(sign, "a log of our engine's") }
    let (endpoints, exports) = (log(.metricsEndpointFailed), log(.metricsExportFailed))
    func of(_ kind: String, isTaken: Bool?) -> [NotedLine] {
      endpoints.filter { line in
        line.code == kind && !line.text.contains("too many")
          && isTaken.map { $0 == line.text.lowercased().contains("in use") } ?? true
      }
    }
    func isFull(_ line: NotedLine) -> Bool { line.text.lowercased().contains("no space") }
    let (lines, words): ([NotedLine], String)
    switch sign {
    case .portTaken: (lines, words) = (of("prometheus", isTaken: true), "times the port was in use")
    case .addressUnusable: (lines, words) = (of("prometheus", isTaken: false), "times nothing could listen")
    case .statsDUnreachable: (lines, words) = (of("statsd", isTaken: nil), "times nothing took the values")
    case .exportUnwritable: (lines, words) = (exports.filter { !isFull($0) }, "exports could not be written")
    case .diskFull: (lines, words) = (exports.filter(isFull), "exports had no space")
    case .exportTorn:
      guard let bytes = session.metrics else { return .notObservable(sign, "metrics/summary.json") }
      return (try? JSON.parse(bytes)) == nil ? .seen(sign, "metrics/summary.json is no JSON") : .missed(sign)
    default:
      guard session.isWholeDirectory else { return .notObservable(sign, "a whole session directory") }
      guard session.metrics == nil, exports.isEmpty, let end = first(.shutdownComplete) else { return .missed(sign) }
      return .seen(sign, "the engine ended, and there is no metrics/summary.json", end)
    }
    return .counted(sign, lines.count, words, lines.first?.mark.place)
  }

  /// A dump of a timer says nothing of a hang: a healthy process writes it as well.
  func dump(_ sign: FieldSign) -> SignReading {
    guard let bytes = session.dump, let entry = Diagnosis.dump(alone: bytes, file: "stackdump.txt")?.entry else {
      return .notObservable(sign, "stackdump.txt, as 'chaos watch' writes it,")
    }
    let isCycle = entry.causes.first?.id == "lock-cycle"
    if entry.symptom.hasPrefix("ASKED FOR") || isCycle != (sign == .lockCycle) { return .missed(sign) }
    return .seen(sign, "\(entry.causes.first?.says ?? entry.symptom) (stackdump.txt)")
  }

  // MARK: The historical bot's

  func bots(_ sign: FieldSign) -> SignReading {
    if sign == .orderIdRestored {
      guard hasSource("bot-system") else { return .notObservable(sign, "system.jsonl") }
      let all = log(named: "WAIT_FILL_REHYDRATE")
      return .counted(sign, all.count, "orders' ids were lost and found again", all.first?.mark.place)
    }
    for run in found.doubled {
      let orders = run.matches.compactMap { found.matches[$0].belief }.map { session.beliefs[$0] }
      let named = orders.filter { !$0.signal.isEmpty && $0.clientId.contains($0.signal) }
      guard named.count >= 3, Set(named.map(\.signal)).count == named.count else { continue }
      var reading = SignReading.seen(
        sign, "\(named.count) buys of \(run.symbol), each under the name of a decision of its own", named[0].sent?.place
      )
      reading.count = named.count
      return reading
    }
    return sent.contains { !$0.signal.isEmpty } ? .missed(sign) : .notObservable(sign, "a log with its decisions")
  }
}
