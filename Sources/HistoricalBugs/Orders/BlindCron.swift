import Basics
import ChaosRuntime
import Trading
import TradingEngine

/// The book after 9.2's fix: it hears of every end, but its sweep asks nobody, and a fill of a swept intent finds no one.
private final class BlindCronBook: IntentBook {
  private let runtime: Runtime
  private let inner: SettlingBook
  private let cron: StaleCron

  init(_ parts: EngineAssembly) {
    runtime = parts.context.runtime
    inner = SettlingBook(parts)
    cron = StaleCron(parts)
  }

  var bookkeeping: IntentBookkeeping { inner.bookkeeping }

  /// `handle_router_fill` looked for the intent and missed.
  func advance(_ report: OrderReport, fill: Fill?) throws(Stopped) -> OrderAdvance? {
    guard let advance = try inner.advance(report, fill: fill), !advance.isLate else { return nil }
    return advance
  }

  func cycleStarted(at time: Instant) throws(Stopped) {
    try cron.sweep(self, at: time) { item throws(Stopped) in
      runtime.landmark(.silentOrder)
      return try clear(item.intent.id, reason: .stale)
    }
  }
}

extension HistoricalBug {
  /// 9.2's residue: the stale cron clears without asking the venue.
  static let blindCron = HistoricalBug(
    id: "9.2-residue", aliases: ["late-fill"], title: "the stale cron clears without asking the venue",
    standing: .mechanismExhibit,
    story: """
      The fix of 9.2 left the sweep as it was: an intent older than 60 s is taken off the books and its budget given back, \
      whatever became of the order. Nobody asks the venue and nobody cancels. An order whose fill the bot did not hear of \
      has bought by then, and one that still rests may buy later: order.filled arrives, handle_router_fill looks for the \
      intent and misses, and the coins belong to no position. No field session shows it, since the sessions with orders \
      were shorter than the threshold; the code is in the bot's last version.
      """,
    evidence: [
      "clear_intent at HEAD: pop, release, persist; no query, no cancel, no lock (HISTORY 1.2)",
      "the cron's condition cycle_start % 30 < 1.0 and the threshold of 60 s are in every version",
      "REC-1: intents older than 60 s are dropped at recovery too, without releasing or canceling",
    ],
    provokedBy: ["dropped-fills", "late-fill"],
    revisions: [
      Revision("original", "clears an old intent and gives its budget back; a fill that comes later finds no intent") {
        $0.intents = { BlindCronBook($0) }
        $0.reconciler = { _ in AbsentReconciler() }
      },
      .fixed("asks the venue about every silent order; nothing is cleared without its word, and a late fill is booked"),
    ],
    landmarks: [.silentOrder], signature: .positionsAgree,
    consequences: [.intentsSettled, .noDuplicateOrders, .noLostOrder, .logComplete],
    effects: [
      PartEffect(
        "9.2-residue/intents", turns: "9.2-residue/dropped-fills", .green,
        why: "while the venue answers, the reconciler asks it before the sweep comes"),
      PartEffect(
        "9.2-residue/reconciler", turns: "9.2-residue/late-fill", .green,
        why: "a fill that comes late is told all the same, and today's book knows whose it is"),
    ],
    fieldSigns: """
      ORDER_SENT without ORDER_FILLED or ORDER_FAILED; a minute later STALE_INTENT_CLEANUP and BUDGET_RELEASED with reason \
      stale; the coins are at the venue and in no position
      """,
    inTheField: FieldHypothesis(predicts: [.staleSweep, .fillUnseen], forbids: [.failedStayPending]),
    signs: { record in
      [
        ("venue filled", FieldSigns.venueFilled(record)), ("not booked, USDT", FieldSigns.unbooked(record)),
        ("positions at end", FieldSigns.positionsAtEnd(record)),
      ]
    },
    scenario: { blindCronMarket.scenario($0) })

  /// Two drops before the fault, one every 6 s under it.
  private static let blindCronMarket = ProofMarket(
    name: "silent-fills", duration: .seconds(240),
    waves: [
      .init(from: .milliseconds(1), every: .milliseconds(9_999), count: 2),
      .init(from: .seconds(27), every: .seconds(6), count: 20),
    ],
    settings: [
      (.maxConcurrentPositions, "100"), (.tp, "2"), (.sl, "0.5"), (.orderTtlS, "60"),
      (.traceSampleRate, "0.01"),
    ])
}
