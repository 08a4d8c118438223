import Basics
import Trading

/// Logs the first order that is filled, and how long after the start: whoever deploys waits for that line.
final class FirstFillReport: EnginePart {
  private let context: EngineContext

  init(_ context: EngineContext) { self.context = context }

  func wire() throws(Stopped) {
    context.bus.subscribeOnce(.orderFilled, on: .publisher) { [context] event throws(Stopped) in
      guard case .orderFilled(let filled) = event else { return }
      context.runtime.landmark(.firstFill)
      let age = context.runtime.now - context.startedAt
      try context.log(
        .info, .firstFill,
        [
          LogField(.intentId, .text(filled.intentId)), LogField(.symbol, .symbol(filled.symbol)),
          LogField(.afterS, .number(age.seconds)),
        ])
    }
  }
}
