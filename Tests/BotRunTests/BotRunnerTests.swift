import Basics
import ChaosRuntime
import Checks
import ExchangeServer
import HTTP
import TestSupport
import Testing
import Trading

@testable import BotRun

/// Shell scripts as bots, on the real clock.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct BotRunnerTests {
  private func run(_ command: String, seconds: Int = 2, belief: String? = nil) throws -> BotRunner.Outcome {
    let scratch = Scratch()
    _ = FileDisk.makeDirectory("\(scratch.path)/logs")
    let account = WireAccount(
      name: "bot", key: "key", secret: "secret", balances: [Balance(asset: "USDT", free: Decimal(100))])
    let settings = ServerSettings(
      address: EndpointAddress(host: "127.0.0.1", port: 0), accounts: [account],
      symbols: ServerSettings.standardSymbols, seed: 1)
    let runtime = Runtime(
      live: Instant(nanoseconds: 1_767_225_600_000_000_000), disk: MemoryDisk(), choices: Choices(.seeded(1)))
    let server = try ExchangeServer(settings, runtime, logs: "\(scratch.path)/logs")
    var plan = BotPlan(
      command: command, settings: settings, duration: .seconds(seconds), environment: ["PATH=/usr/bin:/bin"])
    plan.belief = belief
    var runner = BotRunner(plan, server: server, runtime: runtime, directory: scratch.path) { false }
    return runner.run().outcome
  }

  private func verdict(_ check: String, _ outcome: BotRunner.Outcome) -> Outcome? {
    guard case .judged(let verdicts) = outcome else { return nil }
    return verdicts.first { $0.check == check }?.outcome
  }

  /// Heard once with its key: one request through bash's own sockets.
  private static let hello =
    #"exec 3<>"/dev/tcp/127.0.0.1/${CHAOS_HTTP##*:}"; printf 'POST /api/v3/userDataStream HTTP/1.1\r\nHost: a\r\nHost: a\r\n' >/dev/null; printf 'POST /api/v3/userDataStream HTTP/1.1\r\nHost: 127.0.0.1\r\nX-MBX-APIKEY: %s\r\nContent-Length: 0\r\n\r\n' "$CHAOS_API_KEY" >&3; head -c 15 <&3; "#

  @Test func `A command that there is not was never started, and one that says nothing never connected`() throws {
    guard case .notStarted(let why) = try run("no-such-bot-at-all") else {
      Issue.record("it was started")
      return
    }
    #expect(why.contains("127"))
    guard case .neverConnected = try run("sleep 30") else {
      Issue.record("it was heard")
      return
    }
  }

  @Test func `A bot that lives and ends when it is asked is clean, one that crashes or ignores the signal is not`()
    throws
  {
    let good = try run(
      "bash -c '\(Self.hello.replacing("'", with: "'\\''")) exec sleep 30'",
      belief: #"echo '{"positions":{"BTCUSDT":"1"},"open_orders":[],"balances":{"USDT":100}}'"#)
    #expect(verdict("bot-alive", good) == .pass && verdict("bot-ends-cleanly", good) == .pass)
    // It has nothing but what it began with.
    #expect(verdict("bot-positions-agree", good) == .fail)
    #expect(verdict("bot-open-orders-agree", good) == .pass && verdict("bot-balances-agree", good) == .pass)
    let crashed = try run("bash -c '\(Self.hello.replacing("'", with: "'\\''")) exit 3'")
    #expect(verdict("bot-alive", crashed) == .fail && verdict("bot-ends-cleanly", crashed) == .notApplicable)
    #expect(verdict("bot-alive", try run("yes")) == .fail, "who floods is judged, heard or not")
  }

  @Test func `Places in a command are filled in`() throws {
    let account = WireAccount(name: "bot", key: "K", secret: "S", balances: [])
    let settings = ServerSettings(
      address: EndpointAddress(host: "127.0.0.1", port: 0), accounts: [account],
      symbols: ServerSettings.standardSymbols, seed: 1)
    var plan = BotPlan(
      command: "bot {http} {ws} {key}:{secret} {key} {session}", settings: settings, duration: .seconds(1),
      environment: [])
    let places = plan.places(port: 80, directory: "/tmp/run")
    #expect(BotPlan.filled(plan.command, places) == "bot http://127.0.0.1:80 ws://127.0.0.1:80 K:S K /tmp/run")
    #expect(!places.contains { $0.variable == "CHAOS_BELIEF" }, "it was not asked for")
    plan.belief = "http://127.0.0.1:{port}/{key}"
    let told = plan.places(port: 80, directory: "/tmp/run")
    let port = try #require(told.first { $0.name == "{port}" }).value
    #expect(UInt16(port) ?? 0 > 0)
    #expect(told.last?.variable == "CHAOS_BELIEF" && told.last?.value == "http://127.0.0.1:\(port)/K")
  }
}
