import Basics
import Trading

/// Logs the first order that is filled, and how long after the start: whoever deploys waits for that line.
final class FirstFillReport: EnginePart {
  init(_ parts: EngineAssembly) {
    let (context, log) = (parts.context, parts.events)
    guard context.settings.firstFillReport else { return }
    parts.bus.subscribeOnce(.orderFilled, on: .publisher) { event throws(Stopped) in
      guard case .orderFilled(let filled) = event else { return }
      context.runtime.landmark(.firstFill)
      let age = context.runtime.now - context.startedAt
      try log(
        .info, .firstFill,
        [
          LogField(.intentId, .text(filled.intentId)), LogField(.symbol, .symbol(filled.symbol)),
          LogField(.afterS, .number(age.seconds)),
        ])
    }
  }
}
