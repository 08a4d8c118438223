import Basics
import ChaosRuntime
import Checks
import Trading
import TradingEngine

/// How pre-fix gates make a call: the client is told to give up after EXCHANGE_TIMEOUT_S, and a call that does not listen
/// keeps whoever made it.
private protocol SerialGate: ExchangeGate {
  var context: EngineContext { get }

  /// Makes one call, one at a time.
  func serially<Reply: Sendable>(
    _ call: @escaping @Sendable (any ExchangeClient, Instant) throws(Stopped) -> Result<Reply, CallFailure>
  ) throws(Stopped) -> Result<Reply, CallFailure>
}

extension SerialGate {
  func placeOrder(
    _ request: OrderRequest, late: @escaping LateAnswer
  ) throws(Stopped) -> Result<OrderAck, CallFailure> {
    try serially { client, due throws(Stopped) in try client.placeOrder(request, deadline: due) }
  }

  func cancelOrder(symbol: Symbol, clientOrderId: String) throws(Stopped) -> Result<OrderReport, CallFailure> {
    try serially { client, due throws(Stopped) in
      try client.cancelOrder(symbol: symbol, clientOrderId: clientOrderId, deadline: due)
    }
  }

  func queryOrder(symbol: Symbol, clientOrderId: String) throws(Stopped) -> Result<OrderReport, CallFailure> {
    try serially { client, due throws(Stopped) in
      try client.queryOrder(symbol: symbol, clientOrderId: clientOrderId, deadline: due)
    }
  }

  func trades(
    symbol: Symbol, orderId: String, clientOrderId: String
  ) throws(Stopped) -> Result<[Fill], CallFailure> {
    try serially { client, due throws(Stopped) in
      try client.trades(symbol: symbol, orderId: orderId, clientOrderId: clientOrderId, deadline: due)
    }
  }

  func openOrders() throws(Stopped) -> Result<[OrderReport], CallFailure> {
    try serially { client, due throws(Stopped) in try client.openOrders(deadline: due) }
  }

  func balances() throws(Stopped) -> Result<[Balance], CallFailure> {
    try serially { client, due throws(Stopped) in try client.balances(deadline: due) }
  }

  func quotes(_ symbols: [Symbol]) throws(Stopped) -> Result<[Quote], CallFailure> {
    try serially { client, due throws(Stopped) in try client.quotes(symbols, deadline: due) }
  }

  func marketRules() throws(Stopped) -> Result<[MarketRules], CallFailure> {
    try serially { client, due throws(Stopped) in try client.marketRules(deadline: due) }
  }

  func close() throws(Stopped) {}
}

/// C-ADAPTER-01 as it was: one lock around every call, network included.
private final class GlobalLockGate: SerialGate {
  let context: EngineContext
  private let http: Lock

  init(_ parts: EngineAssembly) {
    context = parts.context
    http = Lock(context.runtime, "http")
  }

  func serially<Reply: Sendable>(
    _ call: @escaping @Sendable (any ExchangeClient, Instant) throws(Stopped) -> Result<Reply, CallFailure>
  ) throws(Stopped) -> Result<Reply, CallFailure> {
    return try http.withLock { () throws(Stopped) in
      try call(context.client, context.runtime.now + context.settings.exchangeTimeout)
    }
  }
}

/// The fix of 158ca11: a thread for every call takes the lock and calls, and the caller waits ten seconds for it.
///
/// Nobody tells the thread that its caller has gone. One that hangs keeps the lock, those behind it wait for the lock, and
/// each makes its call when its turn comes, however late.
private final class OrphaningGate: SerialGate {
  /// A call's reply on its way to a caller that may have left; guarded by its lock.
  private final class Box<Reply: Sendable>: @unchecked Sendable {
    let lock: Lock
    let ended: Condition
    var reply: Result<Reply, CallFailure>?

    init(_ runtime: Runtime) {
      lock = Lock(runtime, "http-call")
      ended = Condition(lock, "http-call ended")
    }
  }

  let context: EngineContext
  private let http: Lock

  init(_ parts: EngineAssembly) {
    context = parts.context
    http = Lock(context.runtime, "http")
  }

  func serially<Reply: Sendable>(
    _ call: @escaping @Sendable (any ExchangeClient, Instant) throws(Stopped) -> Result<Reply, CallFailure>
  ) throws(Stopped) -> Result<Reply, CallFailure> {
    let box = Box<Reply>(context.runtime)
    let limit = context.runtime.now + context.settings.exchangeTimeout
    try context.threads.start("http-worker") { [context, http] () throws(Stopped) in
      let reply = try http.withLock { () throws(Stopped) in
        try call(context.client, context.runtime.now + context.settings.exchangeTimeout)
      }
      try box.lock.withLock {
        box.reply = reply
        box.ended.signal()
      }
    }
    return try box.lock.withLock { () throws(Stopped) in
      while box.reply == nil {
        if try !box.ended.wait(until: limit), box.reply == nil { return .failure(.unknownOutcome("deadline")) }
      }
      return box.reply ?? .failure(.unknownOutcome("deadline"))
    }
  }
}

/// The router of that time: a call without an answer is a failed one, whatever its thread still does.
private final class BelievingRouter: OrderRouter {
  private let context: EngineContext
  private let sending: RetryLoop
  private let placing: OrderPlacing

  init(_ parts: EngineAssembly) {
    context = parts.context
    sending = RetryLoop(parts)
    placing = OrderPlacing(parts)
  }

  func submit(_ intent: OrderIntent) throws(Stopped) {
    if context.stopping.isRequested { return try fail(intent.id, .shutdown) }
    guard let failure = try sending.send(intent) else { return }
    try fail(intent.id, failure)
  }

  func fail(_ id: String, _ failure: OrderFailure) throws(Stopped) {
    try placing.fail(id, failure)
  }
}

/// The fill handler of that time: a fill whose intent is gone belongs to nobody.
private final class PendingOnlyFills: FillHandler {
  private let intents: any IntentBook
  private let inner: CumulativeFills

  init(_ parts: EngineAssembly) {
    intents = parts.intents
    inner = CumulativeFills(parts)
  }

  func handle(_ event: UserEvent) throws(Stopped) {
    let report: OrderReport
    switch event {
    case .accepted(let its), .canceled(let its), .trade(_, let its), .rejected(let its, _): report = its
    case .balance, .stream: return
    }
    if try isPending(report) { try inner.handle(event) }
  }

  func apply(_ report: OrderReport, from source: NewsSource) throws(Stopped) {
    if try isPending(report) { try inner.apply(report, from: source) }
  }

  private func isPending(_ report: OrderReport) throws(Stopped) -> Bool {
    try intents.pending().contains { $0.intent.clientOrderId == report.clientOrderId }
  }
}

extension HistoricalBug {
  /// C-ADAPTER-01: one lock around all calls to the venue.
  static let gateLock = HistoricalBug(
    id: "C-ADAPTER-01", title: "one lock around every call to the venue", standing: .observed,
    story: """
      Three clients shared one lock and held it while the network worked, so that a call that does not return stops every \
      other: no quotes, no orders, no cancels. In the field it showed as queues of one or two threads behind a slow call, \
      17 times in 115 dumps, and always went on. 158ca11 gave each call a thread that takes the lock, and the caller ten \
      seconds. The lock was still held over the network: once a call hangs, every later one fails after ten seconds and \
      leaves a thread behind that waits for the lock. Three hours later ec5460e took it back. What nobody had seen is the \
      order among those threads: it is sent when the lock comes free, long after the router wrote it down as failed (the \
      revision ghost-order, with the router and the fill handler of that time).
      """,
    evidence: [
      "17 of 115 dumps show one or two threads that wait for the http lock behind a third; the holder changes (HISTORY 3)",
      "158ca11 (16:10): a worker takes the lock, the caller waits 10 s; ec5460e (19:05): reverted, HTTP_TIMEOUT_HINT only",
      "the time-out of 10 s lay inside the lock, and the engine, the market data and the screen shared it",
      "handle_router_fill drops a fill whose intent is gone (HISTORY 1.2)",
    ],
    provokedBy: ["lock-contention"],
    revisions: [
      Revision("original", "makes every call on the caller's thread under one lock") {
        $0.gate = { GlobalLockGate($0) }
      },
      Revision("orphaned-worker", "a thread per call takes the lock; its caller leaves after 10 s, the thread does not")
      {
        $0.gate = { OrphaningGate($0) }
      },
      Revision("ghost-order", "the same, and the order of a caller that left is sent when nobody expects it any more") {
        $0.gate = { OrphaningGate($0) }
        $0.router = { BelievingRouter($0) }
        $0.fills = { PendingOnlyFills($0) }
        $0.reconciler = { _ in AbsentReconciler() }
      },
      .fixed("each kind of call has its own worker, no lock is held over a call, and an unknown outcome is asked for"),
    ],
    landmarks: [.callBesideASlowOne], signature: .exchangeCallsBounded, isTimeSignature: true,
    consequences: [.feedAlive, .intentsSettled],
    fieldSigns: """
      quotes stop, ORDER_SENT has no ORDER_ACK, and threads wait for the lock http; with the threads of the first fix: \
      MD_POLL_FAILED and ORDER_FAILED after exactly 10 s, and one more http-worker with every call
      """,
    inTheField: FieldHypothesis(
      oneOf: [.callsStalled, .callUnanswered],
      allows: [.latePolls, .boughtOnOldQuotes, .pollsEnd, .staleForGood, .heartbeatsAlone, .hang],
      forbids: [.refreshBlocked]),
    signs: { record in
      let slow = record.events(.exchangeCallSlow)
      let longest = slow.compactMap { $0.number(.tookMs) }.max() ?? 0
      let failed = Set(record.events(.orderFailed).compactMap { $0.text(.clientOrderId) })
      let ghosts = record.orders.count { failed.contains($0.clientOrderId) && $0.filledQuantity.isPositive }
      return [
        ("callers kept beyond 10 s", slow.count), ("longest call ms", Int(longest)),
        ("http-worker threads", record.run.threads.count { $0.name.hasPrefix("http-worker") }),
        ("failed here, filled at the venue", ghosts),
      ]
    },
    scenario: { gateLockMarket.scenario($0) })

  /// A refresh every 5 s and a drop every 2.5 s. The main loop looks as seldom as quotes come, so that a refresh often lies
  /// between new quotes and the order they lead to; an order that is not answered in time is not sent again.
  private static let gateLockMarket = ProofMarket(
    name: "calls-beside-a-hang", duration: .seconds(60),
    waves: [.init(from: .milliseconds(4001), every: .milliseconds(2500), count: 16)],
    settings: [
      (.budgetRefreshIntervalS, "5"), (.engineCycleMs, "2500"), (.maxConcurrentPositions, "100"),
      (.sl, "0.5"),
      (.routerMaxRetries, "0"),
    ])
}
