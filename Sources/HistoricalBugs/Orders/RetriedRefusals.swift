import Trading
import TradingEngine

extension HistoricalBug {
  /// H-SERV-01: what the venue refuses for good is sent again.
  static let retriedRefusals = HistoricalBug(
    id: "H-SERV-01", title: "the router retries what the venue refuses for good", standing: .observed,
    story: """
      The router's sending loop knew one kind of failure. An order without money behind it, of a symbol that does not exist, \
      or against the market's rules was sent again like one that had met a busy venue: four times, since the counter goes up \
      before it is compared, with pauses of 0.4 and 0.8 s in between. Each try can only be refused, costs a call of the rate \
      limit, and keeps whatever stands behind it waiting. Of the sales that the venue refused with 30005 each was sent four \
      times, for hundreds of exits. The router was never fixed.
      """,
    evidence: [
      "H-SERV-01: BadSymbol, InvalidOrder, InsufficientFunds retried like time-outs; never fixed in the router (HISTORY 1.1)",
      "69abe3f, 76ad3a2: COAI 216 and SOON 100+ failed exits with 30005, four attempts each",
      "\"after 4 attempts\" with ROUTER_MAX_RETRIES 3 in the bot's report of a 20 minute session",
      "session 103545: RESERVED to RELEASED took 2.89 s and 2.50 s, which is four calls of 0.3 s and the pauses (inferred)",
    ],
    provokedBy: ["insufficient-balance", "some-orders-refused"],
    revisions: [
      Revision("original", "whatever goes wrong, the same order is sent again, four times in all") {
        $0.router = { RetryingRouter($0) }
      },
      .fixed(
        "a refusal is classified: one for good ends the order at once, only what may be taken later is sent again"),
    ],
    landmarks: [.orderRefused], signature: .noFutileRetries,
    effects: [
      PartEffect(
        "DUP-2/entryGuard", turns: "H-SERV-01", .either,
        why: "it has no cooldown either: a symbol whose order was refused is bought again")
    ],
    fieldSigns: "four place_order with one client id, each refused with the same code; ORDER_FAILED with attempts 4",
    inTheField: FieldHypothesis(predicts: [.refusedRetried], forbids: [.refusalsSilent]),
    signs: { record in
      [
        ("orders refused for good", record.orders.count { $0.refusedForGoodAt != nil }),
        ("sent again in vain", record.orders.reduce(0) { $0 + $1.futile }),
      ]
    },
    scenario: { retriedMarket(name: "retried-refusals").scenario($0) })

  /// A drop every 2.5 s.
  static func retriedMarket(name: String) -> ProofMarket {
    ProofMarket(
      name: name, duration: .seconds(60),
      waves: [
        .init(from: .milliseconds(1), every: .milliseconds(2499), count: 1),
        .init(from: .milliseconds(5001), every: .milliseconds(2500), count: 13),
      ],
      settings: [(.maxConcurrentPositions, "100"), (.sl, "0.5")])
  }
}
