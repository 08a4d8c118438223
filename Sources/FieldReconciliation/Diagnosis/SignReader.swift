import Basics
import HistoricalBugs
import Trading

/// Reads every sign from a session. Thresholds are above what a healthy bot shows on a bad day.
package struct SignReader {
  let found: Reconciliation
  var session: FieldSession { found.session }
  /// Lines of the log and of the truth by event, in the order of time.
  private let logged: [String: [NotedLine]]
  private let answered: [String: [NotedLine]]
  /// Whether the log is one of our engine's, of which every event is known.
  let isOurs: Bool

  init(_ found: Reconciliation) {
    self.found = found
    logged = Dictionary(grouping: found.session.noted.filter { $0.side == .log }, by: \.event)
    answered = Dictionary(grouping: found.session.noted.filter { $0.side == .truth }, by: \.event)
    isOurs = found.session.files.contains { $0.source == "chaos-log" }
  }

  func log(_ event: EventName) -> [NotedLine] { logged[event.rawValue] ?? [] }
  func log(named event: String) -> [NotedLine] { logged[event] ?? [] }
  func truth(_ event: String) -> [NotedLine] { answered[event] ?? [] }
  func hasSource(_ name: String) -> Bool { session.files.contains { $0.source == name } }
  /// Requests to place an order.
  var placements: [NotedLine] {
    (truth("request.place_order.limit") + truth("request.place_order.market")).sorted { $0.mark.time < $1.mark.time }
  }
  var hasTruth: Bool { session.files.contains { $0.side == .truth } }
  /// The venue's word on single requests, as our own sessions and a tracer have it.
  var hasRequests: Bool { hasSource("chaos-truth") }

  /// Signs of how long something lasts, or of how a run ends: between two runs they are seen where nothing is wrong.
  private static let ofTimes: Set<FieldSign> = [
    .latePolls, .callUnanswered, .logEndsEarly, .pollsAlone, .everythingStops, .stopsAtRefusal, .heartbeatsAlone,
    .shutdownSlow, .stateOld, .stateNeverAgain, .pollsEnd, .staleForGood, .boughtOnOldQuotes, .noTrigger,
    .balancesUntold,
  ]

  /// Every sign of a session once. Where the files hold several runs of the program, a sign is there that one of them shows: a
  /// healthy run beside a sick one, or hours between them, take nothing away.
  package static func readings(_ found: Reconciliation) -> [SignReading] {
    let reader = SignReader(found)
    let whole = reader.all()
    // Other logs tell nothing of how long something takes.
    let runs = reader.isOurs || reader.hasSource("bot-system") ? found.runs : []
    if runs.count < 2 { return whole }
    let single = runs.map { SignReader($0).all() }
    return whole.indices.map { index in
      let shown = single.indices.filter { single[$0][index].state == .seen }
      guard let first = shown.first else {
        return ofTimes.contains(whole[index].sign) ? single[0][index] : whole[index]
      }
      if whole[index].state == .seen { return whole[index] }
      var reading = single[first][index]
      reading.says += " (in run \(first + 1) of \(runs.count))"
      return reading
    }
  }

  /// Every sign once, in the order of the list.
  func all() -> [SignReading] { FieldSign.allCases.map(read) }

  private func read(_ sign: FieldSign) -> SignReading {
    switch sign {
    case .noOrderId, .feeError, .nestedTransaction, .unknownCancelEvent: error(sign)
    case .buysByRound, .buysAtOnce, .boughtAgain: doubles(sign)
    case .fillUnseen, .failedButFilled, .acknowledgedNotFound, .refusalsSilent: orders(sign)
    case .refusedRetried, .sentAfterTaken, .unknownResent, .partOfNothing, .saleRefusedForever: sendings(sign)
    case .cancelNotRepeated, .saleWaitedForEntry, .salesUnsent: waysOut(sign)
    case .failedStayPending, .filledStaysPending, .staleSweep, .releasedTwice, .committedBeyondCost: intents(sign)
    case .refreshBlocked, .logCallsSlow, .callsStalled, .callUnanswered, .latePolls, .preflightRefusals: times(sign)
    case .logEndsEarly, .pollsAlone, .everythingStops, .stopsAtRefusal, .heartbeatsAlone, .mainLoopGone, .shutdownSlow:
      ends(sign)
    case .tradingOff, .spreadBlocks, .slippageBlocks, .limitBlocks, .noTrigger, .balancesUntold: entries(sign)
    case .venueSilent, .ordersRefused, .nobodyToTradeWith, .noFillHeard: venue(sign)
    case .logLinesDropped, .ordersGivenUp, .neverSwept, .settledLate, .failuresBelowError, .failuresCountedOnly,
      .failuresVague:
      upkeep(sign)
    case .portTaken, .addressUnusable, .statsDUnreachable, .exportUnwritable, .diskFull, .exportTorn, .exportMissing:
      metrics(sign)
    case .lockCycle, .hang: dump(sign)
    case .orderIdRestored, .nameOfEachDecision: bots(sign)
    case .stateOld, .stateNeverAgain, .orderLogShort, .pollsEnd, .staleForGood, .boughtOnOldQuotes: files(sign)
    }
  }

  // MARK: Errors

  private static let errorWords: [(sign: FieldSign, codes: [String], words: [String])] = [
    (.noOrderId, ["WAIT_FILL_NO_ORDER_ID"], ["no order id"]),
    (.feeError, ["WAIT_FILL_FEE_NULL"], ["'NoneType' object has no attribute 'get'", "fee"]),
    (.nestedTransaction, [], ["Nested transaction"]),
    (.unknownCancelEvent, ["WAIT_FILL_UNKNOWN_CANCEL_EVENT"], ["BUY_ORDER_CANCELED"]),
  ]

  private func error(_ sign: FieldSign) -> SignReading {
    guard let entry = Self.errorWords.first(where: { $0.sign == sign }) else { return .missed(sign) }
    guard isOurs || hasSource("bot-system") else {
      return .notObservable(sign, "system.jsonl, or any log of its errors,")
    }
    let coded = entry.codes.flatMap { log(named: $0) }
    let worded = log(.errorOccurred).filter { line in entry.words.contains { line.text.contains($0) } }
    let all = coded + worded
    return .counted(
      sign, all.count, "errors: \(entry.codes.first.flatMap { coded.isEmpty ? nil : $0 } ?? entry.words[0])",
      all.first?.mark.place)
  }

  // MARK: Orders

  private func doubles(_ sign: FieldSign) -> SignReading {
    let runs = found.doubled.filter { $0.side == .buy }
    let fitting = runs.filter { run in
      let gaps = run.gaps.sorted()
      let middle = gaps[gaps.count / 2]
      return switch sign {
      case .buysAtOnce: run.matches.count >= 3 && middle < 1
      case .buysByRound: run.matches.count >= 3 && middle >= 1 && middle <= 5
      default: true
      }
    }
    guard let largest = fitting.max(by: { $0.matches.count < $1.matches.count }) else { return .missed(sign) }
    let place = largest.matches.first.flatMap { found.matches[$0].belief }.flatMap { session.beliefs[$0].sent?.place }
    let gaps = largest.gaps
    let range =
      "\(JSON.double(gaps.min() ?? 0, places: 2).text) to \(JSON.double(gaps.max() ?? 0, places: 2).text) s apart"
    let times = fitting.count == 1 ? "" : ", and \(fitting.count - 1) more such runs"
    return .seen(sign, "\(largest.matches.count) buys of \(largest.symbol), \(range)\(times)", place)
  }

  private func pairs(_ test: (BeliefOrder, TruthOrder) -> Bool) -> [BeliefOrder] {
    found.matches.compactMap { match in
      guard let belief = match.belief, let truth = match.truth, test(session.beliefs[belief], session.truths[truth])
      else { return nil }
      return session.beliefs[belief]
    }
  }

  private func orders(_ sign: FieldSign) -> SignReading {
    guard hasTruth else { return .notObservable(sign, "the venue's orders or trades") }
    switch sign {
    case .fillUnseen:
      let entries = found.disagreements.filter { $0.kind == .fillUnseen || $0.kind == .bookedShort }
      guard let first = entries.first else { return .missed(sign) }
      let money = found.unseen.map(\.text).joined(separator: ", ")
      return .seen(sign, money.isEmpty ? "\(entries.count) orders" : money, first.log.first ?? first.truth.first)
    case .failedButFilled:
      let all = pairs { belief, truth in
        guard let failed = belief.failed, truth.state == .filled,
          let end = truth.trades.last?.mark.time ?? truth.last?.time
        else { return false }
        return belief.finals.isEmpty && (belief.booked.isZero || end != failed.time)
      }
      return .counted(sign, all.count, "orders were called failed and were filled", all.first?.failed?.place)
    case .acknowledgedNotFound:
      let all = pairs { belief, truth in
        belief.acknowledged != nil && belief.failed != nil && belief.reason.hasPrefix("NOT_FOUND")
          && truth.status != .failed
      }
      return .counted(sign, all.count, "acknowledged orders were given up as unknown", all.first?.failed?.place)
    default:
      let last = session.spans[.log].map { found.clock.venueTime($0.last) } ?? .distantFuture
      let all = pairs { belief, truth in
        truth.state == .failed && truth.finalRefusals > 0 && belief.failed == nil && belief.canceled == nil
          && (truth.last?.time ?? last) + .seconds(15) < last
      }
      return .counted(
        sign, all.count, atLeast: 2, "orders were refused, and the log has no failure", all.first?.sent?.place)
    }
  }

  private func sendings(_ sign: FieldSign) -> SignReading {
    switch sign {
    case .partOfNothing:
      guard isOurs else { return .notObservable(sign, "a log of our engine's") }
      let all = log(.orderPartial).filter { $0.figure == 0 }
      return .counted(sign, all.count, "orders are told as filled in part with nothing filled", all.first?.mark.place)
    case .saleRefusedForever: return refusedSales(sign)
    default: break
    }
    guard hasRequests else { return .notObservable(sign, "the venue's answers to every request") }
    switch sign {
    case .refusedRetried:
      let all = session.truths.filter { $0.finalRefusals >= 3 }
      return .counted(
        sign, all.count, "orders were sent three times and more after a refusal for good", all.first?.last?.place)
    case .sentAfterTaken:
      let all = session.truths.filter { $0.duplicateRefusals > 0 }
      return .counted(sign, all.count, "orders were sent again that the venue had", all.first?.last?.place)
    default:
      let requests = Dictionary(grouping: placements, by: \.clientId)
      let all = truth("reply.place_order.unknown").filter { line in
        requests[line.clientId]?.contains { $0.mark.time > line.mark.time } == true
      }
      return .counted(sign, all.count, "orders of unknown outcome were sent again", all.first?.mark.place)
    }
  }

  /// Sale after sale of one pair is refused; an engine that rests says so.
  private func refusedSales(_ sign: FieldSign) -> SignReading {
    guard hasTruth else { return .notObservable(sign, "the venue's orders") }
    var runs: [String: Int] = [:]
    var worst: (symbol: String, count: Int, place: FieldPlace?) = ("", 0, nil)
    for order in session.truths where order.side == .sell {
      if order.state == .failed, order.finalRefusals > 0 {
        runs[order.symbol, default: 0] += 1
        if runs[order.symbol, default: 0] > worst.count {
          worst = (order.symbol, runs[order.symbol, default: 0], order.last?.place)
        }
      } else {
        runs[order.symbol] = 0
      }
    }
    let isTold = !log(.exitRefused).isEmpty
    return isTold
      ? .missed(sign)
      : .counted(sign, worst.count, atLeast: 5, "sales of \(worst.symbol) in a row were refused for good", worst.place)
  }
}
