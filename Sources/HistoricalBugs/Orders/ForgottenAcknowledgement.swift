import TradingEngine

extension HistoricalBug {
  /// ACK-1: an acknowledged order is given up after three answers "unknown order".
  static let forgottenAcknowledgement = HistoricalBug(
    id: "ACK-1", title: "an acknowledged order is given up after three unlucky answers",
    standing: .reportedElsewhere,
    story: """
      The venue takes an order and names it. Its order query runs on another machine than its book, and for some seconds, at \
      times for half an hour, it says of the same order that it does not exist. A bot that counts three such answers as the \
      end forgets its own acknowledgement: the order fails in its log and fills at the venue. Its symbol is free, the signal \
      still stands, and the same drop is bought a second time. The engine did this until it was mended: ORDER_ACK, three \
      queries within 7 s, ORDER_FAILED with code NOT_FOUND and the order id of a filled order, a second order 9.5 s after \
      the first.
      """,
    evidence: [
      "freqtrade#2054, #4403: \"Order not found\" for orders with an id, some seconds after they were placed",
      "freqtrade#12681: the same for up to half an hour; nautilus_trader#3870 and python-binance-profit#8: the order is dropped",
      "this engine's session under the fault: bought twice, 9.5 s apart, with SYMBOL_COOLDOWN_AFTER_FAILED_ORDER_S 2",
    ],
    provokedBy: ["acked-then-unknown"],
    revisions: [
      Revision("original", "three answers \"unknown order\" fail an order, whatever was heard of it before") {
        $0.reconciler = { SweepingReconciler($0) }
      },
      .fixed(
        """
        an order that the venue has named is asked for until its end is known; after INTENT_STALE_THRESHOLD_S without a word \
        ORDER_LOST says so, and its symbol stays closed
        """),
    ],
    landmarks: [.takenOrderUnknown], signature: .noDuplicateOrders,
    consequences: [.intentsSettled, .budgetBalances, .noLostOrder, .positionsAgree, .exposureWithinLimits],
    effects: [
      PartEffect(
        "R-1/router", turns: "ACK-1", .either,
        why: "it waits for a fill by asking the venue, which does not know the order, and sends it again")
    ],
    fieldSigns: """
      ORDER_ACK and ORDER_FAILED with code NOT_FOUND for one order id; the venue has it as filled; a second ORDER_SENT for the \
      symbol after the cooldown
      """,
    inTheField: FieldHypothesis(
      predicts: [.acknowledgedNotFound, .failedButFilled], allows: [.boughtAgain, .buysByRound, .fillUnseen]),
    signs: { record in
      [
        ("failed, then filled", FieldSigns.failedAndFilled(record)),
        ("orders of one signal", FieldSigns.mostOrdersOfASignal(record).count),
      ]
    },
    scenario: { forgottenAcknowledgementMarket.scenario($0) })

  /// Drops that outlast three questions and the cooldown.
  private static let forgottenAcknowledgementMarket = ProofMarket(
    name: "unknown-for-a-while", duration: .seconds(60),
    waves: [
      .init(from: .milliseconds(1), every: .milliseconds(1999), count: 1, lasts: .seconds(25)),
      .init(from: .milliseconds(6001), every: .milliseconds(2500), count: 10, lasts: .seconds(25)),
    ],
    pollInterval: .milliseconds(500),
    settings: [
      (.maxConcurrentPositions, "100"), (.tp, "2"), (.sl, "0.5"), (.mdPollMs, "500"), (.reconcileAfterS, "2"),
      (.symbolCooldownAfterFailedOrderS, "2"), (.traceSampleRate, "0.01"),
    ])
}
