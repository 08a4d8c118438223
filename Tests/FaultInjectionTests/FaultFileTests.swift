import TestSupport
import Basics
import FaultInjection
import Testing

@Suite("Fault files")
struct FaultFileTests {
  static let head = "schema = 1\nid = \"x\"\ntitle = \"t\"\nseverity = \"noise\"\n"
  static let inject = "[[inject]]\nsite = \"test.message\"\nplan = \"drop\"\n"

  static func error(_ text: String, sites: [SiteDefinition]? = nil) -> String {
    errorText { _ = try FaultFile.parse(text, file: "x.toml", sites: sites) }
  }

  @Test
  func `Every key of the format is read`() throws {
    let fault = try FaultFile.parse(
      """
      schema   = 1
      id       = "dropped-fills"
      aliases  = ["stream.fill.drop"]
      title    = "The first fill never arrives"
      severity = "money"
      layers   = ["memory", "wire"]
      tags     = ["user-stream"]
      why = \"\"\"
      Seen.
      \"\"\"

      [[inject]]
      site   = "exchange.user_stream.execution_report"
      match  = { x = "TRADE", symbol = "*", z = ">=0.5", side = "!=SELL", id = "~AIX*", text = "=*", n = 3, q = 0.5 }
      per    = "clientOrderId"
      after  = 1
      every  = 2
      window = "2s..10s"
      ttl    = "1m"
      thread = "order*"
      plan   = "40%2*drop -> sleep(250)"

      [expect]
      fired_min   = 2
      detected_by = ["RECONCILE_MISSING_FILL"]
      detect_ms   = 5000
      recover_ms  = 15000
      checks      = ["funds-conserved"]
      """, file: "faults/dropped-fills.toml")
    let inject = Fault.Inject(
      site: "exchange.user_stream.execution_report",
      match: [
        Fault.Condition(key: "x", value: "TRADE"), Fault.Condition(key: "symbol", op: .glob, value: "*"),
        Fault.Condition(key: "z", op: .greaterOrEqual, value: "0.5"),
        Fault.Condition(key: "side", op: .notEqual, value: "SELL"),
        Fault.Condition(key: "id", op: .glob, value: "AIX*"), Fault.Condition(key: "text", value: "*"),
        Fault.Condition(key: "n", value: "3"), Fault.Condition(key: "q", value: "0.5"),
      ],
      per: "clientOrderId", after: 1, every: 2, window: Fault.Window(start: .seconds(2), end: .seconds(10)),
      ttl: .seconds(60), thread: "order*",
      plan: Fault.Plan(steps: [
        Fault.Plan.Step(probability: 0.4, count: 2, action: .drop),
        Fault.Plan.Step(action: .sleep(.milliseconds(250))),
      ]))
    #expect(
      fault
        == Fault(
          id: "dropped-fills", aliases: ["stream.fill.drop"], title: "The first fill never arrives", severity: .money,
          layers: ["memory", "wire"], tags: ["user-stream"], why: "Seen.\n", injects: [inject],
          expect: Fault.Expect(
            firedMin: 2, detectedBy: ["RECONCILE_MISSING_FILL"], detect: .seconds(5), recover: .seconds(15),
            checks: ["funds-conserved"])))
  }

  @Test
  func `A misspelt key is shown with its place and what was meant`() {
    #expect(
      Self.error(Self.head + "[[inject]]\nsite = \"test.message\"\nplam = \"drop\"\n") == """
        x.toml:7:1: [[inject]] has no key 'plam'; its keys are site, match, per, after, every, when, window, ttl, \
        thread, plan; did you mean 'plan'?
            plam = "drop"
            ^
        """)
    #expect(
      Self.error("schma = 1\n") == """
        x.toml:1:1: the fault has no key 'schma'; its keys are schema, id, aliases, title, severity, layers, tags, why, \
        inject, expect; did you mean 'schema'?
            schma = 1
            ^
        """)
    #expect(
      Self.error(Self.head + Self.inject + "[expect]\n  chekcs = []\n") == """
        x.toml:9:3: [expect] has no key 'chekcs'; its keys are fired_min, detected_by, detect_ms, recover_ms, checks; \
        did you mean 'checks'?
              chekcs = []
              ^
        """)
  }

  @Test
  func `A mistake in a plan is shown inside the plan`() {
    #expect(
      Self.error(Self.head + "[[inject]]\nsite = \"test.message\"\nplan = \"40%sleep(250ms) -> drpo\"\n") == """
        x.toml:7:28: no action is called 'drpo'; \(OneLineTests.verbs); did you mean 'drop'?
            plan = "40%sleep(250ms) -> drpo"
                                       ^
        """)
  }

  @Test
  func `States of the run are read, and one that nobody has is shown where it stands`() throws {
    let sites = Bench.definitions.map { $0.with(states: ["open_orders", "trades"]) }
    func read(_ when: String) throws -> [Fault.Condition] {
      let text = Self.head + "[[inject]]\nsite = \"test.message\"\nwhen = \"\(when)\"\nplan = \"drop\"\n"
      return try FaultFile.parse(text, file: "x.toml", sites: sites).injects[0].when
    }
    #expect(
      try read("open_orders >= 2, trades < 3") == [
        Fault.Condition(key: "open_orders", op: .greaterOrEqual, value: "2"),
        Fault.Condition(key: "trades", op: .less, value: "3"),
      ])
    #expect(try read("trades") == [Fault.Condition(key: "trades", op: .greaterOrEqual, value: "1")])
    #expect(
      errorText { _ = try read("open_order") } == """
        x.toml:7:9: no state of the run is called 'open_order' (there are: open_orders, trades); did you mean 'open_orders'?
            when = "open_order"
                    ^
        """)
    #expect(
      errorText { _ = try read("trades >= many") }.hasPrefix(
        "x.toml:7:19: a state is compared with a number; 'many' is none"))
  }

  @Test
  func `An unknown site, key, action or code is shown with its place and a suggestion`() {
    func error(_ body: String) -> String { Self.error(Self.head + "[[inject]]\n" + body, sites: Bench.definitions) }
    #expect(
      error("site = \"test.mesage\"\nplan = \"drop\"\n") == """
        x.toml:6:9: no site is called 'test.mesage'; did you mean 'test.message'?
            site = "test.mesage"
                    ^
        """)
    #expect(
      error("site = \"test.message\"\nmatch = { symbl = \"A\" }\nplan = \"drop\"\n") == """
        x.toml:7:11: site 'test.message' has no key 'symbl' (its keys: x, symbol, z); did you mean 'symbol'?
            match = { symbl = "A" }
                      ^
        """)
    #expect(
      error("site = \"test.message\"\nper = 'y'\nplan = \"drop\"\n").hasPrefix(
        "x.toml:7:8: site 'test.message' has no key 'y' (its keys: x, symbol, z)"))
    #expect(
      error("site = \"test.quiet\"\nplan = \"50%drop->hang\"\n") == """
        x.toml:7:18: site 'test.quiet' cannot 'hang'; it understands drop
            plan = "50%drop->hang"
                             ^
        """)
    #expect(
      error("site = \"disk.sync\"\nplan = \"return(ful)\"\n").hasPrefix(
        "x.toml:7:16: site 'disk.sync' cannot return 'ful' (its codes: full, readonly, notfound, io); "
          + "did you mean 'full'?"))
  }

  @Test(arguments: [
    ("after = -1", "8:9: 'after' is a whole number from 0 to 1000000000, not -1"),
    ("every = 0", "8:9: 'every' is a whole number from 1 to 1000000000, not 0"),
    ("every = \"3\"", "8:9: 'every' is a whole number from 1 to 1000000000, not text"),
    ("window = \"2..10s\"", "8:12: the duration has no unit; units are ns, us, ms, s, m, h"),
    ("window = \"10s..2s\"", "8:11: the window ends before it begins"),
    ("window = \"2s\"", "8:13: a window is written '2s..10s', or '2s..' without an end"),
    ("ttl = \"5S\"", "8:9: 'S' is not a unit of time; units are ns, us, ms, s, m, h; did you mean 's'?"),
    ("ttl = \"5s x\"", "8:11: 'ttl' ends here; the rest is not understood"),
    ("per = \"\"", "8:7: 'per' is empty"),
    ("match = \"x\"", "8:9: 'match' is a table: { symbol = \"AIX/USDT\" }, not text"),
    ("match = { z = \">=abc\" }", "8:18: '>=' compares numbers; 'abc' is none"),
    ("match = { x = [1] }", "8:15: 'x' is text or a number, not an array"),
  ])
  func `Values of a wrong type or size are refused where they stand`(line: String, expected: String) {
    let text = Self.error(Self.head + Self.inject + line + "\n")
    #expect(text.hasPrefix("x.toml:\(expected)\n"), "\(text)")
  }

  @Test(arguments: [
    ("schema = 2\n", "1:10: this program reads schema 1"),
    ("id = \"x\"\n", "1:1: the fault lacks 'schema'"),
    (
      "schema = 1\nid = \"X y\"\ntitle = \"t\"\nseverity = \"noise\"\n",
      "2:6: a name has 1 to 64 lower-case letters, digits, '-', '_' and '.'"
    ),
    (
      "schema = 1\nid = \"x\"\ntitle = \"t\"\nseverity = \"noize\"\n",
      "4:12: severity is one of money, stuck, noise; did you mean 'noise'?"
    ),
    (
      "schema = 1\nid = \"x\"\ntitle = \"t\"\nseverity = \"noise\"\nlayers = [\"wir\"]\n",
      "5:11: layers are memory, wire; did you mean 'wire'?"
    ),
    ("schema = 1\nid = \"x\"\ntitle = \"t\"\nseverity = \"noise\"\n", "5:1: the fault has no [[inject]]"),
    (
      "schema = 1\nid = \"x\"\ntitle = \"t\"\nseverity = \"noise\"\n[inject]\nsite = \"s\"\n",
      "5:2: injects are written as tables: [[inject]]"
    ),
    (
      "schema = 1\nid = \"x\"\ntitle = \"t\"\nseverity = \"noise\"\n[[inject]]\nsite = \"s\"\n",
      "5:3: [[inject]] lacks 'plan'"
    ),
  ])
  func `The head of a file is checked`(text: String, expected: String) {
    let found = Self.error(text)
    #expect(found.hasPrefix("x.toml:\(expected)\n"), "\(found)")
  }
}
