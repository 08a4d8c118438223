import Basics
import Trading

/// Reads the account's events until the shutdown has looked after the open orders.
final class UserStream: EnginePart {
  /// How often the end is looked for while no event comes.
  private static let interval = Duration.milliseconds(500)
  /// The same once the shutdown has begun; it waits for this.
  private static let endInterval = Duration.milliseconds(100)

  private let context: EngineContext
  private let fills: any FillHandler

  init(_ parts: EngineAssembly) {
    context = parts.context
    fills = parts.fills
  }

  func start(on threads: EngineThreads) throws(Stopped) {
    try threads.keep(.userStream) { [self] () throws(Stopped) in try run() }
  }

  private func run() throws(Stopped) {
    let events = context.client.userEvents
    while !context.stopping.isDrained {
      let interval = context.stopping.isRequested ? Self.endInterval : Self.interval
      if let event = try events.receive(timeout: interval) {
        try fills.handle(event)
      } else if events.isClosed {
        return
      }
    }
  }
}
