import Basics
import Trading

/// Reads the account's events until the shutdown has looked after the open orders, and keeps the connection that brings them.
///
/// A connection that is lost is opened again, with growing pauses; one that tells nothing while the venue's answers bring news that
/// it should have told is taken for lost. What happened meanwhile is asked for: every order, as soon as the connection stands.
final class UserStream: EnginePart {
  /// How often the end is looked for while no event comes.
  private static let interval = Duration.milliseconds(500)
  /// The same once the shutdown has begun; it waits for this.
  private static let endInterval = Duration.milliseconds(100)
  /// Pause before the second try to open a connection; doubles with each, up to `pauseMax`.
  private static let pause = Duration.seconds(1)
  private static let pauseMax = Duration.seconds(30)
  /// News by other ways, and nothing at all on this one for so long: it is dead.
  private static let silenceMax = Duration.seconds(10)
  /// The key is renewed at half of the hour that it lives.
  private static let renewal = Duration.seconds(1800)

  private let context: EngineContext
  private let log: EventLog
  private let fills: any FillHandler
  private let gate: any ExchangeGate
  private let intents: IntentTable

  init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    fills = parts.fills
    gate = parts.exchange
    intents = parts.intentTable
  }

  func start(on threads: EngineThreads) throws(Stopped) {
    try threads.keep(.userStream) { [self] () throws(Stopped) in try run() }
  }

  private func run() throws(Stopped) {
    let events = context.client.userEvents
    var renewal = context.runtime.now + Self.renewal
    var heard = context.runtime.now
    while !context.stopping.isDrained {
      let interval = context.stopping.isRequested ? Self.endInterval : Self.interval
      if let event = try events.receive(timeout: interval) {
        heard = context.runtime.now
        guard case .stream(let news) = event else {
          try fills.handle(event)
          continue
        }
        try take(news)
        heard = context.runtime.now
      } else if events.isClosed {
        return
      }
      let now = context.runtime.now
      if context.streamDoubt.isConfirmed(since: heard, for: Self.silenceMax, at: now) {
        try reopen("silent")
        heard = context.runtime.now
      } else if now >= renewal {
        renewal = now + Self.renewal
        guard case .failure(.venue) = try gate.renewStream() else { continue }
        try reopen("the key cannot be renewed")
        heard = context.runtime.now
      }
    }
  }

  private func take(_ news: StreamNews) throws(Stopped) {
    switch news {
    case .lost(let why): try reopen(why)
    case .unreadable:
      try log(.warning, .streamLost, [LogField(.reason, "unreadable"), LogField(.isOpen, .flag(true))])
      try intents.doubtAll()
    }
  }

  private func reopen(_ why: String) throws(Stopped) {
    context.toldBalances.forget()
    try log(.warning, .streamLost, [LogField(.reason, .text(why)), LogField(.isOpen, .flag(false))])
    var pause = Self.pause
    var attempts = 1
    while true {
      if case .success = try gate.openStream() { break }
      if try context.stopping.wait(until: context.runtime.now + pause) { return }
      pause = min(pause + pause, Self.pauseMax)
      attempts += 1
    }
    try log(.info, .streamOpened, [LogField(.attempts, .integer(attempts))])
    context.foreignOrders.doubt(from: context.runtime.now)
    try intents.doubtAll()
  }
}
