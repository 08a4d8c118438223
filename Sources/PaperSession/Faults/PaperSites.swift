import FakeExchange
import Trading
import TradingEngine
public import FaultInjection

/// Every place at which a fault can act in a paper session.
public enum PaperSites {
  static let format = "log.format"

  /// Catalogue entries of the exchange, the runtime and the log formatter; what `chaos list --sites` shows.
  public static let definitions: [SiteDefinition] =
    (ExchangeSites.definitions + RuntimeSites.definitions + [
      SiteDefinition(
        name: format, keys: ["event_type", "level"], actions: [.sleep, .hang],
        values: [
          "level": .words(LogLevel.allCases.map(\.rawValue)),
          "event_type": .capitals(example: EventName.orderSent.rawValue),
        ],
        summary: "the message of a log record is rendered; sleep and hang hold the formatter up")
    ]).map { $0.with(states: ExchangeSites.states.map(\.name)) }
}
