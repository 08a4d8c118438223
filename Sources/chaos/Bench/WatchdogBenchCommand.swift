import Basics
import ChaosRuntime
import Glibc
import Watchdog

/// `chaos bench watchdog`: how fast a deadlock is on disk, and that a healthy run is never called one.
enum WatchdogBenchCommand {
  static let options = [
    Option("sections", "N", "watchdog: how often healthy threads take a lock under the watchdog (default 1,000,000)"),
    Option("hard", nil, "watchdog: what is hard to look at, with a table; --rounds N: so many of each at most"),
    Option("only", "NAME", "watchdog --hard: that test alone, in this very process (default 1 round)"),
    Option("out", "DIR", "watchdog --hard --only: where its dumps go; they stay"),
  ]

  static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    if arguments.has("hard") { return try HardBench.run(arguments) }
    let sections = try arguments.int("sections", in: 1000...1_000_000_000) ?? 1_000_000
    let rounds = try arguments.int("rounds", in: 1...1000) ?? 50
    let directory = Files.free("/tmp/chaos-bench-\(getpid())")
    guard mkdir(directory, 0o755) == 0 else { throw UsageError(text: "bench: '\(directory)' cannot be made") }
    defer { Files.removeTree(directory) }
    let figures = WatchdogBench.run(directory: directory, rounds: rounds)
    let result = FalseAlarmBench.run(directory: directory, sections: sections)
    let alarms = result.circles + result.incidents.count
    if arguments.has("json") {
      let own: [(String, JSON)] = [
        ("healthy_sections_total", .int(result.sections)), ("healthy_looks_total", .int(result.looks)),
        ("healthy_seconds", .double(result.seconds, places: 3)), ("false_alarms_total", .int(alarms)),
      ]
      Terminal.print(
        JSON.object(figures.map { ($0.name, .double($0.value, places: 4)) } + own).pretty(), newline: false)
    } else {
      for figure in figures {
        Terminal.print("  \(Verbs.pad(figure.name, 51))\(JSON.double(figure.value, places: 2).text)")
      }
      Terminal.print(
        "  healthy run: locks taken \(result.sections) times in \(JSON.double(result.seconds, places: 1).text) s, "
          + "\(result.looks) looks at waiting threads")
      for incident in result.incidents.prefix(8) { Terminal.print("  FALSE ALARM  \(incident.summary)") }
      Terminal.print("bench: false alarms \(alarms)")
    }
    return alarms == 0 ? ExitCode.pass : ExitCode.failed
  }
}
