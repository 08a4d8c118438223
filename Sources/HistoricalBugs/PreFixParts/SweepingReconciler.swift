import Basics
import Synchronization
import Trading
import TradingEngine

/// The reconciler until the fixes of ACK-1 and CXL-1: one thread looks after all orders, one after the other.
///
/// Three answers "unknown order" end an order, whoever took it before. A cancel that the venue refuses counts as made: the query
/// behind it may say that the order is open, and nobody cancels it again.
final class SweepingReconciler: Reconciler {
  private static let interval = Duration.milliseconds(500)
  private static let notFoundMax = 3
  /// How long an order that was given up is still asked for, and how often.
  private static let suspicion = Duration.seconds(60)
  private static let suspicionInterval = Duration.seconds(10)

  private struct Suspect {
    let intent: OrderIntent
    let until: Instant
    var next: Instant
  }

  private let context: EngineContext
  private let gate: any ExchangeGate
  private let intents: any IntentBook
  private let router: any OrderRouter
  private let fills: any FillHandler
  /// Intents whose order was asked back.
  private let canceled = Mutex<[String]>([])
  private let suspects = Mutex<[Suspect]>([])

  init(_ parts: EngineAssembly) {
    context = parts.context
    gate = parts.exchange
    intents = parts.intents
    router = parts.router
    fills = parts.fills
  }

  func run() throws(Stopped) {
    while try !context.stopping.wait(until: context.runtime.now + Self.interval) { try sweep() }
  }

  func sweep() throws(Stopped) {
    for item in try intents.pending() { try look(at: item) }
    try lookAtSuspects()
  }

  private func look(at item: PendingIntent) throws(Stopped) {
    let settings = context.settings
    let now = context.runtime.now
    let age = now - item.intent.startedAt
    let silence = now - item.progress.lastNews
    switch item.progress.phase {
    case .created: if age > settings.intentStaleThreshold { try router.fail(item.intent.id, .stale) }
    case .acknowledged, .unknown:
      if age > settings.orderTimeToLive, !canceled.withLock({ $0.contains(item.intent.id) }) {
        try cancel(item.intent)
      } else if silence >= settings.reconcileAfter {
        context.runtime.landmark(.silentOrder)
        try query(item.intent)
      }
    case .placing, .settling: return
    }
  }

  private func query(_ intent: OrderIntent) throws(Stopped) {
    switch try gate.queryOrder(symbol: intent.symbol, clientOrderId: intent.clientOrderId) {
    case .success(let report):
      if !report.status.isTerminal { context.runtime.landmark(.orderStillOpen) }
      try fills.apply(report, from: .query)
    case .failure(.venue(let error)) where error.kind == .unknownOrder: try notFound(intent)
    case .failure: break
    }
  }

  private func notFound(_ intent: OrderIntent) throws(Stopped) {
    let now = context.runtime.now
    let item = try intents.update(intent.id) { progress in
      progress.notFoundCount += 1
      progress.lastNews = now
    }
    guard let progress = item?.progress else { return }
    if progress.orderId != nil { context.runtime.landmark(.takenOrderUnknown) }
    guard progress.notFoundCount >= Self.notFoundMax else { return }
    suspects.withLock {
      $0.append(Suspect(intent: intent, until: now + Self.suspicion, next: now + Self.suspicionInterval))
    }
    try router.fail(
      intent.id, OrderFailure(code: "NOT_FOUND", text: "UnknownOutcome:NOT_FOUND:the venue does not know the order"))
  }

  private func cancel(_ intent: OrderIntent) throws(Stopped) {
    switch try gate.cancelOrder(symbol: intent.symbol, clientOrderId: intent.clientOrderId) {
    case .success(let report):
      canceled.withLock { $0.append(intent.id) }
      try fills.apply(report, from: .cancelReply)
    case .failure(.venue(let error)) where error.isPermanent:
      // Ended already, or never there: the query tells which, it was thought.
      canceled.withLock { $0.append(intent.id) }
      try query(intent)
    case .failure: try query(intent)
    }
  }

  private func lookAtSuspects() throws(Stopped) {
    let now = context.runtime.now
    let due = suspects.withLock { list in
      list.removeAll { $0.until < now }
      var found: [OrderIntent] = []
      for index in list.indices where list[index].next <= now {
        list[index].next = now + Self.suspicionInterval
        found.append(list[index].intent)
      }
      return found
    }
    for intent in due {
      let reply = try gate.queryOrder(symbol: intent.symbol, clientOrderId: intent.clientOrderId)
      guard case .success(let report) = reply else { continue }
      try fills.apply(report, from: .query)
      guard !report.status.isTerminal else {
        suspects.withLock { $0.removeAll { $0.intent.id == intent.id } }
        continue
      }
      let answer = try gate.cancelOrder(symbol: intent.symbol, clientOrderId: intent.clientOrderId)
      if case .success(let report) = answer { try fills.apply(report, from: .cancelReply) }
    }
  }
}
