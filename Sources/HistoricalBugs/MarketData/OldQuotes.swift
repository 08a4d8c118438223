import Basics
import Trading
import TradingEngine

/// Entries as they were: the last quote counts, however old it is.
private final class TrustingGuard: EntryGuard {
  private let context: EngineContext
  private let inner: ExposureGuard

  init(_ parts: EngineAssembly) {
    context = parts.context
    inner = ExposureGuard(parts)
  }

  func admit(_ request: EntryRequest, pending: [PendingIntent]) throws(Stopped) -> Admission {
    let now = context.runtime.now
    if now - request.quote.time > context.settings.quoteAgeMax { context.runtime.landmark(.signalOnOldQuote) }
    var request = request
    request.quote.time = now
    return try inner.admit(request, pending: pending)
  }

  func coolDown(market: Int, until time: Instant) throws(Stopped) { try inner.coolDown(market: market, until: time) }
}

extension HistoricalBug {
  /// QUOTE-1: entries on quotes that are long out of date.
  static let oldQuotes = HistoricalBug(
    id: "QUOTE-1", title: "entries are decided on quotes that stopped long ago", standing: .reportedElsewhere,
    story: """
      The quotes stop: the venue answers with an error, or goes on with all symbols but one. What the bot knows of the market \
      stays as it was, and so does every signal in it. As soon as something else allows the entry, a cooldown that ends or a \
      position that is sold, it buys at a price of a minute ago. The engine did this until it was mended: it warned that its \
      quotes were stale at 23 s, and bought at 53.5 s on the quote of 13 s.
      """,
    evidence: [
      "binance-trading-bot#197: \"doesn't update prices and makes decision base on wrong data\"; #423: one coin's price stood",
      "Krypto-trading-bot#934: a stale book, and orders at its prices until somebody restarts the bot",
      "this engine's session under the fault: STALE_SNAPSHOTS_WARNING, 30 s later a purchase on a quote 41 s old",
    ],
    provokedBy: ["quotes-stop"],
    revisions: [
      Revision("original", "warns that the quotes are stale, and buys on them") {
        $0.entryGuard = { TrustingGuard($0) }
      },
      .fixed("no entry on a quote of the symbol that is older than the age at which the engine warns; exits go on"),
    ],
    landmarks: [.signalOnOldQuote], signature: .marketDataFresh, isTimeSignature: true,
    fieldSigns: "STALE_SNAPSHOTS_WARNING, then ORDER_SENT of a purchase before SNAPSHOTS_FRESH",
    inTheField: FieldHypothesis(predicts: [.boughtOnOldQuotes], forbids: [.latePolls, .pollsEnd]),
    signs: { record in
      [
        ("stale warnings", record.count(.staleSnapshotsWarning)),
        ("purchases", record.events(.orderSent).count { $0.text(.side) == "buy" }),
      ]
    },
    scenario: { oldQuotesMarket.scenario($0) })

  /// One position at a time, held for 18 s: the second drop waits for its end, and the quotes stop meanwhile.
  private static let oldQuotesMarket = ProofMarket(
    name: "quotes-stop", duration: .seconds(60),
    waves: [
      .init(from: .milliseconds(1), every: .milliseconds(2400), count: 1, lasts: .seconds(50)),
      .init(from: .milliseconds(6001), every: .milliseconds(300), count: 11, lasts: .seconds(50)),
    ],
    pollInterval: .milliseconds(500),
    settings: [
      (.maxConcurrentPositions, "1"), (.tp, "2"), (.sl, "0.5"), (.maxHoldS, "18"), (.mdPollMs, "500"),
      (.traceSampleRate, "0.01"),
    ])
}
