import Basics
import ChaosRuntime
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Monitoring

@Suite struct AlertTests {
  private func broken(_ change: (inout MetricsSummary) -> Void) -> [Alert.Rule] {
    var summary = Metrics().summary(at: .simulationEpoch)
    change(&summary)
    return AlertRules().broken(by: summary).map(\.rule)
  }

  @Test func `Each rule has its edge`() {
    #expect(broken { _ in } == [], "no order was sent")
    #expect(broken { ($0.ordersSent, $0.ordersFilled) = (10, 3) } == [])
    #expect(broken { ($0.ordersSent, $0.ordersFilled) = (1000, 299) } == [.fillRate])
    #expect(broken { $0.ordersSent = 1 } == [.fillRate])
    #expect(broken { ($0.ordersSent, $0.intentsPending) = (1, 1) } == [])
    #expect(broken { $0.intentsPending = 50 } == [])
    #expect(broken { $0.intentsPending = 51 } == [.intents])
    #expect(broken { $0.intentsStale = 10 } == [])
    #expect(broken { $0.intentsStale = 11 } == [.intents])
    #expect(broken { $0.budgetRefreshTimeouts = 5 } == [])
    #expect(broken { $0.budgetRefreshTimeouts = 6 } == [.budgetRefresh])
    #expect(broken { $0.threadsLost = 1 } == [.threads])
  }

  @Test func `Messages are the guides`() {
    var summary = Metrics().summary(at: .simulationEpoch)
    (summary.ordersSent, summary.ordersFilled, summary.intentsPending, summary.intentsStale) = (4, 1, 51, 3)
    (summary.budgetRefreshTimeouts, summary.threadsLost) = (6, 2)
    #expect(
      AlertRules().broken(by: summary).map(\.message) == [
        "Low fill rate: 25%", "Intent cleanup issues: 51 pending, 3 stale", "Budget refresh degraded: 6 timeouts",
        "Threads have ended: 2 lost",
      ])
  }

  /// Keeps what it is given; `isHanging`: it never comes back from the first.
  private final class Box: AlertSink {
    let name: String
    let isHanging: Bool
    let isFailing: Bool
    private let seconds = Mutex<[Int]>([])

    init(_ name: String, isHanging: Bool = false, isFailing: Bool = false) {
      self.name = name
      self.isHanging = isHanging
      self.isFailing = isFailing
    }

    var all: [Int] { seconds.withLock { $0 } }

    func deliver(_ alert: Alert, _ runtime: Runtime) throws(Stopped) -> Result<Void, AlertError> {
      seconds.withLock { $0.append(Int((alert.time - .simulationEpoch).seconds)) }
      if isHanging { try runtime.sleep(.seconds(1_000_000)) }
      return isFailing ? .failure(AlertError(reason: "it is full")) : .success(())
    }
  }

  @Test func `An alert comes again after its cooldown and a sick sink holds nobody up`() {
    let (good, hanging, failing) = (Box("good"), Box("hanging", isHanging: true), Box("failing", isFailing: true))
    let reasons = Reasons()
    let ended = Atomic<Bool>(true)
    _ = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let metrics = Metrics()
      var rules = AlertRules()
      rules.cooldown = .seconds(10)
      let alerting = Alerting(metrics, rules: rules, sinks: [hanging, failing, good]) { failure throws(Stopped) in
        reasons.add("\(failure.sink) \(failure.rule.rawValue): \(failure.reason)")
      }
      let running = try alerting.start(runtime)
      try runtime.sleep(.milliseconds(4500))
      metrics.recordOrderSent(symbol: "AIX/USDT", side: "buy")
      try runtime.sleep(.seconds(200))
      ended.store(try running.finish(limit: .seconds(3)), ordering: .relaxed)
    }
    #expect(good.all.prefix(3) == [5, 15, 25])
    #expect(good.all.count == 20)
    #expect(failing.all == good.all)
    #expect(hanging.all == [5])
    let haveAllEnded = ended.load(ordering: .relaxed)
    #expect(!haveAllEnded, "the hanging sink is left behind")
    #expect(reasons.all.filter { $0 == "failing fill_rate: it is full" }.count == 20)
    // 16 wait for the hanging sink, one is in its hands.
    #expect(reasons.all.filter { $0 == "hanging fill_rate: the sink is busy" }.count == 3)
  }

  @Test func `The file sink appends a line for each`() {
    let disk = MemoryDisk()
    _ = Simulation().run(disk: disk) { runtime throws(Stopped) in
      let sink = FileSink(path: "logs/alerts.jsonl")
      for rule in Alert.Rule.allCases {
        _ = try sink.deliver(Alert(time: .simulationEpoch, rule: rule, message: "\"quoted\""), runtime)
      }
    }
    let lines = String(decoding: disk.files.first?.bytes ?? [], as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 4)
    #expect(
      lines.first
        == #"{"timestamp":"2025-01-01T00:00:00.000000Z","alert":"fill_rate","message":"\"quoted\""}"#)
  }
}

@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct CommandSinkTests {
  private let runtime = Runtime(live: .simulationEpoch, disk: MemoryDisk(), choices: Choices(.seeded(1)))
  private let alert = Alert(time: .simulationEpoch, rule: .intents, message: "a; b $HOME")

  private func reason(_ sink: CommandSink) throws -> String? {
    if case .failure(let error) = try sink.deliver(alert, runtime) { return error.reason }
    return nil
  }

  @Test func `The program gets the alert and its end is told`() throws {
    let check = #"[ "$CHAOS_ALERT" = intents ] && [ "$CHAOS_ALERT_MESSAGE" = 'a; b $HOME' ]"#
    #expect(try reason(CommandSink(["/bin/sh", "-c", check])) == nil)
    #expect(try reason(CommandSink(["/bin/sh", "-c", "exit 3", "secret"])) == "sh ended with code 3")
    #expect(try reason(CommandSink(["/none/tool", "secret"])) == "tool cannot be started: No such file or directory")
  }

  @Test func `A program that hangs is ended with its children`() throws {
    let sink = CommandSink(["/bin/sh", "-c", "sleep 1000 & sleep 1000"], limit: .milliseconds(300))
    #expect(try reason(sink) == "sh had not ended after 0.3 s")
  }

  /// `chaos` ignores SIGPIPE, and a thread may have signals blocked; this program has a file open that it did not close.
  @Test func `The program inherits no signal and no file`() throws {
    let before = signal(SIGPIPE, SIG_IGN)
    defer { signal(SIGPIPE, before) }
    var blocked = sigset_t()
    var old = sigset_t()
    sigemptyset(&blocked)
    sigaddset(&blocked, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &blocked, &old)
    defer { pthread_sigmask(SIG_SETMASK, &old, nil) }
    let leaky = open("/dev/null", O_RDONLY)
    defer { close(leaky) }
    let masks = "grep -E '^Sig(Ign|Blk):' /proc/self/status | grep -qv '0000000$' && exit 1"
    #expect(try reason(CommandSink(["/bin/sh", "-c", "\(masks); exit 0"])) == nil)
    // The shell's own descriptors and the one that ls reads the folder with.
    let files = "[ \"$(ls /proc/self/fd | tr '\\n' ' ')\" = '0 1 2 3 ' ] || exit 1"
    #expect(try reason(CommandSink(["/bin/sh", "-c", files])) == nil)
  }
}
