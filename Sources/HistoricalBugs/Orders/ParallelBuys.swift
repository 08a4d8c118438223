import Basics
import Trading
import TradingEngine

/// DUP-2 as it was: whether a symbol may be bought is read from the portfolio, which is written only after the purchase.
private final class PortfolioGuard: EntryGuard {
  private let context: EngineContext
  /// Spread, slippage and cooldown were as they are.
  private let inner: ExposureGuard

  init(_ parts: EngineAssembly) {
    context = parts.context
    inner = ExposureGuard(parts)
  }

  func admit(_ request: EntryRequest, pending: [PendingIntent]) throws(Stopped) -> Admission {
    let positions = request.overview.positions
    if positions[request.market].isOpen { return .blocked(guardName: "position", reason: "position open") }
    if pending.contains(where: { $0.intent.market == request.market }) { context.runtime.landmark(.signalAgain) }
    guard positions.count(where: \.isOpen) < context.settings.maxConcurrentPositions else {
      return .blocked(guardName: "positions", reason: "MAX_CONCURRENT_POSITIONS reached")
    }
    // What is on its way is not looked at: neither as a duplicate nor as exposure.
    return try inner.admit(request, pending: [])
  }

  func mayExit(market: Int, at time: Instant) throws(Stopped) -> Bool { try inner.mayExit(market: market, at: time) }

  func coolDown(market: Int, until time: Instant) throws(Stopped) { try inner.coolDown(market: market, until: time) }
}

extension HistoricalBug {
  /// DUP-2: six parallel buys of one symbol.
  static let parallelBuys = HistoricalBug(
    id: "DUP-2", title: "six parallel buys: checked against a portfolio that is written later", standing: .observed,
    story: """
      In session_20251109_205324 the bot bought GIGGLE six times within 47 s for 100.76 USDT, with a limit of 60 USDT per \
      symbol and three trades at a time. Each signal asked the portfolio whether the symbol was held; the portfolio is \
      written when a purchase is booked, and until then it says no, however many orders are on their way. \
      MAX_PER_SYMBOL_USD stood in the configuration and nobody read it. The fix (31ddefe) looks at the symbol's phase first \
      and counts held, reserved and pending together.
      """,
    evidence: [
      "6 x GIGGLE in 47 s: 24.69 + 24.75 + 23.02 + 14.15 + 8.84 + 5.31 = 100.76 USDT; budget 119.72 to 18.96",
      "MAX_PER_SYMBOL_USD 60 and MAX_TRADES 3 were set; the former had no reader",
      "after 31ddefe: DUPLICATE_FSM_BLOCKED and MAX_PER_SYMBOL_BLOCKED in the log",
    ],
    provokedBy: .condition(
      ProvokingCondition(
        "six signals at once: a drop is decided on every 100 ms",
        checks: [.noDuplicateOrders, .positionsAgree, .intentsSettled]
      ) { slowSignals.scenario($0) }),
    revisions: [
      Revision("original", "asks only the booked positions; orders on their way count for nothing") {
        $0.entryGuard = { PortfolioGuard($0) }
      },
      .fixed("an order on its way blocks its symbol, and counts as a position and as exposure"),
    ],
    landmarks: [.signalAgain], signature: .exposureWithinLimits, consequences: [.noDuplicateOrders],
    effects: ["9.1", "9.2", "C-INFRA-01-lock"].map {
      PartEffect(
        "DUP-2/entryGuard", turns: $0, .either,
        why: "of several buys of one symbol on their way the later ones go out after the first was refused for good")
    } + [
      PartEffect(
        "DUP-2/entryGuard", turns: "9.2-residue", .either,
        why: """
          over thirty orders are on their way at once, the reconciler asks for silent ones one after the other at 0.5 s \
          each, and the last of them waits longer than its limit
          """)
    ],
    fieldSigns: """
      several ORDER_SENT for one symbol within a second, before the first ORDER_FILLED; together they are far beyond \
      MAX_PER_SYMBOL_USD; every one is filled and booked
      """,
    inTheField: FieldHypothesis(predicts: [.buysAtOnce], allows: [.boughtAgain], forbids: [.fillUnseen]),
    signs: { record in
      [
        ("orders of one signal", FieldSigns.mostOrdersOfASignal(record).count),
        ("spent on one symbol, USDT", FieldSigns.mostSpentOnASymbol(record)),
        ("limit, USDT", Int(record.run.money(.perSymbolQuoteMax)?.doubleValue ?? 0)),
      ]
    },
    scenario: { fastSignals.scenario($0) })

  private static let fastSignals = rounds(milliseconds: 100)
  private static let slowSignals = rounds(milliseconds: 2000)

  /// A drop of two seconds every 2.9 s; how often it is decided on is the condition.
  private static func rounds(milliseconds: Int) -> ProofMarket {
    ProofMarket(
      name: "rounds", duration: .seconds(60),
      waves: [
        .init(from: .milliseconds(1), every: .milliseconds(1999), count: 1, lasts: .seconds(2)),
        .init(from: .milliseconds(6001), every: .milliseconds(2900), count: 12, lasts: .seconds(2)),
      ],
      pollInterval: .milliseconds(500),
      settings: [
        (.maxConcurrentPositions, "100"), (.tp, "2"), (.sl, "0.5"), (.engineCycleMs, "\(milliseconds)"),
        (.mdPollMs, "500"),
        (.traceSampleRate, "0.01"),
      ])
  }
}
