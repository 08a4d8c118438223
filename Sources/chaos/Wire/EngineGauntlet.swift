import Basics
import ChaosRuntime
import FaultInjection
import Glibc
import PaperSession
import Proof

/// `chaos gauntlet --engine CMD`: every fault that the wire can do, each in a run of its own on a port of its own.
struct EngineGauntlet {
  static let options =
    [
      Option("engine", "CMD", "a bot in any language: run it under every fault that the wire can do"),
      Option("duration", "S", "with --engine: seconds of one run (default 30)"),
    ] + EngineRun.beliefOptions

  /// What only a wire can do, besides the built-in faults; each gives up after a while so that the bot can recover.
  private static let wireOnly: [(id: String, text: String)] = [
    (
      "wire-reset-before",
      "wire.request[method=POST,path=/api/v3/order]=1*replace(wire=reset-before)->30%replace(wire=reset-before)"
    ),
    (
      "wire-reset-after",
      "wire.request[method=POST,path=/api/v3/order]=1*replace(wire=reset-after)->30%replace(wire=reset-after)"
    ),
    (
      "wire-late-502",
      "wire.request[method=POST,path=/api/v3/order]=1*replace(wire=late-502)->30%replace(wire=late-502)"
    ),
    ("wire-html-403", "wire.request=3*replace(wire=html-403)"),
    ("wire-html-503", "wire.request=3*replace(wire=html-503)"),
    ("wire-truncated", "wire.request=1*replace(wire=truncated)->20%replace(wire=truncated)"),
    ("wire-malformed", "wire.request=1*replace(wire=malformed)->20%replace(wire=malformed)"),
    ("wire-wrong-length", "wire.request=1*replace(wire=wrong-length)->20%replace(wire=wrong-length)"),
    ("wire-stall", "wire.request=1*replace(wire=stall)"),
    ("wire-429", "wire.request=1*replace(wire=429)"),
    ("wire-skew", "wire.request=2*replace(wire=skew)"),
    ("wire-no-answer", "wire.request=1*drop"),
    ("wire-stream-cut", "wire.frame=1*replace(wire=cut)"),
    ("wire-stream-reset", "wire.frame=1*replace(wire=reset)"),
    ("wire-stream-truncated", "wire.frame=1*replace(wire=truncated)->10%replace(wire=truncated)"),
    ("wire-stream-reorder", "wire.frame[stream=user]=30%replace(wire=reorder)"),
    ("wire-subscribe-lost", "wire.subscribe=1*drop"),
  ]

  private struct Ended {
    var id: String
    var outcome: CaseOutcome
    /// No request of the bot is one that the fault is about.
    var isBeside = false
    var text: String
    var seconds: Double
    var replay: String
  }

  private let arguments: Arguments
  private let engine: String

  init(_ arguments: Arguments, engine: String) { (self.arguments, self.engine) = (arguments, engine) }

  func run() throws(UsageError) -> Int32 {
    let seed = try CommonOptions.seed(arguments)
    let duration = try arguments.seconds("duration", in: 2...3600) ?? 30
    let budget = try arguments.seconds("budget", in: 1...86_400) ?? 600
    let jobs = max(1, try arguments.int("jobs", in: 0...64) ?? sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let belief = try EngineRun.belief(of: arguments)
    if let source = belief?.source, jobs > 1, !source.contains("{"), !source.contains("CHAOS_") {
      throw UsageError(
        text: "gauntlet: runs side by side would tell each other's belief; write {port} or {session} into --belief, "
          + "or --jobs 1")
    }
    let cases = try selected()
    if arguments.has("list") {
      for item in cases { Terminal.print("\(Verbs.pad("wire/\(item.id)", 40)) \(item.text)") }
      return cases.isEmpty ? ExitCode.nothingSelected : ExitCode.pass
    }
    guard !cases.isEmpty else {
      Terminal.note("gauntlet: no case has been selected; 'chaos gauntlet --engine CMD --list' names them all")
      return ExitCode.nothingSelected
    }
    Interruption.beginAsking()
    Terminal.note(
      "gauntlet: \(cases.count) faults, seed \(seed), \(jobs) at a time, \(JSON.double(duration).text) s each, budget \(JSON.double(budget).text) s"
    )
    let base = Files.free("\(arguments["out"] ?? "runs")/gauntlet_\(WallClock.stamp)")
    let started = WallClock.monotonic
    var ended: [Ended] = []
    var rest = cases[...]
    while !rest.isEmpty, !Interruption.isRequested, WallClock.monotonic - started < budget {
      let batch = rest.prefix(jobs)
      rest = rest.dropFirst(batch.count)
      ended += together(Array(batch), seed, duration, base)
    }
    return report(ended, cut: Array(rest))
  }

  private func selected() throws(UsageError) -> [(id: String, text: String)] {
    let selection = try CommonOptions.faults(arguments)
    let all = WireFaultWords.builtIn(selection).map { (id: $0.id, text: $0.id) } + Self.wireOnly
    let filters = arguments.all("filter")
    return filters.isEmpty ? all : all.filter { item in filters.contains { "wire/\(item.id)".contains($0) } }
  }

  /// Runs of several faults side by side.
  private func together(
    _ batch: [(id: String, text: String)], _ seed: UInt64, _ duration: Double, _ base: String
  ) -> [Ended] {
    let started = WallClock.monotonic
    let children = batch.map { item -> (String, [String], ChildProcess?) in
      let words =
        [
          "run", "--engine", engine, "--fault", item.text, "--seed", "\(seed)", "--duration",
          JSON.double(duration).text,
          "--out", "\(base)/\(item.id)", "--json",
        ] + beliefWords
      let program = ChildProgram("/proc/self/exe", words: ["chaos"] + words, environment: ChildProcess.environment)
      return (item.id, words, ChildProcess(program))
    }
    return children.map { id, words, child in
      let replay =
        "chaos " + words.map { $0.contains { " '[*>{".contains($0) } ? "'\($0)'" : $0 }.joined(separator: " ")
      let done = child?.text(limit: duration + 60)
      let result = judged(id, done, WallClock.monotonic - started, replay)
      Terminal.print(Terminal.colored(line(result)))
      return result
    }
  }

  private var beliefWords: [String] {
    ["belief", "belief-lag"].flatMap { name in arguments[name].map { ["--\(name)", $0] } ?? [] }
  }

  private func judged(_ id: String, _ child: LiveChild?, _ seconds: Double, _ replay: String) -> Ended {
    guard let child, let json = try? JSON.parse(child.output), let code = json["exit_code"]?.int,
      let statement = json["statement"]?.string
    else {
      return Ended(id: id, outcome: .crashed, text: "the run ended without a result", seconds: seconds, replay: replay)
    }
    if code == Int(ExitCode.inconclusive), json["eligible"]?.int == 0, json["connected"]?.bool == true {
      return Ended(
        id: id, outcome: .passed, isBeside: true, text: "not met: the bot makes no request that it is about",
        seconds: seconds, replay: replay)
    }
    let outcome: CaseOutcome =
      switch code {
      case 0: .passed
      case 1: .failed
      default: .inconclusive
      }
    return Ended(id: id, outcome: outcome, text: statement, seconds: seconds, replay: replay)
  }

  private func line(_ ended: Ended) -> String {
    let sign = ended.isBeside ? "-" : ["passed": "✓", "failed": "✗"][ended.outcome.rawValue] ?? "?"
    return "\(sign) \(Verbs.pad("wire/\(ended.id)", 30)) \(ListCommand.wrapped(ended.text, indent: 33, width: 46))"
  }

  private func report(_ ended: [Ended], cut: [(id: String, text: String)]) -> Int32 {
    let met = ended.filter { !$0.isBeside }
    var code = CaseOutcome.worst(met.map(\.outcome)).exitCode
    if code == ExitCode.pass, !cut.isEmpty || met.isEmpty { code = ExitCode.inconclusive }
    let word = code == ExitCode.pass ? "GREEN" : code == ExitCode.inconclusive ? "INCONCLUSIVE" : "RED"
    let failed = met.count { $0.outcome == .failed }
    Terminal.print(
      Terminal.colored(
        "\n\(word)  \(met.count) faults met, \(failed) failed, \(ended.count - met.count) not met"
          + (cut.isEmpty ? "" : ", \(cut.count) cut by the budget")))
    for red in met where red.outcome != .passed { Terminal.print("  \(red.replay)") }
    let all: [JSON] = ended.map {
      .object([
        ("id", .string("wire/\($0.id)")), ("outcome", .string($0.outcome.rawValue)), ("met", .bool(!$0.isBeside)),
        ("text", .string($0.text)), ("seconds", .double($0.seconds, places: 1)), ("replay", .string($0.replay)),
      ])
    }
    let json = JSON.object([
      ("statement", .string(word)), ("exit_code", .int(Int(code))), ("engine", .string(engine)), ("cases", .array(all)),
      ("cut", .array(cut.map { .string("wire/\($0.id)") })),
    ])
    let junit = JUnit.text([
      JUnit.Suite(
        name: "chaos gauntlet wire",
        cases: ended.map {
          JUnit.Case(
            classname: "wire", name: $0.id, outcome: $0.outcome, message: $0.text, seconds: $0.seconds,
            replay: $0.replay)
        })
    ])
    for (option, text) in [("json", json.pretty()), ("junit", junit)] {
      guard let path = arguments[option] else { continue }
      if let error = Outputs.replace(Array(text.utf8), at: path) {
        Terminal.note("chaos: gauntlet: --\(option): \(error)")
        code = ExitCode.unwritten(code)
      }
    }
    return Interruption.exitCode(code)
  }
}
