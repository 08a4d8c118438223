import Basics
import Trading

/// The history as the lines of `logs/exchange.jsonl`.
extension VenueHistory {
  /// All lines in time order, the summary of the counts last.
  public func lines(endedAt: Instant) -> [UInt8] {
    var lines = ByteWriter(capacity: 1024 + entries.count * 256)
    // A live session notes from several threads, so neighbours may be a little out of order; equal times keep theirs.
    let order = entries.indices.sorted { (entries.time($0), $0) < (entries.time($1), $1) }
    for index in order {
      VenueHistory.write(entries.entry(index), at: entries.time(index), into: &lines)
    }
    writeSummary(at: endedAt, into: &lines)
    return lines.bytes()
  }

  /// A part of a history as lines, in the order they were noted: times of neighbours may be a little out of order.
  package static func lines(_ part: some Collection<Noted>) -> [UInt8] {
    if part.isEmpty { return [] }
    var lines = ByteWriter(capacity: part.count * 256)
    for noted in part { write(noted.entry, at: noted.time, into: &lines) }
    return lines.bytes()
  }

  /// Writes the entries so far as lines and forgets them, as `take` does.
  package mutating func takeLines(into lines: inout ByteWriter) {
    for index in entries.indices {
      VenueHistory.write(entries.entry(index), at: entries.time(index), into: &lines)
    }
    forgetEntries()
  }

  /// The summary of the counts, the last line of a history that was written as it grew.
  package func summary(at time: Instant) -> [UInt8] {
    var line = ByteWriter()
    writeSummary(at: time, into: &line)
    return line.bytes()
  }

  private static func write(_ entry: Entry, at time: Instant, into line: inout ByteWriter) {
    switch entry {
    case .request(let id, let request): write(id, request, at: time, into: &line)
    case .reply(let id, let request, let told, let injected, let took):
      write(id, request, told, injected, took, at: time, into: &line)
    case .event(let event, let delivered, let arrives, let told):
      write(event, delivered, arrives, told, at: time, into: &line)
    case .rules(let rules, let feeMode):
      line.open(time, "rules")
      line.field(.feeMode, feeMode.name)
      if case .token(let asset, _) = feeMode { line.field(.feeToken, asset) }
      line.field(.rules, rules)
      line.close()
    case .act(let what):
      line.open(time, "act")
      line.field(.type, what)
      line.close()
    case .transfer(let asset, let amount):
      line.open(time, "transfer")
      line.field(.asset, asset)
      line.field(.amount, amount)
      line.close()
    case .foreign(let order):
      line.open(time, "foreign")
      line.field(.symbol, order.symbol)
      write(order, into: &line)
      line.close()
    case .stream(let what):
      line.open(time, "stream")
      line.field(.type, what)
      line.close()
    case .ledger(let step, let totals, let conserved):
      line.open(time, "ledger")
      line.field(.step, step)
      line.field(.totals, object: totals.map { (key: $0.asset, json: "\"\($0.total)\"") })
      line.field(.conserved, conserved)
      line.close()
    case .balances(let account, let balances):
      line.open(time, "balances")
      line.field(.account, account)
      line.field(.balances, balances)
      line.close()
    }
  }

  private static func write(_ id: Int, _ request: VenueRequest, at time: Instant, into line: inout ByteWriter) {
    line.open(time, "request")
    line.field(.id, id)
    line.field(.call, request.call.rawValue)
    line.field(.symbol, request.symbol)
    if case .cancelReplace(_, let replaced, _) = request { line.field(.replaces, replaced) }
    if let order = request.newOrder {
      write(order, into: &line)
    } else if case .quotes(let symbols) = request {
      line.field(.symbols, symbols)
    } else {
      line.field(.clientOrderId, request.clientOrderId)
      if case .trades(_, let orderId, _) = request { line.field(.orderId, orderId) }
    }
    line.close()
  }

  private static func write(_ order: OrderRequest, into line: inout ByteWriter) {
    line.field(.side, order.side.rawValue)
    line.field(.clientOrderId, order.clientOrderId)
    line.field(.qty, order.quantity)
    line.field(.quote, order.quoteOrderQty)
    line.field(.price, order.price)
    line.field(.type, order.type.rawValue)
    line.field(.tif, order.timeInForce.rawValue)
  }

  private static func write(
    _ id: Int, _ request: VenueRequest, _ told: Told, _ injected: Bool, _ took: Duration, at time: Instant,
    into line: inout ByteWriter
  ) {
    line.open(time, "reply")
    line.field(.id, id)
    line.field(.call, request.call.rawValue)
    switch told {
    case .acknowledged(let orderId):
      line.field(.outcome, "ok")
      line.field(.orderId, orderId)
    case .reported(let report):
      line.field(.outcome, "ok")
      write(report, into: &line)
    case .outcome(let outcome): write(outcome, into: &line)
    }
    line.field(.clientOrderId, request.newOrder?.clientOrderId ?? request.clientOrderId)
    line.field(.symbol, request.symbol)
    if let order = request.newOrder { line.field(.side, order.side.rawValue) }
    if injected { line.field(.injected, true) }
    line.field(.tookMs, milliseconds: took)
    line.close()
  }

  private static func write(_ report: ToldReport, into line: inout ByteWriter) {
    line.field(.orderId, report.orderId)
    line.field(.status, report.status.rawValue)
    line.field(.filledQty, report.filledQuantity)
    line.field(.fee, report.fee)
  }

  private static func write(_ outcome: Outcome, into line: inout ByteWriter) {
    switch outcome {
    case .ok(let reply):
      line.field(.outcome, "ok")
      switch reply {
      case .ack(let ack), .replaced(_, let ack): line.field(.orderId, ack.orderId)
      case .report(let report): write(ToldReport(report), into: &line)
      case .trades(let fills):
        line.field(.filledQty, fills.reduce(.zero) { $0 + $1.quantity })
        line.field(.fee, Fill.fee(of: fills)?.amount)
      case .quotes(let quotes): line.field(.quotes, quotes)
      default: break
      }
    case .error(let error):
      line.field(.outcome, "error")
      line.field(.code, error.code)
      line.field(.text, error.text)
      line.field(.errorClass, error.failureClass.rawValue)
      if error.isPermanent { line.field(.permanent, true) }
      if let pause = error.retryAfter {
        line.field(.retryAfterS, Int((pause.nanoseconds + 999_999_999) / 1_000_000_000))
      }
    case .unknown(let reason):
      line.field(.outcome, "unknown")
      line.field(.text, reason)
    }
  }

  private static func write(
    _ event: VenueEvent, _ delivered: Bool, _ arrives: Instant?, _ told: OrderStatus?, at time: Instant,
    into line: inout ByteWriter
  ) {
    line.open(time, "event")
    line.field(.type, event.type)
    let happened = event.event
    if let report = happened.report {
      line.field(.clientOrderId, report.clientOrderId)
      line.field(.orderId, report.orderId)
      line.field(.symbol, report.symbol)
      line.field(.side, report.side.rawValue)
      line.field(.status, report.status.rawValue)
      if case .trade(let fill, _) = happened {
        line.field(.lastQty, fill.quantity)
        line.field(.lastPrice, fill.price)
        line.field(.lastQuote, fill.quote)
      }
      line.field(.filledQty, report.filledQuantity)
      line.field(.filledQuote, report.filledQuote)
      if case .rejected(_, let error) = happened {
        line.field(.code, error.code)
        line.field(.text, error.text)
      }
      if case .trade(let fill, _) = happened {
        line.field(.fee, fill.fee?.amount)
        line.field(.feeAsset, fill.fee?.asset)
        line.field(.maker, fill.isMaker)
      }
      line.field(.bid, event.quote?.bid)
      line.field(.ask, event.quote?.ask)
    } else if case .balance(let balances) = happened {
      line.field(.balances, balances)
    }
    line.field(.delivered, delivered)
    line.field(.arrives, arrives)
    line.field(.told, told?.rawValue)
    line.close()
  }

  private func writeSummary(at time: Instant, into line: inout ByteWriter) {
    line.open(time, "summary")
    // The calls that every session makes, and others where they were made.
    let calls = VenueCall.allCases.filter { VenueHistory.position($0) < 7 || count($0) > 0 }
    line.field(.requests, object: calls.map { (key: $0.rawValue, json: "\(count($0))") })
    line.field(.failed, object: calls.map { (key: $0.rawValue, json: "\(failureCount($0))") })
    if droppedCount > 0 { line.field(.dropped, droppedCount) }
    if unkeptPollCount > 0 { line.field(.pollsNotKept, unkeptPollCount) }
    line.close()
  }
}
