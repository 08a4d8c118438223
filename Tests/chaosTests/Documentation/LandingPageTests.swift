import Basics
import BotRun
import ChaosRuntime
import Checks
import ClassicPrograms
import ExchangeServer
import Exploration
import FakeExchange
import FaultInjection
import FieldReconciliation
import FieldReproduction
import HTTP
import HistoricalBugs
import MetricsServer
import Monitoring
import PaperSession
import ProcessWatch
import Proof
import Synchronization
import TestSupport
import Testing
import Trading
import TradingEngine
import Watchdog
import WireClient

/// The examples of the landing pages, compiled and run as they stand there.
@Suite struct LandingPageTests {
  /// What an example prints.
  private final class Screen: Sendable {
    private let kept = Mutex<[String]>([])
    var lines: [String] { kept.withLock { $0 } }
    func print(_ value: some CustomStringConvertible & Sendable) {
      let line = value.description
      kept.withLock { $0.append(line) }
    }
  }

  @Test func `Every landing page has its purpose, picture, folders and an example from this file`() throws {
    let own = Self.stripped(DocumentationText.text(#filePath))
    for module in Folder.names(Folder.root + "/Sources") where !["CPlatform", "PthreadLocks", "chaos"].contains(module)
    {
      let page = DocumentationText.text("\(Folder.root)/Sources/\(module)/\(module).docc/\(module).md")
      #expect(page.hasPrefix("# \(module)\n\n"), "\(module)")
      #expect(DocumentationText.blockCount(page) >= 2, "\(module) has no picture")
      let example = DocumentationText.swiftBlocks(page).first
      #expect(example.map { own.contains(Self.stripped($0)) } == true, "\(module)")
      for entry in Folder.names("\(Folder.root)/Sources/\(module)") where !entry.contains(".") && entry != "faults" {
        #expect(page.contains("| `\(entry)/` |"), "\(module) says nothing of \(entry)")
      }
    }
  }

  private static func stripped(_ text: String) -> String {
    text.split(separator: "\n").map { String($0.drop { $0 == " " }) }.joined(separator: "\n")
  }

  @Test func `The example of Basics`() throws {
    let screen = Screen()
    func print(_ value: some CustomStringConvertible & Sendable) { screen.print(value) }
    let document = try TOMLDocument(parsing: "limit_ms = 250", file: "limits.toml")
    let limit = document.root["limit_ms"]?.integer
    print(limit ?? 0)
    do throws(SourceError) {
      _ = try TOMLDocument(parsing: "limit_ms = 25O", file: "limits.toml")
    } catch {
      print(error)
    }
    let lines = screen.lines
    #expect(limit == 250)
    #expect(lines.contains { $0.contains("limits.toml:1:") })
  }

  @Test func `The example of ChaosRuntime`() throws {
    let screen = Screen()
    func print(_ value: some CustomStringConvertible & Sendable) { screen.print(value) }
    let result = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let state = Lock(runtime, "state")
      let saver = try runtime.spawn("saver") { () throws(Stopped) in
        try state.withLock { () throws(Stopped) in try runtime.sleep(.seconds(5)) }
      }
      try saver.join()
    }
    print((result.ended - .simulationEpoch).seconds)
    let lines = screen.lines
    #expect(lines == ["5.0"])
    #expect(result.incidents.isEmpty)
  }

  @Test func `The example of FaultInjection`() throws {
    let screen = Screen()
    func print(_ value: some CustomStringConvertible & Sendable) { screen.print(value) }
    let send = SiteDefinition(name: "mail.send", keys: ["to"], actions: [.sleep, .drop], summary: "a mail is sent")
    let fault = try Fault(oneLine: "mail.send[to=ops]@after(1)=2*drop", sites: [send])
    let fired = Mutex<[Bool]>([])
    _ = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let sites = SiteCatalogue([send])
      guard let injector = try? FaultInjector(runtime: runtime, catalogue: sites, faults: [fault]) else { return }
      injector.arm()
      for _ in 1...4 {
        let action = sites.required("mail.send").decide([SiteValue("ops")])
        fired.withLock { $0.append(action == .drop) }
      }
      try injector.disarm()
    }
    print(fired.withLock { $0 })
    let lines = screen.lines
    #expect(lines == ["[false, true, true, false]"])
  }

  @Test(.tags(.live), .realClock, .timeLimit(.minutes(5))) func `The example of Watchdog`() throws {
    let screen = Screen()
    @Sendable func print(_ value: String) { screen.print(value) }
    let scratch = Scratch()
    let folder = scratch.path
    let runtime = Runtime(live: .simulationEpoch, disk: FileDisk(directory: folder), choices: Choices(.seeded(1)))
    let options = ThreadWatchdog.Options(dumpPath: folder + "/stackdump.txt", tick: .milliseconds(50))
    let watchdog = ThreadWatchdog(runtime: runtime, options: options) { incident in
      print(incident.summary)
    }
    watchdog.start()
    let worker = try runtime.spawn("worker") { () throws(Stopped) in
      try runtime.activity("report", limit: .seconds(5)) { () throws(Stopped) in try runtime.sleep(.milliseconds(1)) }
    }
    try worker.join()
    watchdog.stop()
    runtime.stop()
    let lines = screen.lines
    #expect(lines.isEmpty && !scratch.exists("stackdump.txt"))
  }

  @Test(.tags(.live), .realClock, .timeLimit(.minutes(5))) func `The example of WireClient`() throws {
    let screen = Screen()
    func print(_ value: some CustomStringConvertible & Sendable) { screen.print(value) }
    let runtime = Runtime(live: .simulationEpoch, disk: MemoryDisk(), choices: Choices(.seeded(1)))
    let caller = try WireCaller(runtime, EndpointAddress(host: "127.0.0.1", port: 1))
    let symbols = [Symbol(base: "BTC", quote: "USDT")].compactMap { $0 }
    let client = BinanceClient(runtime, caller, key: "key", secret: "secret", symbols: symbols)
    if case .failure(let why) = try client.balances(deadline: runtime.now + .seconds(2)) { print(why) }
    runtime.stop()
    let lines = screen.lines
    #expect(lines.count == 1 && lines.first?.contains("not sent") == true, "\(lines)")
  }

  @Test func `The example of Exploration`() throws {
    let screen = Screen()
    func print(_ value: some CustomStringConvertible & Sendable) { screen.print(value) }
    let program = try #require(ClassicProgram.named("deadlock01"))
    let executor = Executor()
    var sweep = Sweep<ClassicProgram>(by: executor)
    let campaign = sweep.run(program, Search(Seeds(1), arm: 1), until: CampaignGoal(ran: 100, failed: 1))
    let failure = try #require(campaign.failure)
    let again = executor.run(
      program, RunRequest(scenarioSeed: 1, scheduleSeed: 0, schedule: .replay(failure.report.recording)))
    print(again.incidents.first?.summary ?? "no incident")
    let lines = screen.lines
    #expect(again.judgement.verdicts == failure.report.judgement.verdicts && lines.count == 1)
  }

  @Test func `The example of ClassicPrograms`() throws {
    let screen = Screen()
    func print(_ value: some CustomStringConvertible & Sendable) { screen.print(value) }
    let program = try #require(ClassicProgram.named("account"))
    var sweep = Sweep<ClassicProgram>(by: Executor())
    let campaign = sweep.run(program, Search(Seeds(1), arm: 1), until: CampaignGoal(ran: 10_000, failed: 1))
    print("\(program.name): found after \(campaign.ran) schedules")
    let lines = screen.lines
    #expect(campaign.failure != nil && lines.count == 1)
  }

  @Test func `The example of Proof`() throws {
    let screen = Screen()
    func print(_ value: some CustomStringConvertible & Sendable) { screen.print(value) }
    let bound = Statistics.bound(clean: 200)
    print("failure rate below \(Statistics.percentAbove(bound)) % (95 %)")
    let mean = try #require(Statistics.mean(of: [1, 2, 1, 3, 1]))
    print(mean.value)
    let lines = screen.lines
    #expect(lines == ["failure rate below 1.5 % (95 %)", "1.6"])
  }

  @Test func `The example of Monitoring`() throws {
    let screen = Screen()
    func print(_ value: some CustomStringConvertible & Sendable) { screen.print(value) }
    let metrics = Metrics()
    metrics.recordOrderSent(symbol: "AIX/USDT", side: "buy")
    let summary = metrics.summary(at: .simulationEpoch)
    print(String(decoding: PrometheusText.render(summary, as: .text), as: UTF8.self))
    for alert in AlertRules().broken(by: summary) { print(alert.message) }
    let lines = screen.lines
    #expect(lines.first?.contains("orders_sent_total 1") == true && lines.count == 2)
  }

  @Test func `The example of MetricsServer`() throws {
    let screen = Screen()
    func print(_ value: some CustomStringConvertible & Sendable) { screen.print(value) }
    let server = try PrometheusServer(at: EndpointAddress(host: "127.0.0.1", port: 0))
    print("http://127.0.0.1:\(server.port)/metrics")
    let lines = screen.lines
    #expect(lines.first?.hasSuffix("/metrics") == true)
  }

  @Test func `The example of HTTP`() {
    let screen = Screen()
    func print(_ value: some CustomStringConvertible & Sendable) { screen.print(value) }
    var parser = HTTPRequestParser()
    parser.append(Array("GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n".utf8)[...])
    if case .request(let request)? = parser.next() { print("\(request.path) \(request.query)") }
    let lines = screen.lines
    #expect(lines == ["/a b=c"])
  }

  @Test func `The examples of ExchangeServer and BotRun`() throws {
    let screen = Screen()
    func print(_ value: some CustomStringConvertible & Sendable) { screen.print(value) }
    let runtime = Runtime(live: .simulationEpoch, disk: MemoryDisk(), choices: Choices(.seeded(1)))
    let isOver = true
    let account = WireAccount(
      name: "bot", key: "key", secret: "secret", balances: [Balance(asset: "USDT", free: Decimal(10_000))])
    let settings = ServerSettings(
      address: EndpointAddress(host: "127.0.0.1", port: 0), accounts: [account],
      symbols: ServerSettings.standardSymbols, seed: 1)
    let server = try ExchangeServer(settings, runtime, logs: nil)
    print("http://127.0.0.1:\(server.port)")
    server.run { isOver }
    let scratch = Scratch()
    let directory = scratch.path
    let plan = BotPlan(command: "true", settings: settings, duration: .seconds(2), environment: [])
    var runner = BotRunner(plan, server: server, runtime: runtime, directory: directory) { false }
    if case .judged(let verdicts) = runner.run().outcome { print(verdicts.count) }
    let lines = screen.lines
    #expect(lines.count == 2 && lines.last == "\(BotCheck.all.count)")
  }

  @Test func `The example of Trading`() throws {
    let screen = Screen()
    func print(_ value: some CustomStringConvertible & Sendable) { screen.print(value) }
    let symbol = try #require(Symbol("AIX/USDT"))
    let tenth = try #require(Decimal("0.1"))
    let sum = try tenth.adding(tenth).adding(tenth)
    print("\(symbol.base) \(sum)")
    let lines = screen.lines
    #expect(lines == ["AIX 0.3"])
  }

  @Test func `The example of FakeExchange`() throws {
    let screen = Screen()
    func print(_ value: some CustomStringConvertible & Sendable) { screen.print(value) }
    let price = try #require(Decimal("2.01"))
    var book = OrderBook()
    book.insert(OrderBook.Entry(id: 1, account: 0, price: price, remaining: Decimal(50)), .sell)
    let reachable = book.reachable(.buy, limit: price, quantity: Decimal(80), account: 1)
    print("\(reachable) of 80 can be bought at \(price) or better")
    let lines = screen.lines
    #expect(lines == ["50 of 80 can be bought at 2.01 or better"])
  }

  @Test func `The example of TradingEngine`() throws {
    let screen = Screen()
    func print(_ value: some CustomStringConvertible & Sendable) { screen.print(value) }
    var settings = EngineSettings()
    try settings.set("BUDGET_REFRESH_TIMEOUT_S", "2")
    do throws(SettingError) {
      try settings.set("TP", "0.5")
    } catch {
      print(error)
    }
    let lines = screen.lines
    #expect(lines == ["TP = 0.5 is out of range (1.0001 to 10)"])
  }

  @Test func `The example of Checks`() throws {
    let screen = Screen()
    func print(_ value: some CustomStringConvertible & Sendable) { screen.print(value) }
    let system = try PaperSystem(PaperInputs(kind: .paper, durationSeconds: 30))
    let report = Executor().run(system, PaperSystem.paperRequest(seed: 1))
    let record = try SessionRecord(files: SessionFiles(report.judgement.files))
    for verdict in Check.judge(record) where verdict.outcome == .fail { print("\(verdict.check): \(verdict.reason)") }
    print(record.orders.count)
    let lines = screen.lines
    #expect(lines.count == 1)
  }

  @Test(.tags(.live), .realClock, .timeLimit(.minutes(5))) func `The example of ProcessWatch`() throws {
    let screen = Screen()
    @Sendable func print(_ value: some CustomStringConvertible & Sendable) { screen.print(value) }
    let scratch = Scratch()
    let folder = scratch.path
    let command = WatchOptions.Subject.command(["sh", "-c", "exit 7"])
    let options = WatchOptions(
      subject: command, dumpPath: folder + "/stackdump.txt", environment: ["PATH=/usr/bin:/bin"],
      now: { .simulationEpoch }, say: { print($0) })
    let outcome = ProcessWatcher(options).run()
    print(outcome.exitCode)
    let lines = screen.lines
    #expect(lines == ["7"])
  }

  @Test func `The example of HistoricalBugs`() throws {
    let screen = Screen()
    func print(_ value: some CustomStringConvertible & Sendable) { screen.print(value) }
    let bug = try #require(AllBugs.named("9.4"))
    print("\(bug.id) \(bug.title): fails \(bug.signature)")
    print(bug.originalParts)
    let lines = screen.lines
    #expect(lines.first == "9.4 budget refresh blocks the main loop: fails budget-refresh-bounded")
  }

  @Test func `The example of PaperSession`() throws {
    let screen = Screen()
    func print(_ value: some CustomStringConvertible & Sendable) { screen.print(value) }
    let system = try PaperSystem(PaperInputs(kind: .paper, durationSeconds: 60))
    let report = Executor().run(system, PaperSystem.paperRequest(seed: 1))
    print(report.judgement.verdicts.filter { $0.outcome == .fail }.map(\.check))
    let lines = screen.lines
    #expect(lines == ["[]"])
  }

  @Test func `The example of FieldReconciliation`() throws {
    let screen = Screen()
    func print(_ value: some CustomStringConvertible & Sendable) { screen.print(value) }
    let scratch = Scratch()
    let directory = scratch.path
    let end = #""side":"buy","amount":1,"status":"canceled","filled":0}"#
    scratch.write(
      #"{"timestamp":1762074840000,"id":"1","clientOrderId":"a","symbol":"AIX/USDT",\#(end)"#, to: "fetch_orders.jsonl")
    let log = ["SENT", "CANCELED"].map { #"{"event_type":"ORDER_\#($0)","client_order_id":"a","ts":1762074840}"# }
    scratch.write(log.joined(separator: "\n"), to: "orders.jsonl")
    var input = SessionReader.Input()
    input.directory = directory
    let found = Reconciliation(try SessionReader.read(input))
    print(found.verdict)
    #expect(screen.lines == ["AGREE  the log and the venue tell the same"])
  }

  @Test func `The example of FieldReproduction`() throws {
    let screen = Screen()
    func print(_ value: some CustomStringConvertible & Sendable) { screen.print(value) }
    let scratch = Scratch()
    let end = #""side":"buy","amount":1,"status":"canceled","filled":0}"#
    scratch.write(
      #"{"timestamp":1762074840000,"id":"1","clientOrderId":"a","symbol":"AIX/USDT",\#(end)"#, to: "fetch_orders.jsonl")
    let log = ["SENT", "CANCELED"].map { #"{"event_type":"ORDER_\#($0)","client_order_id":"a","ts":1762074840}"# }
    scratch.write(log.joined(separator: "\n"), to: "orders.jsonl")
    let bug = try #require(AllBugs.named("FILL-3"))
    var input = SessionReader.Input()
    input.directory = scratch.path
    let found = Reconciliation(try SessionReader.read(input))
    let library = try FaultSelection(directory: nil)
    let scenario = try FieldScenario(found, directory: nil, bug: bug, scalesMoney: false, library)
    print(scenario.missing.count)
    #expect(screen.lines.count == 1 && scenario.bug.id == "FILL-3")
  }
}
