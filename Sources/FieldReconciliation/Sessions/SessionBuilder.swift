import Basics
import Trading

/// Puts lines together into a session. The order of lines does not matter: what counts is their time and whom they name.
struct SessionBuilder {
  private(set) var session: FieldSession
  private var beliefByClient: [String: Int] = [:]
  private var beliefByOrder: [String: Int] = [:]
  private var truthByOrder: [String: Int] = [:]
  private var truthByClient: [String: Int] = [:]
  private var tradeIds: Set<String> = []
  /// The program's run that a client id was first used in: a counter may start again with each.
  private var run = ""

  /// Orders of one side at most: beyond, lines of new orders are dropped and counted as broken.
  static let ordersMax = 2_000_000

  /// Starts of the program that are told apart.
  private static let startsMax = 10_000

  init(path: String, map: String) { session = FieldSession(path: path, map: map) }

  /// Begins a file.
  mutating func add(_ file: FieldFile) {
    session.files.append(file)
    run = ""
  }

  mutating func change(_ body: (inout FieldSession) -> Void) { body(&session) }

  /// Takes a line; false: it lacks what its kind needs.
  mutating func take(_ line: LineFields, at time: Instant, _ source: FieldMap.Source) -> Bool {
    let mark = FieldMark(time: time, place: line.place)
    widen(source.side, time)
    if let run = line[.session], run != self.run {
      self.run = run
      if !session.runs.contains(run), session.runs.count < 1000 { session.runs.append(run) }
    }
    if line.kind == .noted || source.noted.contains(line.event) { note(line, mark, source.side) }
    switch line.kind {
    case .sent, .acknowledged, .filled, .partly, .canceled, .failed: return belief(line, mark, source)
    case .placed, .order, .ended, .refused: return truth(line, mark, source)
    case .trade: return trade(line, mark, source)
    case .balance: return balance(line, mark, source)
    case .call: return call(line)
    case .signal: session.signals.append((mark, line.symbol))
    case .start:
      if session.starts.count < Self.startsMax { session.starts.append(mark) }
      if session.starts.count > 1 { run = "#\(session.starts.count)" }
    case .position, .error, .latePoll, .noted: break
    }
    return true
  }

  /// Lines that are kept at most: beyond, a diagnosis is of the beginning.
  private static let notedMax = 500_000

  private mutating func note(_ line: LineFields, _ mark: FieldMark, _ side: FieldMap.Side) {
    guard session.noted.count < Self.notedMax else { return }
    session.noted.append(
      NotedLine(
        event: line.event, side: side, mark: mark, symbol: line.symbol, clientId: line[.clientId] ?? "",
        intent: line[.intent] ?? "", code: line[.code] ?? "", text: line[.text] ?? "",
        figure: line[.figure].flatMap { Double($0) },
        limit: line[.limit].flatMap { Double($0) }))
  }

  private mutating func widen(_ side: FieldMap.Side, _ time: Instant) {
    let known = session.spans[side] ?? (time, time)
    session.spans[side] = (min(known.first, time), max(known.last, time))
  }

  // MARK: Beliefs

  private mutating func belief(_ line: LineFields, _ mark: FieldMark, _ source: FieldMap.Source) -> Bool {
    guard let at = beliefIndex(line, source) else { return false }
    let amount = line[.amount].flatMap { source.number($0) }
    func earliest(_ known: FieldMark?) -> FieldMark { known.map { $0.time <= mark.time ? $0 : mark } ?? mark }
    session.beliefs[at].fillIn(line, amount, source)
    session.beliefs[at].last = session.beliefs[at].last.map { $0.time > mark.time ? $0 : mark } ?? mark
    switch line.kind {
    case .sent:
      session.beliefs[at].sent = earliest(session.beliefs[at].sent)
      session.beliefs[at].sentCount += 1
      if line[.orderId] != nil { session.beliefs[at].acknowledged = earliest(session.beliefs[at].acknowledged) }
    case .acknowledged: session.beliefs[at].acknowledged = earliest(session.beliefs[at].acknowledged)
    case .failed:
      session.beliefs[at].failed = earliest(session.beliefs[at].failed)
      let words = [line[.code], line[.text]].compactMap { $0 }.joined(separator: " ")
      if session.beliefs[at].reason.isEmpty { session.beliefs[at].reason = InputError.shown(words, max: 80) }
    case .canceled: session.beliefs[at].canceled = earliest(session.beliefs[at].canceled)
    default: break
    }
    let filled = line[.filled].flatMap { source.number($0) }
    let isFill = line.kind == .filled || line.kind == .partly
    // A failure or a cancel repeats the order's amount; only a field of its own says what was filled.
    let tellsFill = line.kind == .filled || (filled?.isPositive == true && (isFill || source.tellsFilledApart))
    if tellsFill {
      session.beliefs[at].fills.append(
        BeliefOrder.Booking(
          mark: mark, quantity: filled,
          cost: line[.cost].flatMap { source.number($0) }
            ?? product(filled, line[.average].flatMap { source.number($0) }),
          fee: line[.fee].flatMap { source.number($0) }, feeAsset: line[.feeAsset] ?? "",
          isFinal: line.kind == .filled,
          isCumulative: source.isCumulative))
    }
    return true
  }

  private func product(_ a: Decimal?, _ b: Decimal?) -> Decimal? {
    guard let a, let b else { return nil }
    return try? a.multiplied(by: b, rounding: .halfEven)
  }

  private mutating func beliefIndex(_ line: LineFields, _ source: FieldMap.Source) -> Int? {
    let client = line[.clientId].map { "\(run)\u{0}\($0)" }
    // Venues that are made up, and ids that were made anonymous, begin again with each run.
    let order = line[.orderId].map { "\(run)\u{0}\($0)" }
    if let known = client.flatMap({ beliefByClient[$0] }) ?? order.flatMap({ beliefByOrder[$0] }) {
      if let client { beliefByClient[client] = known }
      if let order { beliefByOrder[order] = known }
      return known
    }
    let side = line.side
    if client == nil, order == nil {
      // A line without a name belongs to the last order of its symbol and side that has no end yet.
      let symbol = line.symbol
      if line.kind != .sent {
        return session.beliefs.lastIndex {
          $0.symbol == symbol && (side == nil || $0.side == side) && $0.finals.isEmpty && $0.failed == nil
            && $0.canceled == nil
        }
      }
      guard !symbol.isEmpty else { return nil }
    }
    guard session.beliefs.count < Self.ordersMax else { return nil }
    session.beliefs.append(BeliefOrder())
    if let client { beliefByClient[client] = session.beliefs.count - 1 }
    if let order { beliefByOrder[order] = session.beliefs.count - 1 }
    return session.beliefs.count - 1
  }

  // MARK: Truths

  private mutating func truth(_ line: LineFields, _ mark: FieldMark, _ source: FieldMap.Source) -> Bool {
    guard let at = truthIndex(line, mayBeNameless: source.format == .csv) else { return false }
    session.truths[at].fillIn(line, mark, source)
    switch line.kind {
    case .refused:
      let words = [line[.code], line[.text]].compactMap { $0 }.joined(separator: " ")
      // A refusal of a second sending does not undo the first.
      if session.truths[at].status == nil { session.truths[at].status = .failed }
      session.truths[at].refusal = InputError.shown(words, max: 80)
      if FieldNames.isDuplicate(words) {
        session.truths[at].duplicateRefusals += 1
      } else if FieldNames.isForGood(line[.code] ?? "") {
        session.truths[at].finalRefusals += 1
      }
    case .placed where session.truths[at].status == .failed && !session.truths[at].refusal.isEmpty:
      session.truths[at].status = nil
    default: break
    }
    return true
  }

  /// - Parameter mayBeNameless: a row of an export is an order, with or without a name.
  private mutating func truthIndex(_ line: LineFields, mayBeNameless: Bool = false) -> Int? {
    let (order, client) = (line[.orderId], line[.clientId])
    if let known = order.flatMap({ truthByOrder[$0] }) ?? client.flatMap({ truthByClient[$0] }) {
      // One client id, another venue id: a second order under a name that should be one order's.
      let isOther =
        (order != nil && !session.truths[known].orderId.isEmpty && session.truths[known].orderId != order)
        || (line.kind == .placed && isPlacedAgain(line, session.truths[known]))
      if !isOther {
        if let order { truthByOrder[order] = known }
        if let client { truthByClient[client] = known }
        return known
      }
    }
    guard order != nil || client != nil || (mayBeNameless && line.kind == .order && !line.symbol.isEmpty),
      session.truths.count < Self.ordersMax
    else { return nil }
    session.truths.append(TruthOrder())
    if let order { truthByOrder[order] = session.truths.count - 1 }
    if let client { truthByClient[client] = session.truths.count - 1 }
    return session.truths.count - 1
  }

  /// Whether a placing under the venue's name of a known order is one of another order.
  private func isPlacedAgain(_ line: LineFields, _ order: TruthOrder) -> Bool {
    func differs(_ new: String?, _ known: String) -> Bool {
      new.map { !known.isEmpty && !$0.isEmpty && $0 != known } ?? false
    }
    guard order.placed != nil else { return false }
    return differs(line[.clientId], order.clientId) || differs(line.symbol, order.symbol)
      || (line.side != nil && order.side != nil && line.side != order.side)
  }

  private mutating func trade(_ line: LineFields, _ mark: FieldMark, _ source: FieldMap.Source) -> Bool {
    let assets = line.assets(source.format, symbol: line.symbol)
    let isComma = source.isDecimalComma
    guard let filled = line[.filled].flatMap({ FieldNumber.cell($0, assets: assets, isComma: isComma) }) else {
      return false
    }
    let price = line[.price].flatMap { FieldNumber.cell($0, assets: assets, isComma: isComma)?.value }
    let fee = line[.fee].flatMap { FieldNumber.cell($0, assets: assets, isComma: isComma) }
    guard
      let cost = line[.cost].flatMap({ FieldNumber.cell($0, assets: assets, isComma: isComma)?.value })
        ?? product(filled.value, price)
    else { return false }
    if filled.isCut { session.files[line.place.file].cut += 1 }
    if let id = line[.tradeId], !tradeIds.insert("\(line.symbol)\u{0}\(id)").inserted {
      session.files[line.place.file].copies += 1
      return true
    }
    let trade = TruthTrade(
      mark: mark, id: line[.tradeId] ?? "", quantity: filled.value, cost: cost, price: price, fee: fee?.value.magnitude,
      feeAsset: line[.feeAsset] ?? fee?.asset ?? "")
    if line[.orderId] == nil, line[.clientId] == nil {
      guard let side = line.side, !line.symbol.isEmpty else { return false }
      session.looseTrades.append((line.symbol, side, trade))
      return true
    }
    guard let at = truthIndex(line) else { return false }
    session.truths[at].trades.append(trade)
    var rest = line
    rest[.filled] = nil
    rest[.cost] = nil
    rest[.fee] = nil
    rest[.price] = nil
    session.truths[at].fillIn(rest, mark, source)
    return true
  }

  // MARK: Balances and calls

  private mutating func balance(_ line: LineFields, _ mark: FieldMark, _ source: FieldMap.Source) -> Bool {
    if let count = line[.positions].flatMap({ Int($0) }) { session.positionCounts.append((mark, count)) }
    var amounts: [String: Decimal] = [:]
    var places = 0
    func put(_ asset: String, _ texts: [String?]) {
      var sum = Decimal.zero
      for case .some(let text) in texts {
        guard let value = source.number(text) else { continue }
        sum += value
        places = max(places, Self.places(text))
      }
      amounts[asset, default: .zero] += sum
    }
    if let text = line[.balances] {
      guard let value = try? JSON.parse(text) else { return false }
      for (asset, value) in value.members ?? [] {
        if let text = value.numberText ?? value.string { put(asset, [text]) }
      }
      for entry in value.array ?? [] {
        guard let asset = entry["asset"]?.string ?? entry["coin"]?.string else { continue }
        put(asset, ["free", "locked"].map { key in entry[key].flatMap { $0.string ?? $0.numberText } })
      }
    } else if line[.free] != nil {
      put(line[.asset] ?? "", [line[.free], line[.locked]])
    } else {
      return line[.positions] != nil
    }
    let isWhole = source.side == .truth && line.event != "event.BALANCE" && line[.balances] != nil
    let balance = FieldBalance(mark: mark, amounts: amounts, places: places, isWhole: isWhole)
    if source.side == .truth { session.balances.append(balance) } else { session.believedBalances.append(balance) }
    return true
  }

  private static func places(_ text: String) -> Int {
    guard let point = text.firstIndex(of: ".") else { return 0 }
    return text[text.index(after: point)...].prefix { $0.isNumber }.count
  }

  private mutating func call(_ line: LineFields) -> Bool {
    guard let method = line[.method] else { return false }
    if let latency = line[.latency].flatMap({ Double($0) }), session.calls[method, default: []].count < 1_000_000 {
      session.calls[method, default: []].append(latency)
    }
    if line[.success] == "false" { session.failedCalls[method, default: 0] += 1 }
    return true
  }

  /// Puts everything into the order of time.
  mutating func finish() {
    session.beliefs.sort { ($0.sent ?? $0.last, $0.clientId) < ($1.sent ?? $1.last, $1.clientId) }
    session.truths.sort { ($0.placed, $0.orderId) < ($1.placed, $1.orderId) }
    for at in session.truths.indices { session.truths[at].trades.sort { Optional($0.mark) < Optional($1.mark) } }
    session.looseTrades.sort { Optional($0.trade.mark) < Optional($1.trade.mark) }
    session.balances.sort { Optional($0.mark) < Optional($1.mark) }
    session.believedBalances.sort { Optional($0.mark) < Optional($1.mark) }
    session.positionCounts.sort { Optional($0.mark) < Optional($1.mark) }
    session.noted.sort { Optional($0.mark) < Optional($1.mark) }
    session.starts.sort { Optional($0) < Optional($1) }
    session.signals.sort { Optional($0.mark) < Optional($1.mark) }
  }
}

extension FieldMap.Source {
  /// Whether what was filled stands in another field than what was ordered.
  fileprivate var tellsFilledApart: Bool {
    Set(fields[.filled] ?? []).isDisjoint(with: fields[.amount] ?? [])
  }

  /// An amount as files of this source write it. No method of the builder: a reference to one would hold a second reference
  /// to everything that was read, and the next change would copy it.
  fileprivate func number(_ text: String) -> Decimal? {
    FieldNumber.cell(text, assets: [], isComma: isDecimalComma)?.value
  }
}

/// By time, then by place; what has no time comes first.
private func < (a: FieldMark?, b: FieldMark?) -> Bool {
  guard let a else { return b != nil }
  guard let b else { return false }
  return (a.time.nanoseconds, a.place.file, a.place.line) < (b.time.nanoseconds, b.place.file, b.place.line)
}

private func < (a: (FieldMark?, String), b: (FieldMark?, String)) -> Bool {
  if a.0 < b.0 { return true }
  return b.0 < a.0 ? false : a.1 < b.1
}

extension BeliefOrder {
  /// Takes over what was not told before.
  fileprivate mutating func fillIn(
    _ line: LineFields, _ amount: Decimal?, _ source: FieldMap.Source
  ) {
    if clientId.isEmpty { clientId = line[.clientId] ?? "" }
    if orderId.isEmpty { orderId = line[.orderId] ?? "" }
    if symbol.isEmpty { symbol = line.symbol }
    if signal.isEmpty { signal = line[.signal] ?? "" }
    side = side ?? line.side
    self.amount = self.amount ?? amount
    if line.kind == .sent { price = price ?? line[.price].flatMap { source.number($0) } }
  }
}

extension TruthOrder {
  /// Takes over what was not told before, and what later words on the order say.
  fileprivate mutating func fillIn(
    _ line: LineFields, _ mark: FieldMark, _ source: FieldMap.Source
  ) {
    let assets = line.assets(source.format, symbol: line.symbol.isEmpty ? symbol : line.symbol)
    func amountOf(_ field: FieldMap.Field) -> FieldNumber.Cell? {
      line[field].flatMap { FieldNumber.cell($0, assets: assets, isComma: source.isDecimalComma) }
    }
    if orderId.isEmpty { orderId = line[.orderId] ?? "" }
    if clientId.isEmpty { clientId = line[.clientId] ?? "" }
    if symbol.isEmpty { symbol = line.symbol }
    if method.isEmpty, line.kind == .placed { method = line[.method] ?? "" }
    side = side ?? line.side
    amount = amount ?? amountOf(.amount)?.value
    if line.kind != .trade { price = price ?? amountOf(.price)?.value }
    isOwnCall = isOwnCall || source.isOwnCalls
    if line.kind != .refused { placed = placed.map { $0.time <= mark.time ? $0 : mark } ?? mark }
    let isLatest = last.map { $0.time <= mark.time } ?? true
    if isLatest { last = mark }
    if line.kind == .order || line.kind == .placed || line.kind == .ended {
      if let told = amountOf(.filled)?.value, line.kind != .ended { toldFilled = max(toldFilled ?? .zero, told) }
      if let told = amountOf(.cost)?.value, told.isPositive || toldFilled == .zero, line.kind != .ended {
        toldCost = max(toldCost ?? .zero, told)
      } else if toldCost == nil, let filled = toldFilled, let average = amountOf(.average)?.value {
        toldCost = try? filled.multiplied(by: average, rounding: .halfEven)
      }
      if line.kind == .order, toldFilled?.isPositive == true, source.isOwnCalls { hasNullFee = line[.fee] == nil }
      if let fee = amountOf(.fee) { toldFee = (fee.value.magnitude, line[.feeAsset] ?? fee.asset) }
    }
    if line.kind != .refused, let told = line[.status].flatMap(FieldNames.status),
      isLatest || status == nil || status == .open
    {
      // An end stands: a later answer of a slow replica may still say open.
      if told != .open || status == nil { status = told }
    }
  }
}
