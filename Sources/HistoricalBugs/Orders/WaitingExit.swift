import Basics
import Trading
import TradingEngine

/// Exits as they were: whatever is pending of a symbol keeps its position from being sold, the rest of its own entry too.
private final class WaitingExits: ExitGuard {
  private let context: EngineContext
  private let inner: InsistentExits

  init(_ parts: EngineAssembly) {
    context = parts.context
    inner = InsistentExits(parts)
  }

  func mayExit(market: Int, bid: Decimal, pending: [PendingIntent], at time: Instant) throws(Stopped) -> Bool {
    let own = pending.filter { $0.intent.market == market }
    if own.contains(where: { $0.intent.side == .buy }) { context.runtime.landmark(.exitBesideAnEntry) }
    guard own.isEmpty else { return false }
    return try inner.mayExit(market: market, bid: bid, pending: pending, at: time)
  }

  var isRefused: Bool { inner.isRefused }
}

extension HistoricalBug {
  /// STOP-1: a half-filled entry keeps its own position from being sold.
  static let waitingExit = HistoricalBug(
    id: "STOP-1", title: "a half-filled entry keeps its own stop waiting", standing: .reportedElsewhere,
    story: """
      Half of an entry is filled: the coins are there, the rest of the order rests. One order per symbol at a time is a good \
      rule against buying twice, and it keeps the sale back as well: the stop of what was bought has to wait until the entry's \
      time is over, however far the price falls meanwhile. The rest even buys on while it falls. The engine did this until it \
      was mended: with ORDER_TTL_S 30 a position whose stop was due at once was offered half a minute later; where a cancel \
      failed besides (CXL-1), not at all.
      """,
    evidence: [
      "freqtrade#9828, #9760: no exit is processed while an order of the trade is open, the stop included",
      "freqtrade#1557: the stop is placed when the entry is complete, and then the price has passed it",
      "freqtrade#6457, #3802: the emergency sale fails while an order that is filled in part is kept open",
      "this engine under the fault: a stop that was due at 13 s was offered at 43 s, with ORDER_TTL_S 30",
    ],
    provokedBy: ["partial-fill"],
    revisions: [
      Revision("original", "sells a position when nothing of its symbol is pending any more") {
        $0.exitGuard = { WaitingExits($0) }
      },
      .fixed("an exit has the rest of its entry canceled and goes out behind it, or beside it where no cancel helps"),
    ],
    landmarks: [.exitBesideAnEntry], signature: .exitsOffered, isTimeSignature: true,
    effects: waitingForEntries,
    fieldSigns: """
      ORDER_PARTIAL of a purchase, the price falls through the stop, and no ORDER_SENT of a sale before the purchase is \
      canceled at the end of its time; then at once
      """,
    inTheField: FieldHypothesis(predicts: [.saleWaitedForEntry]),
    signs: { record in
      let waits = record.orders.compactMap { entry -> Duration? in
        guard entry.side == "buy", let filled = entry.fills.first?.time else { return nil }
        let sale = record.orders.first { $0.side == "sell" && $0.symbol == entry.symbol && $0.firstRequest > filled }
        return sale.map { $0.firstRequest - filled }
      }
      return [("longest from fill to sale ms", Int((waits.max() ?? .zero).milliseconds)), ("sales", waits.count)]
    },
    scenario: { waitingExitMarket.scenario($0) })

  /// What else keeps an exit waiting for the rest of its entry.
  private static let waitingForEntries: [PartEffect] = [
    PartEffect("SELL-1/exitGuard", turns: "STOP-1", .red, why: "its exits wait for everything that is pending too"),
    PartEffect("ACK-1/reconciler", turns: "STOP-1", .red, why: "it cancels by age alone, not because an exit waits"),
    PartEffect("CXL-1/reconciler", turns: "STOP-1", .red, why: "it cancels by age alone, not because an exit waits"),
    PartEffect("FILL-1/reconciler", turns: "STOP-1", .red, why: "it cancels by age alone, not because an exit waits"),
    PartEffect("FILL-3/reconciler", turns: "STOP-1", .red, why: "it cancels by age alone, not because an exit waits"),
    PartEffect("9.2/reconciler", turns: "STOP-1", .red, why: "nobody cancels anything"),
    PartEffect("9.2-residue/reconciler", turns: "STOP-1", .red, why: "nobody cancels anything"),
    PartEffect("BUD-4/reconciler", turns: "STOP-1", .red, why: "nobody cancels anything"),
    PartEffect("BUD-4/fills", turns: "STOP-1", .either, why: "a half that nobody books is not sold"),
    PartEffect("FILL-1/fills", turns: "STOP-1", .either, why: "a half is booked when its order has ended, not before"),
    PartEffect("FILL-3/fills", turns: "STOP-1", .either, why: "a half is known when somebody asks, not before"),
    PartEffect("C-ADAPTER-01/gate", turns: "STOP-1", .either, why: "a sale waits for whatever call is under way"),
    PartEffect(
      "C-INFRA-01/bus", turns: "STOP-1", .either, why: "the router runs on the main loop: sales wait for each other"),
    PartEffect(
      "C-INFRA-01-lock/bus", turns: "STOP-1", .either,
      why: "the router runs on the main loop: sales wait for each other"),
    PartEffect("9.1/router", turns: "STOP-1", .either, why: "it does not tell of an order that ended half filled"),
  ]

  /// Every position is to be sold at once: a stop just below the price takes the spread for a loss.
  private static let waitingExitMarket = ProofMarket(
    name: "waiting-exits", duration: .seconds(60),
    waves: [
      .init(from: .milliseconds(1), every: .milliseconds(2499), count: 1),
      .init(from: .milliseconds(6001), every: .milliseconds(2500), count: 11),
    ],
    settings: [(.maxConcurrentPositions, "100"), (.tp, "2"), (.sl, "0.9999")])
}
