import TestSupport
import Basics
import FaultInjection
import Testing

@Suite("The one-line form")
struct OneLineTests {
  static let verbs =
    "actions are off, pass, sleep, delay, hang, drop, dup, reorder, kill, return, replace, quota, skew, barrier, wait, signal, "
    + "corrupt, close, refuse, http"

  static func error(_ text: String) -> String { errorText { _ = try Fault(oneLine: text) } }

  @Test
  func `It reads to the same inject as a file`() throws {
    let line = try Fault(
      oneLine: "exchange.user_stream.execution_report[x=TRADE,symbol=AIX*,z>=0.5]@per(clientOrderId)@after(1)"
        + "@every(2)@window(2s..10s)@ttl(1m)@thread(order*)=40%2*drop->sleep(250)")
    let file = try FaultFile.parse(
      FaultFileTests.head + """
        [[inject]]
        site   = "exchange.user_stream.execution_report"
        match  = { x = "TRADE", symbol = "AIX*", z = ">=0.5" }
        per    = "clientOrderId"
        after  = 1
        every  = 2
        window = "2s..10s"
        ttl    = "1m"
        thread = "order*"
        plan   = "40%2*drop -> sleep(250ms)"
        """, file: "x.toml")
    #expect(line.injects == file.injects)
    #expect(line.expect == Fault.Expect())
  }

  @Test
  func `The first '=' behind selector and clauses begins the plan`() throws {
    let fault = try Fault(oneLine: "a.b[x=1,y!=\"]=@\",z>=2]@thread(\"a=b)\")=return(\"=\")")
    #expect(
      fault.injects == [
        Fault.Inject(
          site: "a.b",
          match: [
            Fault.Condition(key: "x", value: "1"), Fault.Condition(key: "y", op: .notEqual, value: "]=@"),
            Fault.Condition(key: "z", op: .greaterOrEqual, value: "2"),
          ], thread: "a=b)", plan: Fault.Plan(steps: [Fault.Plan.Step(action: .returnError("="))]))
      ])
  }

  @Test
  func `Blanks, several injects, and units of time`() throws {
    let fault = try Fault(oneLine: " a [ x = 1 , y ~ A* ] @after( 2 ) = 12.5% 3* sleep( 0.5s ) -> off ; b=sleep(1.5m)")
    #expect(fault.oneLine == "a[x=1,y~A*]@after(2)=12.5%3*sleep(500ms)->pass; b=sleep(90s)")
    for (text, expected) in [
      ("100", "100ms"), ("100ns", "100ns"), ("1500us", "1500us"), ("1000us", "1ms"), ("2h", "2h"), ("0.25m", "15s"),
      ("0", "0s"), ("1.000", "1ms"),
    ] {
      #expect(try Fault(oneLine: "a=sleep(\(text))").oneLine == "a=sleep(\(expected))")
    }
  }

  @Test
  func `Two texts have two ids, two spellings of one have one`() throws {
    let a = try Fault(oneLine: "a.b=drop")
    #expect(a.id == "a.b-38efee5a")
    #expect(a.title == "a.b=drop")
    #expect(try Fault(oneLine: "a.b = 100%drop").id == a.id)
    #expect(try Fault(oneLine: "a.b=hang").id != a.id)
  }

  @Test(arguments: [
    ("", "1: the name of a site is expected"), ("a", "2: '=' and a plan are expected, such as '=40%sleep(250ms)'"),
    (
      "a=",
      "3: an action is expected; \(verbs)"
    ),
    ("a[x]=drop", "4: an operator is expected: = != ~ !~ < <= > >="),
    ("a[x==1]=drop", "5: equality is written with one '='"), ("a[x=1=drop", "11: a selector is closed with ']'"),
    ("a[x=]=drop", "5: a value is expected"), ("a[x<y]=drop", "5: '<' compares numbers; 'y' is none"),
    (
      "a@evry(2)=drop",
      "3: no clause is called '@evry'; clauses are after, every, per, window, ttl, thread, when; did you mean 'every'?"
    ),
    ("a@when()=drop", "8: a state is expected, such as open_orders>=1"),
    ("a@when(x=y)=drop", "10: a state is compared with a number; 'y' is none"),
    ("a@when(x>1", "11: ')' is expected behind the argument of @when"),
    ("a@per(x)@per(y)=drop", "10: @per stands here twice"), ("a@per()=drop", "7: a selector key is expected"),
    ("a@every(0)=drop", "9: every is a whole number from 1 to 1000000000"),
    ("a=101%drop", "3: a probability is at most 100%"),
    ("a=0*drop", "3: a count is a whole number from 1 to 1000000000"),
    ("a=3*40%drop", "5: a step is written '40%3*sleep(250ms)': probability, count, action, in this order"),
    ("a=sleep", "8: sleep needs a duration: sleep(250ms)"),
    ("a=sleep()", "9: a duration is expected, such as 250ms or 2s"),
    ("a=sleep(5 s)", "11: a ')' is expected behind the duration"),
    ("a=sleep(0.5ns)", "9: a duration is a whole number of nanoseconds and at most 365 days (8760h)"),
    ("a=sleep(300000000h)", "9: a duration is a whole number of nanoseconds and at most 365 days (8760h)"),
    ("a=drop(1)", "8: drop takes no argument"), ("a=return", "9: return needs a code: return(30004)"),
    ("a=return()", "10: return needs a code: return(30004)"), ("a=return(\"x)", "10: the text is not closed"),
    ("a=replace", "10: replace needs a field and a value: replace(fee=null)"),
    ("a=replace(fee)", "14: a field and its value are expected: replace(fee=null)"),
    ("a=replace(fee=)", "15: a value is expected: replace(fee=null)"),
    ("a=quota", "8: quota needs a share: quota(40%)"),
    ("a=quota(4)", "9: a share is a percentage up to 100%: quota(40%)"),
    ("a=quota(101%)", "9: a share is a percentage up to 100%: quota(40%)"),
    ("a=drop drop", "8: '->' joins steps, ';' joins injects; neither stands here"),
    ("a=reorder", "10: reorder needs a duration: reorder(250ms)"), ("a=skew", "7: skew needs a duration: skew(-2s)"),
    ("a=skew(-)", "9: a duration is expected, such as 250ms or 2s"),
    ("a=barrier()", "11: a name is expected, such as gate"),
    ("a=barrier(g,1)", "13: the number of threads is a whole number from 2 to 1000000000"),
    ("a=wait", "7: wait needs a name: wait(gate)"),
    ("a=http(200)", "8: a status is a number from 400 to 599: http(503)"),
    ("a=pause", "3: no action is called 'pause'; \(verbs); did you mean 'hang'?"),
    ("a=slep(5)", "3: no action is called 'slep'; \(verbs); did you mean 'sleep'?"),
  ])
  func `Mistakes are shown where they stand`(text: String, expected: String) {
    let found = Self.error(text)
    #expect(found.hasPrefix("--fault:1:\(expected)\n"), "\(found)")
  }

  @Test
  func `A mistake shows the line and a caret`() {
    #expect(
      Self.error("a[symbol=ÄIX]=slep(5)") == """
        --fault:1:15: no action is called 'slep'; \(Self.verbs); did you mean 'sleep'?
            a[symbol=ÄIX]=slep(5)
                          ^
        """)
  }

  @Test
  func `With the sites known, what they do not understand is shown where it stands`() {
    let found = errorText {
      _ = try Fault(oneLine: "test.quiet=drop;test.message[x=1,sybol=2]=drop", sites: Bench.definitions)
    }
    #expect(
      found == """
        --fault:1:34: site 'test.message' has no key 'sybol' (its keys: x, symbol, z); did you mean 'symbol'?
            test.quiet=drop;test.message[x=1,sybol=2]=drop
                                             ^
        """)
  }

  @Test
  func `A field and a value that the site cannot replace are shown where they stand`() {
    let found = errorText { _ = try Fault(oneLine: "test.reply=replace(fee=nul)", sites: Bench.definitions) }
    #expect(
      found == """
        --fault:1:20: site 'test.reply' cannot replace 'fee=nul' (it can: fee=null); did you mean 'fee=null'?
            test.reply=replace(fee=nul)
                               ^
        """)
  }

  @Test
  func `Whatever can be said is read back as it was: three thousand random faults`() throws {
    var random = SplitMix(seed: 20_261_124)
    for _ in 0..<3000 {
      let injects = (0..<Int.random(in: 1...3, using: &random)).map { _ in Arbitrary.inject(&random) }
      let fault = Fault(id: "x", title: "x", injects: injects)
      let again = try Fault(oneLine: fault.oneLine)
      #expect(again.injects == injects, "\(fault.oneLine)")
      #expect(again.oneLine == fault.oneLine)
    }
  }
}

/// Random faults that the grammar can say.
enum Arbitrary {
  static func inject(_ random: inout SplitMix) -> Fault.Inject {
    let count = { (max: Int, random: inout SplitMix) in Int.random(in: 1...max, using: &random) }
    var inject = Fault.Inject(site: name(&random), plan: Fault.Plan(steps: []))
    for _ in 0..<Int.random(in: 0...3, using: &random) { inject.match.append(condition(&random)) }
    if Bool.random(using: &random) { inject.per = text(&random) }
    if Bool.random(using: &random) { inject.after = count(1000, &random) }
    if Bool.random(using: &random) { inject.every = count(1000, &random) }
    if Bool.random(using: &random) {
      let start = duration(&random)
      inject.window = Fault.Window(start: start)
      if Bool.random(using: &random) { inject.window.end = start + duration(&random) + .nanoseconds(1) }
    }
    for _ in 0..<Int.random(in: 0...2, using: &random) {
      let op: Fault.Condition.Operator = Bool.random(using: &random) ? .greaterOrEqual : .notEqual
      inject.when.append(Fault.Condition(key: word(&random), op: op, value: "\(count(9, &random))"))
    }
    if Bool.random(using: &random) { inject.ttl = duration(&random) }
    if Bool.random(using: &random) { inject.thread = text(&random) }
    for _ in 0..<count(4, &random) {
      inject.plan.steps.append(
        Fault.Plan.Step(
          probability: probability(&random), count: Bool.random(using: &random) ? count(100, &random) : nil,
          action: action(&random)))
    }
    return inject
  }

  private static func condition(_ random: inout SplitMix) -> Fault.Condition {
    let op = Fault.Condition.Operator.allCases.randomElement(using: &random) ?? .equal
    switch op {
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      return Fault.Condition(key: word(&random), op: op, value: "\(Int.random(in: -99...99, using: &random)).5")
    default: return Fault.Condition(key: word(&random), op: op, value: text(&random))
    }
  }

  private static func action(_ random: inout SplitMix) -> FaultAction {
    switch Int.random(in: 0..<18, using: &random) {
    case 9: .reorder(duration(&random))
    case 10: .skew(by: .zero - duration(&random), perSecond: duration(&random))
    case 11: .barrier(name: text(&random), threads: Int.random(in: 2...9, using: &random))
    case 12: .wait(name: text(&random))
    case 13: .signal(name: text(&random))
    case 14: .corrupt
    case 15: .close
    case 16: .refuse
    case 17: .http(status: Int.random(in: 400...599, using: &random))
    case 0: .pass
    case 1: .hang
    case 2: .drop
    case 3: .sleep(duration(&random))
    case 4: .replace(field: word(&random), value: text(&random))
    case 5: .quota(millionths: Int.random(in: 0...1_000_000, using: &random))
    case 6: .dup
    case 7: .delay(duration(&random))
    default: .returnError(text(&random))
    }
  }

  private static func probability(_ random: inout SplitMix) -> Double {
    switch Int.random(in: 0..<6, using: &random) {
    case 0: 0
    case 1: 1
    case 2: Double(Int.random(in: 0...100, using: &random)) / 100
    case 3: Double.random(in: 0...1e-9, using: &random)
    default: Double.random(in: 0...1, using: &random)
    }
  }

  private static func duration(_ random: inout SplitMix) -> Duration {
    let unit: [Int64] = [1, 1_000, 1_000_000, 1_000_000_000, 60_000_000_000, 3_600_000_000_000]
    return .nanoseconds(Int64.random(in: 0...1000, using: &random) * (unit.randomElement(using: &random) ?? 1))
  }

  private static func word(_ random: inout SplitMix) -> String {
    String((0..<Int.random(in: 1...6, using: &random)).map { _ in "abcXYZ09_".randomElement(using: &random) ?? "a" })
  }

  private static func name(_ random: inout SplitMix) -> String {
    (0..<Int.random(in: 1...3, using: &random)).map { _ in word(&random) }.joined(separator: ".")
      + (Bool.random(using: &random) ? "" : ".*")
  }

  private static func text(_ random: inout SplitMix) -> String {
    let letters: [Character] = Array("aZ0*?-_./: =<>!~[](){}@%;,\"\\|'#\n\t\u{7f}é漢🙂")
    return String((0..<Int.random(in: 1...8, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a" })
  }
}
