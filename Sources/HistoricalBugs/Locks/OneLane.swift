import Basics
import Trading
import TradingEngine

/// The gate as it was: purchases and sales are placed on one lane, one at a time.
private final class OneLaneGate: ExchangeGate {
  /// How much earlier than its caller the client is told to give up.
  private static let margin = Duration.milliseconds(50)

  private let context: EngineContext
  private let inner: DeadlineGate
  private let place: CallLane<OrderAck>

  init(_ parts: EngineAssembly) {
    context = parts.context
    inner = DeadlineGate(parts)
    place = CallLane(context, .exchangePlace)
  }

  func placeOrder(
    _ request: OrderRequest, late: @escaping LateAnswer
  ) throws(Stopped) -> Result<OrderAck, CallFailure> {
    let client = context.client
    let limit = context.runtime.now + context.settings.exchangeTimeout
    let deadline = Instant(nanoseconds: limit.nanoseconds - Self.margin.nanoseconds)
    return try place.call(until: limit, late: late) { () throws(Stopped) in
      try client.placeOrder(request, deadline: deadline)
    }
  }

  func cancelOrder(symbol: Symbol, clientOrderId: String) throws(Stopped) -> Result<OrderReport, CallFailure> {
    try inner.cancelOrder(symbol: symbol, clientOrderId: clientOrderId)
  }

  func queryOrder(symbol: Symbol, clientOrderId: String) throws(Stopped) -> Result<OrderReport, CallFailure> {
    try inner.queryOrder(symbol: symbol, clientOrderId: clientOrderId)
  }

  func trades(
    symbol: Symbol, orderId: String, clientOrderId: String
  ) throws(Stopped) -> Result<[Fill], CallFailure> {
    try inner.trades(symbol: symbol, orderId: orderId, clientOrderId: clientOrderId)
  }

  func openOrders() throws(Stopped) -> Result<[OrderReport], CallFailure> { try inner.openOrders() }

  func balances() throws(Stopped) -> Result<[Balance], CallFailure> { try inner.balances() }

  func quotes(_ symbols: [Symbol]) throws(Stopped) -> Result<[Quote], CallFailure> { try inner.quotes(symbols) }

  func marketRules() throws(Stopped) -> Result<[MarketRules], CallFailure> { try inner.marketRules() }

  func synchronizeClock() throws(Stopped) -> Result<Duration, CallFailure> { try inner.synchronizeClock() }

  func openStream() throws(Stopped) -> Result<Instant, CallFailure> { try inner.openStream() }

  func renewStream() throws(Stopped) -> Result<Instant, CallFailure> { try inner.renewStream() }

  func hurry(placing: Instant, others: Instant) throws(Stopped) {
    try place.hurry(until: placing)
    try inner.hurry(placing: placing, others: others)
  }

  func close() throws(Stopped) {
    try place.close()
    try inner.close()
  }
}

extension HistoricalBug {
  /// LANE-1: sales are placed on the lane of the purchases, and two of those hang.
  static let oneLane = HistoricalBug(
    id: "LANE-1", title: "two purchases that hang freeze every sale", standing: .reportedElsewhere,
    story: """
      What C-ADAPTER-01 became when its lock was taken apart: each kind of call has a worker with a deadline, and placing an \
      order is one kind. One purchase that never returns costs its caller ten seconds; the second one takes the spare worker as \
      well. From then on no order can be placed, and that includes the sales: every stop fails unsent, for as long as the venue \
      keeps the two sockets open. Whoever gave each call a deadline had thought of the caller that waits, not of who comes \
      after it. The engine did this until it was mended.
      """,
    evidence: [
      "ccxt#19079: create_order hangs and everything else goes on; ccxt#5486, #10209: a call that never returns, time-out or not",
      "C-ADAPTER-01: one call that does not return stops every other (HISTORY 1.5); its fix of 158ca11 kept one lane for all",
      "this engine under the fault: behind the second call every sale failed with \"not sent: two calls hang\"",
    ],
    provokedBy: ["hung-orders"],
    revisions: [
      Revision("original", "places purchases and sales on one lane, which two calls without an answer close") {
        $0.gate = { OneLaneGate($0) }
      },
      .fixed("sales have lanes of their own, as many as symbols; what gets out of the market waits for nothing else"),
    ],
    landmarks: [.callBesideASlowOne, .outcomeUnknown], signature: .exitsOffered, isTimeSignature: true,
    effects: [
      PartEffect("C-ADAPTER-01/gate", turns: "LANE-1", .red, why: "a call that hangs keeps every other call waiting"),
      PartEffect(
        "DUP-2/entryGuard", turns: "LANE-1", .either, why: "a purchase that hangs is no position: another follows"),
      PartEffect("FILL-1/fills", turns: "LANE-1", .either, why: "what a call that hangs has bought is known late"),
      PartEffect("FILL-3/fills", turns: "LANE-1", .either, why: "what a call that hangs has bought is known late"),
      PartEffect("C-INFRA-01/bus", turns: "LANE-1", .either, why: "the main loop waits for every call that hangs"),
      PartEffect("C-INFRA-01-lock/bus", turns: "LANE-1", .either, why: "the main loop waits for every call that hangs"),
    ]
      + ["9.1", "9.2", "INT-2", "FILL-3", "R-1", "H-SERV-01", "H-SERV-01-unknown"].map {
        PartEffect("\($0)/router", turns: "LANE-1", .either, why: "a call without an answer is a failure to it")
      },
    fieldSigns: """
      two ORDER_OUTCOME_UNKNOWN of purchases, then ORDER_FAILED of every sale with "not sent"; the venue never had them
      """,
    inTheField: FieldHypothesis(predicts: [.salesUnsent], allows: [.buysByRound, .boughtAgain]),
    signs: { record in
      let sales = record.events(.orderSent).filter { $0.text(.side) == "sell" }
      return [("sales in the log", sales.count), ("sales at the venue", record.orders.count { $0.side == "sell" })]
    },
    scenario: { oneLaneMarket.scenario($0) })

  /// Every position is to be sold at once: a stop just below the price takes the spread for a loss.
  private static let oneLaneMarket = ProofMarket(
    name: "one-lane", duration: .seconds(60),
    waves: [
      .init(from: .milliseconds(1), every: .milliseconds(2499), count: 1),
      .init(from: .milliseconds(6001), every: .milliseconds(2500), count: 11),
    ],
    settings: [(.maxConcurrentPositions, "100"), (.tp, "2"), (.sl, "0.9999"), (.exitRetryS, "3")])
}
