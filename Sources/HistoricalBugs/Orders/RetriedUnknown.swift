import Trading
import TradingEngine

extension HistoricalBug {
  /// H-SERV-01 with an unknown outcome: what may have been taken is sent again.
  static let retriedUnknown = HistoricalBug(
    id: "H-SERV-01-unknown", title: "an order whose outcome is unknown is sent again", standing: .readInCode,
    story: """
      The sending loop of H-SERV-01 from its other side. A call that timed out, or that a gateway answered with an error of \
      its own, says nothing about the order: it may be in the book, or filled. The loop took it for a failure and sent the \
      order again. A venue that does not compare client ids buys twice; one that does refuses the second with an error that \
      counts as one more failure, and after four sends the order is declared failed that has bought meanwhile. What was \
      needed is to ask for the order by its client id; the bot's later router could do that, and cached failures too, so \
      that it never asked.
      """,
    evidence: [
      "H-SERV-01: one loop for refusals and time-outs (HISTORY 1.1)",
      "158ca11: a call that its caller gave up after 10 s may still land; the caller saw a failure (HISTORY 1.0, step 6)",
      "core/fsm/order_router.py: lookup by client id, 3 tries; a failed result is cached too (HISTORY 2.3)",
    ],
    provokedBy: ["unheard-orders"],
    revisions: [
      Revision("original", "an order without an answer counts as failed and is sent again, four times in all") {
        $0.router = { RetryingRouter($0) }
      },
      .fixed("an unknown outcome is a class of its own: the order is asked for by its client id and never sent again"),
    ],
    landmarks: [.outcomeUnknown], signature: .noDuplicateOrders,
    consequences: [.intentsSettled, .positionsAgree, .noFutileRetries, .ordersExpire, .exitsOffered],
    effects: [
      PartEffect(
        "9.2/router", turns: "H-SERV-01-unknown", .either,
        why: "it sends again what it hears nothing of, as this one does"),
      PartEffect(
        "9.2", turns: "H-SERV-01-unknown", .either, why: "its router sends again what it hears nothing of"),
      PartEffect(
        "R-1/router", turns: "H-SERV-01-unknown", .either,
        why: "it sends again what it hears nothing of, as this one does"),
      PartEffect(
        "FILL-1/reconciler", turns: "H-SERV-01-unknown", .either, why: "it does not ask for orders of unknown outcome"),
      PartEffect(
        "FILL-3/reconciler", turns: "H-SERV-01-unknown", .either, why: "it does not ask for orders of unknown outcome"),
      PartEffect("H-SERV-01/router", turns: "H-SERV-01-unknown", .red, why: "the same sending loop"),
      PartEffect("9.1/router", turns: "H-SERV-01-unknown", .red, why: "the same sending loop"),
      PartEffect("INT-2/router", turns: "H-SERV-01-unknown", .red, why: "the same sending loop"),
      PartEffect(
        "FILL-1", turns: "H-SERV-01-unknown", .either,
        why: "orders that nobody asks for in time fill without being told"),
      PartEffect(
        "C-INFRA-01-lock/bus", turns: "H-SERV-01-unknown", .either,
        why: "the router runs on the main loop, which waits for every lost reply"),
    ],
    fieldSigns: """
      place_order again under a client id that the venue has taken; clientOrderId already exists; ORDER_FAILED for an order \
      that is filled
      """,
    inTheField: FieldHypothesis(
      predicts: [.unknownResent, .sentAfterTaken], allows: [.failedButFilled, .fillUnseen, .refusedRetried],
      forbids: [.partOfNothing]),
    signs: { record in
      [
        ("sends of one order", record.orders.map(\.requests).max() ?? 0),
        ("sent again while alive", record.orders.reduce(0) { $0 + $1.resent }),
        ("failed, then filled", FieldSigns.failedAndFilled(record)),
      ]
    },
    scenario: { retriedMarket(name: "retried-unknown").scenario($0) })
}
