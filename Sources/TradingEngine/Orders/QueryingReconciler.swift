import Basics
import Synchronization
import Trading

/// Asks the venue about every order that is silent, unknown or old; nothing is cleared without the venue's word.
final class QueryingReconciler: Reconciler {
  /// Time between two looks at the intents.
  private static let interval = Duration.milliseconds(500)
  /// Times that the venue may not know an order before it counts as failed: its placing may still be on the way.
  private static let notFoundMax = 3
  /// How long an order that was given up is still asked for, and how often.
  private static let suspicion = Duration.seconds(60)
  private static let suspicionInterval = Duration.seconds(10)
  private static let suspectsMax = 64

  /// An order that the venue did not know: should it turn up after all, it is canceled and its fills are booked.
  private struct Suspect {
    let intent: OrderIntent
    let until: Instant
    var next: Instant
  }

  private let context: EngineContext
  private let log: EventLog
  private let gate: any ExchangeGate
  private let intents: any IntentBook
  private let router: any OrderRouter
  private let fills: any FillHandler
  private let suspects = Mutex<[Suspect]>([])

  init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    gate = parts.exchange
    intents = parts.intents
    router = parts.router
    fills = parts.fills
  }

  func run() throws(Stopped) {
    while try !context.stopping.wait(until: context.runtime.now + Self.interval) { try sweep() }
  }

  func sweep() throws(Stopped) {
    if intents.count > 0 {
      var stale: [String] = []
      for item in try intents.pending() {
        if try look(at: item) { stale.append(item.intent.id) }
      }
      if !stale.isEmpty {
        try log(
          .warning, .staleIntentCleanup,
          [LogField(.count, .integer(stale.count)), LogField(.intents, .texts(stale))])
      }
    }
    try lookAtSuspects()
  }

  /// Does what the order needs; true when the intent was stale and is cleared.
  private func look(at item: PendingIntent) throws(Stopped) -> Bool {
    let settings = context.settings
    let now = context.runtime.now
    let age = now - item.intent.startedAt
    let silence = now - item.progress.lastNews
    let isStale = age > settings.intentStaleThreshold
    switch item.progress.phase {
    case .created:
      guard isStale else { return false }
      try router.fail(item.intent.id, .stale)
      return try recordStale(item, age)
    case .settling:
      guard isStale, silence > settings.intentStaleThreshold else { return false }
      guard try intents.clear(item.intent.id, reason: .stale) else { return false }
      context.metrics.recordStaleIntent(ageSeconds: age.seconds)
      return true
    case .placing: return false
    case .acknowledged, .unknown:
      if age > settings.orderTimeToLive, !item.progress.isCancelAsked {
        try cancel(item)
      } else if silence >= settings.reconcileAfter {
        context.runtime.landmark(.silentOrder)
        try query(item)
      }
      return false
    }
  }

  private func recordStale(_ item: PendingIntent, _ age: Duration) throws(Stopped) -> Bool {
    guard try intents.find(item.intent.id) == nil else { return false }
    context.metrics.recordStaleIntent(ageSeconds: age.seconds)
    return true
  }

  private func query(_ item: PendingIntent) throws(Stopped) {
    let intent = item.intent
    switch try gate.queryOrder(symbol: intent.symbol, clientOrderId: intent.clientOrderId) {
    case .success(let report):
      if !report.status.isTerminal { context.runtime.landmark(.orderStillOpen) }
      if item.progress.phase == .unknown {
        try log(
          .info, .reconcileUnknownResolved,
          [
            LogField(.clientOrderId, .text(intent.clientOrderId)),
            LogField(.status, .text(report.status.rawValue)),
          ])
      }
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
    guard let item, item.progress.notFoundCount >= Self.notFoundMax else { return }
    suspects.withLock { list in
      if list.count == Self.suspectsMax { list.removeFirst() }
      list.append(Suspect(intent: intent, until: now + Self.suspicion, next: now + Self.suspicionInterval))
    }
    try router.fail(intent.id, .notFound)
  }

  private func cancel(_ item: PendingIntent) throws(Stopped) {
    let intent = item.intent
    switch try gate.cancelOrder(symbol: intent.symbol, clientOrderId: intent.clientOrderId) {
    case .success(let report):
      try intents.update(intent.id) { $0.isCancelAsked = true }
      try fills.apply(report, from: .cancelReply)
    case .failure(.venue(let error)) where error.isPermanent:
      // Ended already, or never there: the query tells which.
      try intents.update(intent.id) { $0.isCancelAsked = true }
      try query(item)
    case .failure: try query(item)
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
      if report.status.isTerminal {
        suspects.withLock { $0.removeAll { $0.intent.id == intent.id } }
        continue
      }
      let canceled = try gate.cancelOrder(symbol: intent.symbol, clientOrderId: intent.clientOrderId)
      if case .success(let report) = canceled { try fills.apply(report, from: .cancelReply) }
    }
  }
}
