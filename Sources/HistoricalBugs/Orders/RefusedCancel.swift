import Basics
import TradingEngine

extension HistoricalBug {
  /// CXL-1: a cancel that the venue refuses counts as made.
  static let refusedCancel = HistoricalBug(
    id: "CXL-1", title: "a cancel that was refused once is never made again", standing: .reportedElsewhere,
    story: """
      Half of an entry fills, the rest is to be canceled when its time is over, and the venue answers "unknown order": the half \
      of it that was asked did not know the order yet, or not any more. A bot that takes this for the order's end, or marks the \
      cancel as made and looks no further, has an order in the book that belongs to nobody. It may fill days later, and as long \
      as it is pending its symbol is closed and what it bought is not sold. The engine did this until it was mended: a cancel \
      at 66 s, -2011, a query that said PARTIALLY_FILLED, and no cancel after it; the order lived for 285 s, until the \
      shutdown, while the price fell by 24 % under a stop of 1 %.
      """,
    evidence: [
      "binance-trading-bot#149: \"Unknown order sent\", the open order is not canceled, and three orders of one pair rest",
      "freqtrade#3649 (for #3638, #3647): after a refused cancel the order's state counts; it is looked at again while it is open",
      "zenbot#890, futures-connector-python#63: the order lives on behind a cancel that did not reach it",
      "this engine's session under the fault: one cancel at 66 s, refused; the next one at the shutdown, 254 s later",
    ],
    provokedBy: ["refused-cancel"],
    revisions: [
      Revision("original", "marks a refused cancel as made, and asks for the order from then on without canceling it") {
        $0.reconciler = { SweepingReconciler($0) }
      },
      .fixed("a cancel that did not end its order is made again after a pause, for as long as the order lives"),
    ],
    landmarks: [.orderStillOpen], signature: .ordersExpire, isTimeSignature: true,
    effects: [
      PartEffect("CXL-1/reconciler", turns: "ACK-1", .red, why: "the same reconciler"),
      PartEffect("ACK-1/reconciler", turns: "CXL-1", .red, why: "the same reconciler"),
      PartEffect("9.2/reconciler", turns: "CXL-1", .red, why: "nobody cancels an order whose time is over"),
      PartEffect("9.2-residue/reconciler", turns: "CXL-1", .red, why: "nobody cancels an order whose time is over"),
      PartEffect("BUD-4/reconciler", turns: "CXL-1", .red, why: "nobody cancels an order whose time is over"),
      PartEffect("FILL-1/reconciler", turns: "CXL-1", .red, why: "it cancels after 30 s, whatever ORDER_TTL_S says"),
      PartEffect("FILL-3/reconciler", turns: "CXL-1", .red, why: "it cancels after 30 s, whatever ORDER_TTL_S says"),
      PartEffect("R-1/router", turns: "CXL-1", .either, why: "an order that is half filled is sent again"),
      PartEffect("9.1/router", turns: "CXL-1", .either, why: "it does not tell of an order that ended half filled"),
    ],
    fieldSigns: """
      ORDER_PARTIAL, then nothing of the order for minutes; the venue has one refused cancel of it (-2011) and the order open; \
      its intent is pending, and its symbol is neither bought nor sold
      """,
    inTheField: FieldHypothesis(predicts: [.cancelNotRepeated]),
    signs: { record in
      let lives = record.orders.compactMap { order in
        order.takenAt.map { (order.endedAt ?? record.end) - $0 }
      }
      return [
        ("orders that lived for 20 s", lives.count { $0 > .seconds(20) }),
        ("oldest order at the venue ms", Int((lives.max() ?? .zero).milliseconds)),
      ]
    },
    scenario: { refusedCancelMarket.scenario($0) })

  /// Orders may live for 10 s, so that a cancel that is due again is not made for half of the session.
  private static let refusedCancelMarket = ProofMarket(
    name: "refused-cancel", duration: .seconds(60),
    waves: [
      .init(from: .milliseconds(1), every: .milliseconds(2499), count: 1),
      .init(from: .milliseconds(6001), every: .milliseconds(2500), count: 11),
    ],
    settings: [(.maxConcurrentPositions, "100"), (.tp, "2"), (.sl, "0.5"), (.orderTtlS, "10")])
}
