import Basics
import ChaosRuntime
import Synchronization
import Trading

/// The bookkeeping behind an intent book: who is pending, how far each order has come, and which quantity was told to
/// whom.
///
/// Two threads tell of one order: the user stream, and whoever gets the answer to a query or a cancel. Each may lag
/// behind the other, repeat itself, or be lost. Four rules make that harmless, all under one lock that nobody holds
/// while waiting.
///
/// Quantities are totals of the order, never amounts of single fills. What a report adds is its total less the total
/// that is booked; so each unit goes to exactly one caller, and a report that is repeated or older adds nothing.
///
/// The phase `settling` is the ticket for an order's end, and only one caller gets it. A fill and a failure that are
/// found at once would otherwise both give back the same reservation and tell two ends of one order.
///
/// An end waits for the bookings: told by another thread before a fill is booked, it would open the symbol for a purchase
/// while nobody sees the position. Whoever books last then has the end too.
///
/// An intent that was cleared is remembered for a while: a fill that comes after the engine gave its order up is money
/// all the same.
public final class IntentTable: Sendable {
  /// Cleared intents whose late fills are still recognised.
  private static let retiredMax = 512

  private struct Table {
    var items: [PendingIntent] = []
    var retired: [PendingIntent] = []
    /// In what the venue takes fees, as far as it has told.
    var feePlaces = FeePlaces()
  }

  private let runtime: Runtime
  private let notes: EngineNotes
  private let markets: Markets
  private let table: Guarded<Table>
  private let number = Atomic<Int>(0)
  private let lostNumber = Atomic<Int>(0)
  private let estimateNumber = Atomic<Int>(0)

  /// An empty table with a lock of its own, named `intents`.
  public init(_ context: EngineContext) {
    runtime = context.runtime
    notes = context.notes
    markets = context.markets
    table = Guarded(Lock(context.runtime, "intents"), Table())
  }

  /// Pending intents, without a lock: a moment's view.
  public var count: Int { number.load(ordering: .relaxed) }

  /// Appends the intent as one whose order is not sent yet.
  public func add(_ intent: OrderIntent) throws(Stopped) {
    try table.withLock { table in
      table.items.append(PendingIntent(intent: intent, progress: OrderProgress(lastNews: runtime.now)))
      number.store(table.items.count, ordering: .relaxed)
      notes.pending(table.items)
    }
  }

  /// A copy, oldest first; takes no lock when there is none.
  public func pending() throws(Stopped) -> [PendingIntent] {
    if count == 0 { return [] }
    return try table.withLock { $0.items }
  }

  /// A copy of one pending intent; nil when it is cleared. O(pending).
  public func find(_ id: String) throws(Stopped) -> PendingIntent? {
    try table.withLock { table in table.items.first { $0.intent.id == id } }
  }

  /// Changes the progress under the lock, so that nobody sees half of a change.
  public func update(_ id: String, _ change: (inout OrderProgress) -> Void) throws(Stopped) -> PendingIntent? {
    try table.withLock { table in
      guard let index = table.items.firstIndex(where: { $0.intent.id == id }) else { return nil }
      change(&table.items[index].progress)
      notes.pending(table.items)
      return table.items[index]
    }
  }

  /// Whatever is pending has to be asked for: something may have happened of which nobody will tell.
  public func doubtAll() throws(Stopped) {
    if count == 0 { return }
    try table.withLock { table in for index in table.items.indices { table.items[index].progress.isDoubted = true } }
  }

  /// Makes the caller the one who settles the intent; nil when somebody else is, or it is gone. A lost one is settled like a
  /// pending one.
  ///
  /// - Parameter ifUntaken: nil as well when the venue has named the order.
  public func settle(_ id: String, ifUntaken: Bool = false) throws(Stopped) -> PendingIntent? {
    try table.withLock { table in
      guard let index = table.items.firstIndex(where: { $0.intent.id == id }) else { return settleLost(id, in: &table) }
      guard table.items[index].progress.phase != .settling else { return nil }
      if ifUntaken, table.items[index].progress.orderId != nil { return nil }
      table.items[index].progress.phase = .settling
      return table.items[index]
    }
  }

  /// Takes the intent out; nil when it is gone already.
  ///
  /// - Parameter asLost: its end is still to come, if it has one; nil when somebody settles it already.
  public func remove(_ id: String, asLost: Bool = false) throws(Stopped) -> PendingIntent? {
    try table.withLock { table in
      guard let index = table.items.firstIndex(where: { $0.intent.id == id }) else { return nil }
      if asLost, table.items[index].progress.phase == .settling { return nil }
      var item = table.items.remove(at: index)
      number.store(table.items.count, ordering: .relaxed)
      notes.pending(table.items)
      item.progress.isLost = asLost
      if table.retired.count == Self.retiredMax { forgetOldest(&table) }
      table.retired.append(item)
      countLost(table)
      return item
    }
  }

  /// Whether an order of that client id is or was one of the engine's.
  public func knows(_ clientOrderId: String) throws(Stopped) -> Bool {
    try table.withLock { table in
      table.items.contains { $0.intent.clientOrderId == clientOrderId }
        || table.retired.contains { $0.intent.clientOrderId == clientOrderId }
    }
  }

  /// Whether a report brings fills, or the last word on fees that are estimated, and does not say what the venue took.
  public func lacksFee(_ report: OrderReport) throws(Stopped) -> Bool {
    guard report.fee == nil, report.filledQuantity.isPositive, !report.orderId.isEmpty else { return false }
    return try table.withLock { table in
      let known =
        table.items.first { $0.intent.clientOrderId == report.clientOrderId }
        ?? table.retired.last { $0.intent.clientOrderId == report.clientOrderId }
      guard let progress = known?.progress else { return false }
      return progress.isFeeEstimated || report.filledQuantity > progress.filledQuantity
    }
  }

  /// The orders that ended with an estimated fee. Takes no lock while there is none.
  public func withEstimatedFee() throws(Stopped) -> [PendingIntent] {
    if estimateNumber.load(ordering: .relaxed) == 0 { return [] }
    return try table.withLock { table in table.retired.filter(\.progress.isFeeEstimated) }
  }

  /// Leaves the estimate of an ended order as it is: the venue does not tell.
  public func acceptEstimate(_ id: String) throws(Stopped) {
    try table.withLock { table in
      guard let index = table.retired.lastIndex(where: { $0.intent.id == id }) else { return }
      table.retired[index].progress.isFeeEstimated = false
      countLost(table)
    }
  }

  /// Whether an order of the market was given up though it may live, or what it filled all the same is being booked: until
  /// then the position is not what it seems. Takes no lock while there is none.
  ///
  /// - Parameter side: nil: on either side.
  public func hasLost(_ market: Int, _ side: Side? = nil) throws(Stopped) -> Bool {
    if lostNumber.load(ordering: .relaxed) == 0 { return false }
    return try table.withLock { table in
      table.retired.contains {
        $0.isUnsettledLate && $0.intent.market == market && (side ?? $0.intent.side) == $0.intent.side
      }
    }
  }

  /// The markets of purchases that were given up though they may live, or are being booked. Takes no lock while there is none.
  public func lostPurchases() throws(Stopped) -> Set<Int> {
    if lostNumber.load(ordering: .relaxed) == 0 { return [] }
    return try table.withLock { table in
      Set(table.retired.filter { $0.isUnsettledLate && $0.intent.side == .buy }.map(\.intent.market))
    }
  }

  private func settleLost(_ id: String, in table: inout Table) -> PendingIntent? {
    guard let index = table.retired.lastIndex(where: { $0.progress.isLost && $0.intent.id == id }) else { return nil }
    table.retired[index].progress.isLost = false
    countLost(table)
    return table.retired[index]
  }

  /// A lost one stays known, since its symbol is closed.
  private func forgetOldest(_ table: inout Table) {
    var rest = Self.retiredMax / 2
    table.retired.removeAll { item in
      guard rest > 0, !item.progress.isLost else { return false }
      rest -= 1
      return true
    }
  }

  private func countLost(_ table: Table) {
    lostNumber.store(table.retired.count(where: \.isUnsettledLate), ordering: .relaxed)
    estimateNumber.store(table.retired.count { $0.progress.isFeeEstimated }, ordering: .relaxed)
  }

  /// Takes in a report; see `IntentBook.advance`.
  public func advance(_ report: OrderReport, fill: Fill?) throws(Stopped) -> OrderAdvance? {
    try table.withLock { table in
      if let index = table.items.firstIndex(where: { $0.intent.clientOrderId == report.clientOrderId }) {
        return advance(&table.items[index], report, fill, isLate: false, &table.feePlaces)
      }
      if let index = table.retired.lastIndex(where: { $0.intent.clientOrderId == report.clientOrderId }) {
        defer { countLost(table) }
        return advance(&table.retired[index], report, fill, isLate: true, &table.feePlaces)
      }
      return nil
    }
  }

  private func advance(
    _ item: inout PendingIntent, _ report: OrderReport, _ fill: Fill?, isLate: Bool, _ feePlaces: inout FeePlaces
  ) -> OrderAdvance {
    let before = item.progress
    var after = before
    // An answer that was overtaken by an event has the smaller total; taken as news it would take a booked fill back.
    let isNewer = report.filledQuantity >= before.filledQuantity
    if isNewer {
      after.filledQuantity = report.filledQuantity
      after.filledQuote = report.filledQuote
      addFees(&after, before, item.intent, report, fill, &feePlaces)
    }
    if before.orderId == nil, !report.orderId.isEmpty { after.orderId = report.orderId }
    after.lastNews = runtime.now
    after.notFoundCount = 0
    // What no table has may mean the order's end.
    if report.status == .unknown { after.isDoubted = true }
    // A filled order is settled by whoever took in its last fill; for every other end the caller asks `settle` for the
    // ticket.
    let isUnsettled = before.phase != .settling && (!isLate || before.isLost)
    let isEnd = isUnsettled && report.status.isTerminal
    let endsOrder = isEnd && before.bookings == 0
    if isEnd, !endsOrder { after.heldEnd = report.status }
    if before.phase != .settling { after.phase = isEnd && report.status == .filled ? .settling : .acknowledged }
    if after.phase == .settling { after.isLost = false }
    item.progress = after
    let advance = OrderAdvance(
      pending: item, quantity: after.filledQuantity - before.filledQuantity,
      quote: after.filledQuote - before.filledQuote, feeQuote: after.feeQuote - before.feeQuote,
      feeBase: after.feeBase - before.feeBase, isFirstNews: before.orderId == nil && after.orderId != nil,
      endsOrder: endsOrder, isLate: isLate)
    if advance.isBooking { item.progress.bookings += 1 }
    return advance
  }

  /// Takes one booking as done; see `IntentBook.booked`.
  public func booked(_ clientOrderId: String) throws(Stopped) -> (pending: PendingIntent, status: OrderStatus)? {
    try table.withLock { table in
      if let index = table.items.firstIndex(where: { $0.intent.clientOrderId == clientOrderId }) {
        return Self.booked(&table.items[index])
      }
      guard let index = table.retired.lastIndex(where: { $0.intent.clientOrderId == clientOrderId }) else { return nil }
      defer { countLost(table) }
      return Self.booked(&table.retired[index])
    }
  }

  private static func booked(_ item: inout PendingIntent) -> (pending: PendingIntent, status: OrderStatus)? {
    item.progress.bookings -= 1
    guard item.progress.bookings == 0, let end = item.progress.heldEnd else { return nil }
    item.progress.heldEnd = nil
    return (item, end)
  }

  private func addFees(
    _ after: inout OrderProgress, _ before: OrderProgress, _ intent: OrderIntent, _ report: OrderReport, _ fill: Fill?,
    _ feePlaces: inout FeePlaces
  ) {
    if after.takeFee(of: report, fill, since: before, intent) {
      feePlaces.learn(after.feeAsset, of: intent)
    } else if after.filledQuantity > before.filledQuantity {
      runtime.landmark(.fillWithoutFee)
      let rules = markets.rules(intent.market)
      let place = feePlaces.place(of: intent, rules)
      after.estimateFee(since: before, intent, rate: rules?.takerFee ?? .zero, in: place)
    }
  }
}

extension PendingIntent {
  /// Of one that was cleared: whether its position may still change by it.
  fileprivate var isUnsettledLate: Bool { progress.isLost || progress.bookings > 0 }
}
