import Trading
import TradingEngine

/// PRE-1 as it was: an order that fits step and tick is checked once more, with a float's remainder.
private final class FloatPreflight: Quantizer {
  /// `helpers_filters.py`: a remainder above it is a violation.
  private static let tolerance = 1e-12

  private let inner = DecimalQuantizer()

  func entry(amount: Decimal, ask: Decimal, slippageBps: Decimal, rules: MarketRules) -> QuantizedOrder? {
    guard let order = inner.entry(amount: amount, ask: ask, slippageBps: slippageBps, rules: rules),
      Self.fits(order.quantity, rules.step), Self.fits(order.price, rules.tick)
    else { return nil }
    return order
  }

  func exit(quantity: Decimal, bid: Decimal, slippageBps: Decimal, rules: MarketRules) -> QuantizedOrder? {
    inner.exit(quantity: quantity, bid: bid, slippageBps: slippageBps, rules: rules)
  }

  /// `value % step > 1e-12`: 341.43 % 0.01 is 0.0099999.
  private static func fits(_ value: Decimal, _ step: Decimal) -> Bool {
    value.doubleValue.truncatingRemainder(dividingBy: step.doubleValue) <= tolerance
  }
}

extension HistoricalBug {
  /// PRE-1: valid orders are refused by a float's remainder.
  static let floatPreflight = HistoricalBug(
    id: "PRE-1", title: "the pre-flight's float remainder refuses valid orders", standing: .observed,
    story: """
      In field session d half of the signals came to nothing: 11 of 22 orders were refused before they were sent, 5 for \
      their step and 6 for their tick, and every one of them was valid. The pre-flight asked whether quantity % step was \
      above 1e-12. Neither 0.01 nor 341.43 is a binary fraction, so the remainder of 341.43 by 0.01 is not 0 but \
      0.0099999: a whole step, less a bit. Whether an order passes depends on its digits and on nothing else. The fix \
      (6e5faaa) floors with decimals and asks no float.
      """,
    evidence: [
      "session d: 22 signals, 11 ORDER_SENT, 11 refusals (5 step, 6 tick) among 21 ERROR lines",
      "core/utils/helpers_filters.py, exchange_compliance.py: qty % step > 1e-12",
      "341.43 % 0.01 = 0.0099999 in binary floating point",
    ],
    provokedBy: .condition(
      ProvokingCondition(
        "the field's ticks and steps: 0.01, 0.0001, 0.000001",
        checks: [.positionsAgree, .intentsSettled, .noDuplicateOrders]
      ) { dyadicMarket.scenario($0) }),
    revisions: [
      Revision("original", "refuses an order whose remainder by step or tick is above 1e-12, in binary floating point")
      {
        $0.quantizer = { _ in FloatPreflight() }
      },
      .fixed("quantities and prices are whole numbers of steps and ticks, in exact decimals"),
    ],
    landmarks: [.entrySized], signature: .validOrdersSent,
    fieldSigns: "signals without an order: GUARD_BLOCK of the guard size for amounts that any market takes",
    inTheField: FieldHypothesis(predicts: [.preflightRefusals]),
    signs: { record in
      let refused = record.events(.guardBlock).count { $0.text(.guard) == "size" }
      return [("signals", refused + record.count(.orderSent)), ("refused before sending", refused)]
    },
    scenario: { fieldMarket.scenario($0) })

  private static let fieldMarket = preflight(bases: ProofMarket.bases)
  private static let dyadicMarket = preflight(bases: (1...14).map { "DYADIC\($0)" })

  private static func preflight(bases: [String]) -> ProofMarket {
    ProofMarket(
      name: "preflight", duration: .seconds(60),
      waves: [
        .init(from: .milliseconds(1), every: .milliseconds(2499), count: 1),
        .init(from: .milliseconds(5001), every: .milliseconds(2500), count: 13),
      ],
      settings: [(.maxConcurrentPositions, "100"), (.tp, "2"), (.sl, "0.5")], bases: bases)
  }
}
