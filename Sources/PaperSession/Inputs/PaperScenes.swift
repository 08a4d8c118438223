import Basics
import FakeExchange
import Trading

/// A market with settings of its own, in which the engine does what the default session seldom or never makes it do.
public struct PaperScene: Sendable {
  /// What users type.
  public let name: String
  /// What happens in it, in one sentence.
  public let title: String
  /// Seconds that it lasts unless somebody says otherwise.
  let seconds: Int
  /// Whether the engine is shut down while the faults still act.
  let endsUnderFaults: Bool
  /// Healthy sessions of it in one gauntlet.
  let sessions: Int
  /// Whether two threads ask for the engine's end at once, as a signal and a watchdog may.
  let endsTwice: Bool
  /// Whether nobody waits for the engine's main loop: an engine that loses it has to end by itself.
  let isUnattended: Bool
  let change: @Sendable (inout Scenario, _ seed: UInt64) -> Void

  init(
    _ name: String, _ title: String, seconds: Int = 180, endsUnderFaults: Bool = false, sessions: Int = 10,
    endsTwice: Bool = false, isUnattended: Bool = false,
    _ change: @escaping @Sendable (inout Scenario, _ seed: UInt64) -> Void
  ) {
    self.name = name
    self.title = title
    self.seconds = seconds
    self.endsUnderFaults = endsUnderFaults
    self.sessions = sessions
    self.endsTwice = endsTwice
    self.isUnattended = isUnattended
    self.change = change
  }

  /// The paper session's scenario with what is special about this one.
  func scenario(seed: UInt64, duration: Duration?) -> Scenario {
    var scenario = PaperScenarios.paper(seed: seed, duration: duration ?? .seconds(seconds))
    scenario.name = name
    change(&scenario, seed)
    return scenario
  }

  /// The scene of that name; nil when there is none.
  public static func named(_ name: String) -> PaperScene? { all.first { $0.name == name } }

  /// Every scene, in the order of lists and of the gauntlet.
  public static let all: [PaperScene] = exits + limits + fees + orders + rhythm

  private static let exits = [
    PaperScene("falling", "every drop goes on falling: each position ends by its stop") { scenario, seed in
      scenario.drops = drops(scenario, seed, every: 6...14, course: .falls)
    },
    PaperScene("rising", "every drop is made good: each position ends by its profit") { scenario, seed in
      scenario.drops = drops(scenario, seed, every: 6...14, course: .rises)
    },
    PaperScene("holding", "prices stay where they fell to: each position is sold because of its age") {
      scenario, seed in
      // Few symbols, so that each is bought again.
      scenario.symbols = Array(scenario.symbols.prefix(4))
      scenario.drops = drops(scenario, seed, every: 8...16, lasts: .seconds(30))
      scenario.settings = texts([(.tp, "1.02"), (.sl, "0.97"), (.maxHoldS, "15")])
    },
  ]

  private static let limits = [
    PaperScene("full", "more drops than positions and pending orders are allowed") { scenario, seed in
      scenario.drops = drops(scenario, seed, every: 1...3)
      scenario.settings = texts([(.maxConcurrentPositions, "4"), (.maxPendingBuyIntents, "2")])
    },
    PaperScene("long-names", "names of symbols that do not fit into the id of an order") { scenario, seed in
      scenario.symbols = (1...4).compactMap { Symbol(base: "LONGNAMEDCOIN-\($0)", quote: "LONGNAMEDDOLLAR") }
      scenario.startingBalances = [Balance(asset: "LONGNAMEDDOLLAR", free: Decimal(500), locked: .zero)]
      scenario.drops = drops(scenario, seed, every: 8...16)
    },
    PaperScene("poor", "money for two positions, room for fourteen") { scenario, seed in
      scenario.drops = drops(scenario, seed, every: 2...5)
      scenario.startingBalances = [money(60)]
      scenario.settings = texts([(.maxConcurrentPositions, "14")])
    },
    PaperScene("choosy", "narrow limits on spread, slippage and the size of an order") { scenario, seed in
      scenario.drops = drops(scenario, seed, every: 3...8)
      scenario.settings = texts([
        (.maxSpreadBpsEntry, "6"), (.maxSlippageBpsEntry, "3"), (.routerSlippageBps, "3"), (.minOrderValue, "24.97"),
      ])
    },
  ]

  private static let fees = [
    PaperScene("fees-in-coins", "fees are taken out of what is received, and leave dust behind") { scenario, seed in
      scenario.drops = drops(scenario, seed, every: 6...14)
      scenario.feeMode = .received
      // The cost of the dust that a sale leaves behind counts against the limit.
      scenario.settings = texts([(.maxPerSymbolUsd, "25")])
    },
    PaperScene("fees-in-tokens", "fees are taken in a token of the venue until it is used up") { scenario, seed in
      scenario.drops = drops(scenario, seed, every: 6...14)
      // Each order trades in parts, so that the token runs out in the middle of one.
      scenario.depthNotional = Decimal(8)
      scenario.feeMode = .token(asset: "MX", price: Decimal(2))
      let tokens = Decimal(coefficient: Decimal.one.coefficient / 25)
      scenario.startingBalances.append(Balance(asset: "MX", free: tokens, locked: .zero))
    },
  ]

  private static let orders = [
    PaperScene("large-orders", "orders larger than the book, whose rest waits for more") { scenario, seed in
      large(&scenario, seed, size: 10_000, timeInForce: "GTC")
    },
    PaperScene("large-ioc-orders", "orders larger than the book, whose rest expires at once") { scenario, seed in
      large(&scenario, seed, size: 10_000, timeInForce: "IOC")
    },
    PaperScene("whole-orders", "orders that are filled whole or not at all") { scenario, seed in
      large(&scenario, seed, size: 6000, timeInForce: "FOK")
    },
  ]

  private static let rhythm = [
    PaperScene(
      "sudden-end", "the session is ended while orders are on their way and faults still act", seconds: 60,
      endsUnderFaults: true
    ) { scenario, seed in
      scenario.drops = drops(scenario, seed, every: 1...3, until: 1)
      scenario.settings = texts([(.maxConcurrentPositions, "6")])
    },
    PaperScene(
      "ended-twice", "two ask for the session's end at the same time, while orders are on their way", seconds: 60,
      endsUnderFaults: true, sessions: 20, endsTwice: true
    ) { scenario, seed in
      scenario.drops = drops(scenario, seed, every: 1...3, until: 1)
      scenario.settings = texts([(.maxConcurrentPositions, "6")])
    },
    PaperScene(
      "rush", "a few seconds in which everything happens at once, many times over", seconds: 24, endsUnderFaults: true,
      sessions: 160
    ) { scenario, seed in
      rush(&scenario, seed)
    },
    PaperScene(
      "fractions", "every time among the settings has a fraction of its unit, and signals come in crowds", seconds: 60,
      sessions: 6
    ) { scenario, seed in
      fractions(&scenario, seed)
    },
    PaperScene(
      "watchful", "the same times, and orders that come one by one: the balances are asked for between any two",
      seconds: 90, sessions: 4
    ) { scenario, seed in
      scenario.symbols = Array(scenario.symbols.prefix(4))
      scenario.drops = drops(scenario, seed, every: 8...16, lasts: .seconds(30))
      scenario.settings = fractionSettings + texts([(.tp, "1.02"), (.sl, "0.97")])
    },
    PaperScene(
      "unattended", "nobody who runs the engine looks whether its main loop lives", seconds: 60, sessions: 2,
      isUnattended: true
    ) { scenario, seed in
      scenario.drops = drops(scenario, seed, every: 4...9)
      scenario.settings = texts([(.heartbeatIntervalS, "2.5")])
    },
    PaperScene("narrow-log", "a log queue of 64 records under many of them") { scenario, seed in
      scenario.drops = drops(scenario, seed, every: 3...8)
      scenario.settings = texts([
        (.logQueueMax, "64"), (.traceSampleRate, "1"), (.mdPollMs, "500"), (.firstFillReport, "True"),
      ])
    },
    PaperScene("long-session", "half an hour, and a memory of one minute for the highest price", seconds: 1800) {
      scenario, seed in
      scenario.drops = drops(scenario, seed, every: 30...90)
      scenario.settings = texts([(.dropTriggerLookbackS, "60")])
    },
    PaperScene("slow-falls", "falls in two steps, of which the first is forgotten when the second comes") {
      scenario, seed in
      let lookback = 20
      scenario.settings = texts([(.dropTriggerLookbackS, "\(lookback)")])
      scenario.drops = drops(scenario, seed, every: 12...20) + steps(scenario, seed, apart: lookback + 8)
    },
    PaperScene(
      "two-keys", "an hour and a quarter, in which the key of the user stream has to be renewed twice", seconds: 4500,
      sessions: 2
    ) { scenario, seed in
      scenario.symbols = Array(scenario.symbols.prefix(4))
      scenario.pollInterval = .seconds(10)
      scenario.drops = drops(scenario, seed, every: 120...240)
      scenario.settings = texts([
        (.mdPollMs, "10000"), (.engineCycleMs, "1000"), (.dropTriggerLookbackS, "60"), (.heartbeatIntervalS, "30"),
      ])
    },
    PaperScene(
      "creeping", "two symbols fall by a little with every quote, for minutes, before they fall enough to be bought",
      seconds: 222, sessions: 4
    ) { scenario, seed in
      creeping(&scenario, seed)
    },
    PaperScene("many-orders", "more orders than are remembered once they have ended", seconds: 520) { scenario, seed in
      scenario = PaperScenarios.reference(seed: seed, duration: scenario.duration)
      scenario.name = "many-orders"
    },
  ]

  // MARK: Helpers

  private static func texts(_ settings: [(SettingName, String)]) -> [(name: String, value: String)] {
    settings.map { ($0.0.rawValue, $0.1) }
  }

  private static func money(_ amount: Int) -> Balance { Balance(asset: "USDT", free: Decimal(amount), locked: .zero) }

  /// Falls of 2 to 3 % from the tenth second on until so many before the end, every so many seconds one, over symbols in
  /// turn.
  private static func drops(
    _ scenario: Scenario, _ seed: UInt64, every seconds: ClosedRange<Int>, lasts: Duration? = nil,
    course: Scenario.Course? = nil, until last: Int = 10
  ) -> [Scenario.Drop] {
    var draws = SplitMix(seed: Mixing.mix(seed, Mixing.hash(scenario.name)))
    func draw(below count: Int) -> Int { Int(draws.next() % UInt64(count)) }
    var drops: [Scenario.Drop] = []
    var at = 10
    var index = draw(below: scenario.symbols.count)
    while at < Int(scenario.duration.seconds) - last, drops.count < 200 {
      let depth = Decimal(coefficient: Decimal.one.coefficient / 10_000 * Int128(200 + draw(below: 100)))
      drops.append(
        Scenario.Drop(
          symbol: scenario.symbols[index % scenario.symbols.count], at: .seconds(at), depth: depth, lasts: lasts,
          course: course))
      index += 1
      at += seconds.lowerBound + draw(below: seconds.count)
    }
    return drops
  }

  /// Falls of every symbol in two steps, each too small for a signal and both together large enough.
  private static func steps(_ scenario: Scenario, _ seed: UInt64, apart: Int) -> [Scenario.Drop] {
    let depth = Decimal(coefficient: Decimal.one.coefficient / 10_000 * 85)
    let last = Int(scenario.duration.seconds) - 2 * apart
    return scenario.symbols.enumerated().flatMap { index, symbol -> [Scenario.Drop] in
      let start = 10 + index * last / scenario.symbols.count
      return [start, start + apart].map {
        Scenario.Drop(symbol: symbol, at: .seconds($0), depth: depth, lasts: .seconds(2 * apart))
      }
    }
  }

  /// Six symbols fall one after another within seconds, half of them on to their stop; orders trade in parts, and polls are
  /// frequent: of the steps of such a session a larger share than of a long one belongs to orders.
  private static func rush(_ scenario: inout Scenario, _ seed: UInt64) {
    var draws = SplitMix(seed: Mixing.mix(seed, Mixing.hash(scenario.name)))
    scenario.symbols = Array(scenario.symbols.prefix(6))
    var at = Duration.seconds(3)
    scenario.drops = scenario.symbols.map { symbol in
      at += .milliseconds(Int64(draws.next() % 800))
      let depth = Decimal(coefficient: Decimal.one.coefficient / 10_000 * Int128(200 + draws.next() % 100))
      return Scenario.Drop(
        symbol: symbol, at: at, depth: depth, lasts: .seconds(8), course: draws.next() % 2 == 0 ? .falls : .rises)
    }
    scenario.depthNotional = Decimal(10)
    scenario.settings = texts([
      (.maxConcurrentPositions, "6"), (.maxPendingBuyIntents, "6"), (.mdPollMs, "500"), (.dropTriggerLookbackS, "10"),
      (.budgetRefreshIntervalS, "2"), (.budgetRefreshTimeoutS, "1"), (.statePersistIntervalS, "60"),
    ])
  }

  /// Every quote of two symbols is the lowest so far, so that each of them may still be the peak when those before it are too old.
  /// What they lose within the lookback, 8.6 %, is no signal; what they lose within half a minute more would be one. Behind the third
  /// minute each of them falls by 5 % besides. The others stand still and fall by 12 % now and then.
  private static func creeping(_ scenario: inout Scenario, _ seed: UInt64) {
    scenario.symbols = Array(scenario.symbols.prefix(6))
    scenario.pollInterval = .seconds(1)
    let (creeping, others) = (scenario.symbols.prefix(2), scenario.symbols.dropFirst(2))
    func depth(_ bps: Int) -> Decimal { Decimal(coefficient: Decimal.one.coefficient / 10_000 * Int128(bps)) }
    var draws = SplitMix(seed: Mixing.mix(seed, Mixing.hash(scenario.name)))
    let seconds = Int(scenario.duration.seconds)
    for symbol in creeping {
      let rest = { (second: Int) in Duration.seconds(seconds - second + 60) }
      let fall = 180 + Int(draws.next() % 20)
      for second in 2..<max(3, seconds) {
        let drop = Scenario.Drop(
          symbol: symbol, at: .seconds(second), depth: depth(second == fall ? 500 : 9), lasts: rest(second))
        scenario.drops.append(drop)
      }
    }
    var at = 12
    while at < seconds - 40 {
      let symbol = others[others.startIndex + Int(draws.next() % UInt64(others.count))]
      scenario.drops.append(Scenario.Drop(symbol: symbol, at: .seconds(at), depth: depth(1200), lasts: .seconds(25)))
      at += 20 + Int(draws.next() % 15)
    }
    scenario.settings = texts([
      (.dropTriggerValue, "0.9"), (.dropTriggerLookbackS, "100"), (.mdPollMs, "1000"), (.maxConcurrentPositions, "6"),
    ])
  }

  private static let fractionSettings = texts([
    (.maxConcurrentPositions, "6"), (.dropTriggerLookbackS, "15.75"), (.symbolCooldownAfterFailedOrderS, "4.75"),
    (.maxHoldS, "7.75"), (.exitRetryS, "0.75"), (.intentStaleThresholdS, "4.75"), (.orderTtlS, "3.75"),
    (.reconcileAfterS, "0.5"), (.exchangeTimeoutS, "2.75"), (.routerBackoffMs, "150.5"), (.mdPollMs, "900.5"),
    (.engineCycleMs, "250.5"), (.statePersistIntervalS, "1.75"), (.budgetRefreshIntervalS, "2.75"),
    (.budgetRefreshTimeoutS, "0.75"), (.heartbeatIntervalS, "1.75"), (.formatterTimeoutMs, "75.5"),
    (.shutdownTimeoutS, "6.75"),
  ])

  /// Six symbols fall, three at a time, and a position is sold by its age or its stop; a number of seconds that is cut to a whole
  /// one is another time, or none.
  private static func fractions(_ scenario: inout Scenario, _ seed: UInt64) {
    scenario.symbols = Array(scenario.symbols.prefix(6))
    var draws = SplitMix(seed: Mixing.mix(seed, Mixing.hash(scenario.name)))
    scenario.drops = (0..<12).map { index in
      let depth = Decimal(coefficient: Decimal.one.coefficient / 10_000 * Int128(200 + draws.next() % 100))
      return Scenario.Drop(
        symbol: scenario.symbols[index % scenario.symbols.count],
        at: .seconds(6 + index / 3 * 12) + .milliseconds(Int64(draws.next() % 300)), depth: depth, lasts: .seconds(10),
        course: index % 2 == 0 ? nil : .falls)
    }
    scenario.settings = fractionSettings
  }

  /// Five levels of the book hold 7,500 USDT.
  private static func large(_ scenario: inout Scenario, _ seed: UInt64, size: Int, timeInForce: String) {
    scenario.drops = drops(scenario, seed, every: 6...14)
    scenario.startingBalances = [money(100_000)]
    scenario.depthNotional = Decimal(500)
    scenario.settings = texts([
      (.positionSizeUsdt, "\(size)"), (.maxPerSymbolUsd, "\(2 * size)"), (.routerTif, timeInForce),
    ])
  }
}
