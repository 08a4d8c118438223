import Basics
import ChaosRuntime
import ExchangeServer
import FaultInjection
import Glibc
import HTTP

/// `chaos serve`: the exchange over HTTP and WebSocket.
enum ServeCommand {
  static let verb = Verb(
    name: "serve", summary: "serve the fake exchange over HTTP and WebSocket, for any bot",
    words: "[options]",
    options: ServeOptions.options + [
      Option("fault", "F", "a fault that is armed from the start; repeatable", isRepeatable: true),
      CommonOptions.faults,
      Option("duration", "S", "end after so many seconds (default: at Ctrl-C)"), CommonOptions.out,
      Option("json", nil, "print addresses and keys as one JSON line instead of ready configuration"),
    ],
    examples: [
      "chaos serve", "chaos serve --symbols BTCUSDT,ETHUSDT --account bot:USDT=500",
      "chaos serve --fault lost-reply --seed 7",
      "chaos serve --fault 'wire.request[method=POST]=1*replace(wire=reset-after)'",
    ], run: run)

  private static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    if let word = arguments.positional.first {
      throw UsageError(text: "serve: unexpected argument '\(InputError.shown(word))'")
    }
    let limit = try arguments.seconds("duration", in: 0.1...31_536_000)
    let settings = try ServeOptions.settings(arguments, port: 8899, faults: try WireFaultWords.faults(arguments))
    let base = Files.free("\(arguments["out"] ?? "runs")/serve_\(WallClock.stamp)")
    if case .failure(let error) = FileDisk.makeDirectory("\(base)/logs") {
      throw UsageError(text: "serve: \(base): \(error.text)")
    }
    let server = try make(settings, logs: "\(base)/logs")
    raiseDescriptorLimit()
    Interruption.beginAsking()
    announce(server, isJSON: arguments.has("json"))
    Terminal.note("seed \(settings.seed); logs in \(base)/logs; Ctrl-C ends it")
    if !settings.faults.isEmpty { server.arm() }
    let end = limit.map { WallClock.monotonic + $0 }
    server.run {
      if let trouble = server.takeTrouble() { Terminal.note("chaos: serve: \(trouble)") }
      return Interruption.isRequested || end.map { WallClock.monotonic >= $0 } ?? false
    }
    server.heal()
    server.finish()
    let report = server.report
    Terminal.print(text(report))
    if let error = Outputs.replace(Array(json(report, settings).pretty().utf8), at: "\(base)/run.json") {
      Terminal.note("chaos: serve: \(error)")
    }
    Terminal.note("Session \(base)")
    // Ctrl-C is how it ends; only broken books are a failure.
    return report.violation == nil ? ExitCode.pass : ExitCode.failed
  }

  /// A server for these settings; what cannot be had is a usage error.
  static func make(_ settings: ServerSettings, logs: String?) throws(UsageError) -> ExchangeServer {
    let runtime = Runtime(live: nil, disk: MemoryDisk(), choices: Choices(.seeded(settings.seed)))
    do throws(ServerError) { return try ExchangeServer(settings, runtime, logs: logs) } catch {
      throw UsageError(text: "serve: \(error)")
    }
  }

  /// A thousand streams need more descriptors than the usual 1024.
  static func raiseDescriptorLimit() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = min(limit.rlim_max, 65_536)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  private static func announce(_ server: ExchangeServer, isJSON: Bool) {
    let settings = server.settings
    let host = settings.address.host == "0.0.0.0" ? "127.0.0.1" : settings.address.host
    let account = settings.accounts[0]
    if isJSON {
      let members: [(key: String, value: JSON)] = [
        ("http", .string("http://\(host):\(server.port)")), ("ws", .string("ws://\(host):\(server.port)")),
        ("venue", .string(settings.venue)), ("key", .string(account.key)),
        ("secret", .string(settings.address.isLoopback ? account.secret : "")),
      ]
      return Terminal.print(JSON.object(members).text)
    }
    Terminal.print(
      """
      http    http://\(host):\(server.port)
      ws      ws://\(host):\(server.port)/stream
      page    http://\(host):\(server.port)/chaos/
      venue   \(settings.venue), \(settings.symbols.count) symbols
      key     \(account.key)
      secret  \(settings.address.isLoopback ? account.secret : "as given")

      """)
    Terminal.print(
      ClientConfiguration.text(
        host: host, port: server.port, venue: settings.venue, key: account.key, secret: account.secret,
        showsSecret: settings.address.isLoopback))
  }

  private static func text(_ report: ExchangeServer.Report) -> String {
    var lines = [
      "requests \(report.counts.requests), refused \(report.counts.refused), streams \(report.counts.streams)",
      "orders \(report.orders), fills \(report.fills)",
    ]
    for inject in report.injects {
      lines.append("fault \(inject.fault) at \(inject.site): fired \(inject.fired) of \(inject.eligible) times")
    }
    if report.connections.slow > 0 {
      lines.append("clients that did not read, and were dropped: \(report.connections.slow)")
    }
    lines.append(report.violation.map { "the venue's books do not add up: \($0)" } ?? "the venue's books add up")
    return lines.joined(separator: "\n")
  }

  private static func json(_ report: ExchangeServer.Report, _ settings: ServerSettings) -> JSON {
    .object([
      ("kind", .string("serve")), ("venue", .string(settings.venue)), ("seed", .int(Int(clamping: settings.seed))),
      ("requests", .int(report.counts.requests)), ("refused", .int(report.counts.refused)),
      ("streams", .int(report.counts.streams)), ("orders", .int(report.orders)), ("fills", .int(report.fills)),
      (
        "faults",
        .array(
          report.injects.map {
            .object([
              ("fault", .string($0.fault)), ("site", .string($0.site)), ("eligible", .int($0.eligible)),
              ("fired", .int($0.fired)),
            ])
          })
      ),
      ("violation", report.violation.map { .string($0) } ?? .null),
    ])
  }
}
