import Basics
import ChaosRuntime
import Checks
import Exploration
import PaperSession
import Testing
import Trading

/// Sessions of the good engine in which the venue or a thread fails: what the checks hold against it, and what not.
@Suite struct JudgedSessionTests {
  private func verdicts(
    _ plan: String, settings: [(String, String)] = [], seconds: Double
  ) throws -> [String: Verdict] {
    let system = try PaperSystem(
      PaperInputs(
        kind: .paper, faults: [.file(name: "case.toml", text: Self.file(plan))],
        settings: settings.map { .init(name: $0.0, value: $0.1) }, durationSeconds: seconds))
    let run = Executor().run(system, Sessions.nominal(1))
    return Dictionary(uniqueKeysWithValues: run.judgement.verdicts.map { ($0.check, $0) })
  }

  private static func file(_ injects: String) -> String {
    """
    schema = 1
    id = "case"
    title = "One case"
    severity = "noise"

    \(injects)

    [expect]
    fired_min = 1
    """
  }

  private func red(_ verdicts: [String: Verdict]) -> [String] {
    verdicts.values.filter { $0.outcome == .fail }.map(\.check).sorted()
  }

  @Test func `An outage of quotes is not the engine's fault`() throws {
    let found = try verdicts(
      """
      [[inject]]
      site = "exchange.fetch_tickers"
      window = "60s..120s"
      plan = "return(503)"
      """, settings: [("GLOBAL_TRADING", "False")], seconds: 180)
    #expect(red(found) == [])
    #expect(found["market-data-fresh"]?.outcome == .notApplicable)
    #expect(found["decisions-on-time"]?.outcome == .notApplicable)
    #expect(found["feed-alive"]?.outcome == .pass)
  }

  /// The reply and all events of an order are lost: the engine hears of it when its call times out and it asks.
  @Test func `An order of which nothing is heard is settled in time`() throws {
    let found = try verdicts(
      """
      [[inject]]
      site = "exchange.place_order"
      plan = "1*return(timeout) -> pass"

      [[inject]]
      site = "exchange.user_stream.execution_report"
      plan = "drop"
      """, seconds: 60)
    #expect(red(found) == [])
    #expect(found["intents-settled"]?.outcome == .pass)
    #expect(found["intents-settled"]?.reason.contains("EXCHANGE_TIMEOUT_S 10 s + RECONCILE_AFTER_S 3 s") == true)
  }

  /// What a log that ends early leaves open is in `EarlyEndOfLogTests`: today's engine makes none.
  @Test func `A log writer that dies is replaced and the log is whole`() throws {
    let found = try verdicts(
      """
      [[inject]]
      site = "thread.wait"
      thread = "log-writer"
      after = 20
      plan = "1*kill"
      """, seconds: 120)
    #expect(red(found) == [])
    #expect(found["log-complete"]?.outcome == .pass)
  }

  @Test(arguments: [120.0, 300]) func `Orders that fill in part are filled`(seconds: Double) throws {
    let found = try verdicts(
      """
      [[inject]]
      site = "exchange.match"
      plan = "quota(50%)"
      """, settings: [("ROUTER_TIF", "IOC")], seconds: seconds)
    #expect(red(found) == [])
    #expect(found["orders-filled"]?.outcome == .pass)
  }

  @Test func `A venue that refuses every order is not the engine's fault`() throws {
    let found = try verdicts(
      """
      [[inject]]
      site = "exchange.place_order"
      plan = "return(30004)"
      """, seconds: 120)
    #expect(red(found) == [])
    for name in ["orders-filled", "exposure-within-limits", "no-lost-order"] {
      #expect(found[name]?.outcome == .notApplicable, "\(name)")
    }
  }

  /// Four tries, one alert, then as long a rest as an entry's.
  @Test func `An exit that is refused for ever is left alone after a few tries`() throws {
    let found = try verdicts(
      """
      [[inject]]
      site = "exchange.place_order"
      match = { side = "SELL" }
      plan = "return(30016)"
      """, seconds: 120)
    #expect(red(found) == [])
  }

  /// Every limit that a check derives has its setting in config.json or its value in run.json.
  @Test func `A session names the settings that its checks need`() throws {
    let system = try Sessions.paper()
    let record = try Sessions.record(Executor().run(system, Sessions.nominal(1)))
    for name in [
      SettingName.exchangeTimeoutS, .reconcileAfterS, .statePersistIntervalS, .mdPollMs, .exitRetryS,
      .symbolCooldownAfterFailedOrderS,
    ] {
      #expect(record.settings.time(name) != nil, "\(name)")
    }
    #expect(record.settings.count(.routerMaxRetries) == 3)
    #expect(record.settings.flag(.globalTrading) == true)
    #expect(record.run.limit(.quotesMs) == 10_000)
  }
}
