import TestSupport
import Basics
import ChaosRuntime
import FaultInjection
import Testing

/// A match that could never hold would keep its fault silent for ever: it is refused where it is written.
@Suite("Values of selector keys")
struct SiteValuesTests {
  static let sites = [
    SiteDefinition(
      name: "venue.event", keys: ["x", "symbol", "count", "ms", "file", "name", "free"], actions: [.drop],
      values: [
        "x": .words(["NEW", "TRADE", "CANCELED"]), "symbol": .containing("/", example: "AIX/USDT"),
        "count": .wholeNumbers(from: 1), "ms": .numbers(from: 0), "file": .lacking("/", example: "state.json"),
        "name": .capitals(example: "ORDER_SENT"),
      ], summary: "an event")
  ]

  static func error(_ selector: String) -> String {
    errorText { _ = try Fault(oneLine: "venue.event[\(selector)]=drop", sites: sites) }
  }

  @Test(arguments: [
    "x=TRADE", "x!=NEW", "x=T*", "x~?EW", "x=*", "x!=NEW,x!=TRADE", "symbol=AIX/USDT", "symbol=AIX*", "symbol!=AIX",
    "symbol~*USDT", "count=3", "count=3.0", "count>=1", "count>2,count<4", "count=1*", "ms=0", "ms<=0",
    "ms>0.5,ms<0.6",
    "ms=1.5", "file=state.json", "file=*.json", "name=ORDER_SENT", "name=ORDER_*", "free=anything at all", "free>3",
    "count!=1", "x=TRADE,symbol=AIX/USDT",
  ])
  func `What can hold is accepted`(selector: String) throws {
    _ = try Fault(oneLine: "venue.event[\(selector)]=drop", sites: Self.sites)
  }

  @Test(arguments: [
    ("x=BALANCE", "15: 'x=BALANCE' can never hold at site 'venue.event' (x: NEW, TRADE, CANCELED)"),
    (
      "x=TRAED",
      "15: 'x=TRAED' can never hold at site 'venue.event' (x: NEW, TRADE, CANCELED); did you mean 'TRADE'?"
    ),
    (
      "x=trade",
      "15: 'x=trade' can never hold at site 'venue.event' (x: NEW, TRADE, CANCELED); did you mean 'TRADE'?"
    ),
    ("x=B*", "15: 'x~B*' can never hold"), ("x>3", "15: 'x>3' can never hold"),
    ("x=NEW,x=TRADE", "21: 'x=NEW and x=TRADE' can never hold"),
    ("x!=NEW,x!=TRADE,x!=CANCELED", "32: 'x!=NEW and x!=TRADE and x!=CANCELED' can never hold"),
    (
      "symbol=AIXUSDT",
      "20: 'symbol=AIXUSDT' can never hold at site 'venue.event' (symbol: a text with '/', such as AIX/USDT)"
    ),
    ("symbol~AIXUSDT", "20: "), ("symbol=A/B,symbol=B*", "31: "), ("symbol=A/B,symbol!=A/B", "32: "),
    ("count=0", "19: 'count=0' can never hold at site 'venue.event' (count: a whole number from 1)"),
    ("count=1.5", "19: "), ("count<1", "19: "), ("count=x", "19: "), ("count=x*", "19: "),
    ("count>1,count<2", "27: "),
    ("count>5,count<3", "27: "), ("count=4,count>4", "27: "), ("count<=-3", "20: "),
    ("ms<0", "16: 'ms<0' can never hold at site 'venue.event' (ms: a number from 0)"), ("ms=-1", "16: "),
    ("ms>5,ms<=5", "22: "), ("file=logs/state.json", "18: "), ("file=logs/*", "18: "), ("name=order_sent", "18: "),
    ("name=order*", "18: "), ("free>5,free<3", "25: "), ("free=a,free=b", "25: "),
  ])
  func `What can never hold is refused where it stands, with what is possible`(selector: String, expected: String) {
    let text = Self.error(selector)
    #expect(text.hasPrefix("--fault:1:\(expected)"), "\(selector): \(text)")
    #expect(text.contains("can never hold"))
  }

  @Test
  func `In a file the value is pointed at, and a fault without a place names the possible values`() throws {
    let file = """
      schema = 1
      id = "x"
      title = "t"
      severity = "noise"
      [[inject]]
      site  = "venue.event"
      match = { x = "BALANCE" }
      plan  = "drop"
      """
    #expect(
      errorText { _ = try FaultFile.parse(file, file: "x.toml", sites: Self.sites) } == """
        x.toml:7:16: 'x=BALANCE' can never hold at site 'venue.event' (x: NEW, TRADE, CANCELED)
            match = { x = "BALANCE" }
                           ^
        """)
    let fault = try FaultFile.parse(file, file: "x.toml")
    #expect(
      errorText { try FaultInjector.validate([fault], against: Self.sites) }
        == "fault 'x': 'x=BALANCE' can never hold at site 'venue.event'; possible: NEW, TRADE, CANCELED")
  }

  @Test
  func `A check that does not exist is refused where it stands, with a suggestion`() {
    let text =
      FaultFileTests.head + FaultFileTests.inject + "[expect]\nchecks = [\"no-crash\", \"no-dupliate-orders\"]\n"
    let known = ["no-crash", "no-duplicate-orders"]
    #expect(
      errorText { _ = try FaultFile.parse(text, file: "x.toml", checks: known) } == """
        x.toml:9:23: no check is called 'no-dupliate-orders'; did you mean 'no-duplicate-orders'?
            checks = ["no-crash", "no-dupliate-orders"]
                                  ^
        """)
    #expect(errorText { _ = try FaultLibrary([("x", text)], checks: known) }.contains("did you mean"))
    #expect(throws: Never.self) { try FaultFile.parse(text, file: "x.toml") }
  }
}
