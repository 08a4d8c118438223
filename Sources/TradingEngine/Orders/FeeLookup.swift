import Basics
import Synchronization
import Trading

/// Asks for an order's trades where an answer tells of fills and not of what the venue took for them: Binance names fees in
/// trades alone.
final class FeeLookup: Sendable {
  /// From one question about an ended order to the next.
  private static let interval = Duration.seconds(10)
  /// Questions about an ended order whose fee no answer tells; then the estimate stays.
  private static let questionsMax = 6

  private let gate: any ExchangeGate
  private let intents: IntentTable
  private let context: EngineContext
  /// By intent: when its trades are asked for again, and how often they were.
  private let asked = Mutex<[String: (next: Instant, count: Int)]>([:])

  init(_ parts: EngineAssembly) {
    gate = parts.exchange
    intents = parts.intentTable
    context = parts.context
  }

  /// Has a report booked, and then its fee, where only the trades tell that: no fill waits for them.
  func book(_ report: OrderReport, from source: NewsSource, by fills: any FillHandler) throws(Stopped) {
    try fills.apply(report, from: source)
    let completed = try completed(report)
    if report.fee == nil, completed.fee != nil { try fills.apply(completed, from: source) }
  }

  /// The report with its fee, where it needs one and the venue tells it.
  func completed(_ report: OrderReport) throws(Stopped) -> OrderReport {
    guard try intents.lacksFee(report) else { return report }
    context.runtime.landmark(.fillWithoutFee)
    let answer = try gate.trades(
      symbol: report.symbol, orderId: report.orderId, clientOrderId: report.clientOrderId)
    guard case .success(let fills) = answer, let fee = Self.fee(of: fills, report) else {
      return report
    }
    var report = report
    report.fee = fee
    return report
  }

  /// Ended orders whose fee is estimated and to be asked for now.
  func due(at now: Instant) throws(Stopped) -> [PendingIntent] {
    let open = try intents.withEstimatedFee()
    guard !open.isEmpty else { return [] }
    var due: [PendingIntent] = []
    var given: [String] = []
    asked.withLock { asked in
      asked = asked.filter { id, _ in open.contains { $0.intent.id == id } }
      for item in open {
        let last = asked[item.intent.id] ?? (now, 0)
        guard last.next <= now else { continue }
        if last.count == Self.questionsMax {
          given.append(item.intent.id)
        } else {
          asked[item.intent.id] = (now + Self.interval, last.count + 1)
          due.append(item)
        }
      }
    }
    for id in given { try intents.acceptEstimate(id) }
    return due
  }

  /// What an ended order is known to have done, for its fee to be looked up; it tells no end.
  static func report(of item: PendingIntent, at now: Instant) -> OrderReport {
    let (intent, progress) = (item.intent, item.progress)
    return OrderReport(
      orderId: progress.orderId ?? "", clientOrderId: intent.clientOrderId, symbol: intent.symbol, side: intent.side,
      status: .partiallyFilled, price: intent.price, quantity: intent.quantity,
      filledQuantity: progress.filledQuantity, filledQuote: progress.filledQuote, fee: nil, updatedAt: now)
  }

  /// What the trades that make up the report's quantity cost; nil where they do not. Where a token of the venue ran out in the
  /// middle of an order, what was paid in the order's own market is its cost.
  private static func fee(of fills: [Fill], _ report: OrderReport) -> Fee? {
    let quantity = report.filledQuantity
    var sum = Decimal.zero
    var part: [Fill] = []
    for fill in fills where sum < quantity {
      sum += fill.quantity
      part.append(fill)
    }
    guard sum == quantity, part.allSatisfy({ $0.fee != nil }) else { return nil }
    let own = part.filter { fill in
      fill.fee.map { $0.asset == report.symbol.quote || $0.asset == report.symbol.base } ?? false
    }
    return Fill.fee(of: own.isEmpty ? part : own)
  }
}
