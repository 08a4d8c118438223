import Basics
import Trading

extension Check {
  /// Reads the state file's positions against the venue's balances at start and end, each order's booked quantity
  /// (ORDER_UPDATE, ORDER_FILLED, ORDER_FAILED) against its fills at the venue, and POSITION_* against the state file.
  ///
  /// Coins that somebody else moved are told by POSITION_DRIFT_DETECTED.
  public static let positionsAgree = Check(
    .positionsAgree, "at the end the engine's positions are what the venue's balances and fills say",
    log: .accusations
  ) { record throws(Unjudged) in
    let name = CheckName.positionsAgree
    if record.isCutShort { return .open(name, "the session was cut short, so nothing had to agree yet") }
    if record.run.shutdownCompleted == nil { return .open(name, "the engine did not end, so nothing had to agree yet") }
    guard let state = record.state else { return .open(name, "there is no state file that can be read") }
    let balances = record.venue.filter { $0.kind == "balances" }
    guard let first = balances.first, let last = balances.last, balances.count > 1 else {
      return .open(name, "the venue wrote no balances at start and end")
    }
    var held: [String: Decimal] = [:]
    for (symbol, position) in state[.positions]?.members ?? [] {
      let base = symbol.split(separator: "/").first.map(String.init) ?? symbol
      held[base] = try (held[base] ?? .zero).plus(
        position.amount(.qty, at: "position \(symbol) of the state file") ?? .zero,
        at: "position \(symbol) of the state file")
    }
    var wrong = try balanceDifferences(record, held, before: totals(first), after: totals(last))
    // What the log would have to tell is not there when it ended early; the balances are.
    if record.earlyEndOfLog == nil { wrong += bookingDifferences(record) + openDifferences(record, state) }
    if wrong.isEmpty, held.isEmpty, record.orders.isEmpty {
      return .notApplicable(name, "no order reached the venue and nothing is held")
    }
    if wrong.isEmpty { return .pass(name, "\(record.orders.count) orders, positions agree with the venue") }
    return .fail(name, "\(wrong.count) differences between the engine's positions and the venue", wrong)
  }

  private static func balanceDifferences(
    _ record: SessionRecord, _ held: [String: Decimal], before: [String: Decimal], after: [String: Decimal]
  ) throws(Unjudged) -> [String] {
    let bases = Set(record.orders.map(\.base)).union(held.keys)
    let paidIn = Set(record.venue.compactMap { $0.kind == "event" ? $0.text(.feeAsset) : nil })
    let money = Set(record.orders.map(\.quote) + ["USDT"]).union(paidIn.subtracting(bases))
    let late = try lateFills(record)
    var wrong: [String] = []
    for asset in bases.union(before.keys).union(after.keys).subtracting(money).sorted() {
      let place = "the venue's balances of \(asset)"
      let truth = try (after[asset] ?? .zero).minus(before[asset] ?? .zero, at: place)
        .minus(late[asset] ?? .zero, at: place)
      let engine = held[asset] ?? .zero
      if truth == engine { continue }
      if try isExcused(asset, engine, truth, record) { continue }
      wrong.append("\(asset): the venue says \(truth), the engine says \(engine)")
    }
    return wrong
  }

  /// Coins that somebody else moved may stay on the books of an engine that says so, or that could not know yet.
  private static func isExcused(
    _ asset: String, _ engine: Decimal, _ truth: Decimal, _ record: SessionRecord
  ) throws(Unjudged) -> Bool {
    let moved = record.truth.transfers.filter { $0.asset == asset }
    guard let last = moved.last else { return false }
    var sum = truth
    for transfer in moved { sum = try sum.minus(transfer.amount, at: "transfer of \(asset)") }
    guard engine == sum else { return false }
    let isTold = record.events(.positionDriftDetected).contains {
      $0.time >= last.time && $0.text(.symbol)?.hasPrefix("\(asset)/") ?? false
    }
    return isTold || !record.isTransferKnown(last.time, by: record.end, record.clearedIntents)
  }

  /// Base assets that changed hands after the engine had ended, or so that it did not hear of it by then: what it did not book
  /// of those it cannot know.
  private static func lateFills(_ record: SessionRecord) throws(Unjudged) -> [String: Decimal] {
    guard let completed = record.run.shutdownCompleted else { return [:] }
    let hearing = try? Hearing(record)
    var late: [String: Decimal] = [:]
    for order in record.truth.orders {
      let booked = record.engineOrders[order.id]?.booked ?? .zero
      for trade in order.trades where trade.total > booked && Self.isUnheard(trade, order, completed, hearing) {
        let base = order.symbol.split(separator: "/").first.map(String.init) ?? order.symbol
        let fee = trade.feeAsset == base ? trade.fee : .zero
        let before = try (late[base] ?? .zero).minus(fee, at: order.id)
        late[base] =
          try order.isBuy ? before.plus(trade.quantity, at: order.id) : before.minus(trade.quantity, at: order.id)
      }
    }
    return late
  }

  /// Without the settings that say when the engine must have asked, what happened before its end must be known.
  private static func isUnheard(
    _ trade: OrderTraffic.Trade, _ order: OrderTraffic, _ completed: Instant, _ hearing: Hearing?
  ) -> Bool {
    hearing?.isUnheard(trade, of: order, by: completed) ?? (trade.time > completed)
  }

  private static func bookingDifferences(_ record: SessionRecord) -> [String] {
    // A log with gaps cannot tell what was booked; log-complete says so.
    if record.count(.logRecordsDropped) > 0 || !record.tornLines.isEmpty { return [] }
    let hearing = try? Hearing(record)
    let completed = record.run.shutdownCompleted ?? record.end
    return record.orders.compactMap { order in
      let engine = record.engineOrders[order.clientOrderId]
      let filled = order.filled(by: completed)
      let booked = engine?.booked ?? .zero
      if engine?.isVague == true || filled == booked { return nil }
      // The first trade that was not booked decides: what came later cannot be known before it.
      if let traffic = record.truth.order(order.clientOrderId),
        let missed = traffic.trades.first(where: { $0.total > booked }),
        isUnheard(missed, traffic, completed, hearing)
      {
        return nil
      }
      return "\(order.clientOrderId): the venue filled \(filled) \(order.base), the engine booked \(booked)"
    }
  }

  private static func openDifferences(_ record: SessionRecord, _ state: JSON) -> [String] {
    var open: [String: Int] = [:]
    for event in record.events where event.type == .positionOpened || event.type == .positionClosed {
      guard let symbol = event.text(.symbol) else { continue }
      open[symbol] = event.type == .positionOpened ? event.line : nil
    }
    return open.sorted { $0.key < $1.key }.compactMap { symbol, line in
      if let quantity = state[.positions]?[symbol]?[.qty]?.decimal, quantity.isPositive { return nil }
      return "\(symbol): opened at \(record.eventsPath):\(line), not in the state file"
    }
  }

  private static func totals(_ line: SessionRecord.VenueLine) throws(Unjudged) -> [String: Decimal] {
    var result: [String: Decimal] = [:]
    for balance in line.value(.balances)?.array ?? [] {
      guard let asset = balance["asset"]?.string else { continue }
      let place = line.venuePlace
      result[asset] = try (balance.amount(.free, at: place) ?? .zero).plus(
        balance.amount(.locked, at: place) ?? .zero, at: place)
    }
    return result
  }
}

extension OrderTruth {
  /// What was filled in total up to a moment.
  func filled(by time: Instant) -> Decimal { fills.last { $0.time <= time }?.total ?? .zero }
}
