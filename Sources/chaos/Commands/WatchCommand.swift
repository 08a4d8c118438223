import Basics
import ChaosRuntime
import Glibc
import ProcessWatch

/// `chaos watch -- CMD`: a watchdog for any process.
enum WatchCommand {
  static let verb = Verb(
    name: "watch", summary: "run a program of any language under a watchdog", words: "[options] -- CMD [ARG ...]",
    options: [
      Option(
        "stall", "D",
        "seconds without a heartbeat, or in one wait for a lock, that make a suspicion (60 for heartbeats)"),
      Option("heartbeat", "FILE", "the program gets on when this file changes"),
      Option("heartbeat-line", "REGEX", "the program gets on when it prints such a line"),
      Option("heartbeat-url", "URL", "the program gets on when http://... answers 200 to 299"),
      Option("dump", "FILE", "write dumps here instead of stackdump.txt; numbered, at most 8"),
      Option("fatal", nil, "end the program at the first verdict: SIGTERM, 10 s, SIGKILL"),
      Option("json", "FILE", "write the verdict here"),
      Option(
        "pthread-locks", nil, "preload libChaosLocks.so: owners and circles of pthread mutexes (C, C++, Rust, Swift)"),
      Option("pid", "N", "watch a process that runs already, from outside"),
      Option("now", nil, "with --pid: write one dump and end"),
    ],
    examples: [
      "chaos watch -- python3 bot.py",
      "chaos watch --stall 30s --heartbeat state.json --fatal -- python3 bot.py",
      "chaos watch --pid 4116 --now",
    ], run: run)

  /// 4: a circle of locks; 3: suspected; 125 to 127: the watch failed; else the program's own code.
  private static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    var options = WatchOptions(
      subject: try subject(arguments), dumpPath: absolute(arguments["dump"] ?? "stackdump.txt"),
      environment: ChildProcess.environment, now: { WallClock.now }, say: { Terminal.note($0) })
    options.stall = try arguments.seconds("stall", in: 0.1...86_400)
    options.heartbeat = try heartbeat(arguments)
    options.isFatal = arguments.has("fatal")
    options.isOneLook = arguments.has("now")
    options.ignoredSignals = Interruption.ignoredBefore
    if arguments.has("pthread-locks") { options.lockLibrary = try lockLibrary(arguments) }
    try Outputs.checkFile(options.dumpPath, option: "--dump")
    let outcome = ProcessWatcher(options).run()
    if let failure = outcome.failure { Terminal.note("chaos watch: \(failure)") }
    guard let path = arguments["json"] else { return outcome.exitCode }
    if let error = Outputs.replace(Array(outcome.json.pretty().utf8), at: path) {
      Terminal.note("chaos watch: --json: \(error)")
      return outcome.verdict == nil ? 125 : outcome.exitCode
    }
    return outcome.exitCode
  }

  /// The library stands beside this program.
  private static func lockLibrary(_ arguments: Arguments) throws(UsageError) -> String {
    if arguments.has("pid") { throw UsageError(text: "watch: --pthread-locks is for a program that the watch starts") }
    guard let own = realpath("/proc/self/exe", nil) else {
      throw UsageError(text: "watch: /proc/self/exe is unreadable")
    }
    defer { free(own) }
    let folder = String(cString: own).split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let path = (folder + ["libChaosLocks.so"]).joined(separator: "/")
    guard Files.exists(path) else {
      throw UsageError(
        text: "watch: '\(path)' is not there; 'swift build -c release' makes it, and it belongs beside chaos")
    }
    return path
  }

  private static func subject(_ arguments: Arguments) throws(UsageError) -> WatchOptions.Subject {
    let words = arguments.positional
    if let process = try arguments.int("pid", in: 1...Int(Int32.max)) {
      guard words.isEmpty else { throw UsageError(text: "watch: --pid and a command exclude each other") }
      if arguments.has("heartbeat-line") {
        throw UsageError(text: "watch: --heartbeat-line needs the program's output; start it with 'chaos watch -- CMD'")
      }
      return .process(Int32(process))
    }
    if arguments.has("now") { throw UsageError(text: "watch: --now is for --pid N") }
    guard !words.isEmpty else {
      throw UsageError(text: "watch: a command is needed, as in 'chaos watch -- python3 bot.py', or --pid N")
    }
    return .command(words)
  }

  private static func heartbeat(_ arguments: Arguments) throws(UsageError) -> WatchOptions.Heartbeat? {
    let names = ["heartbeat", "heartbeat-line", "heartbeat-url"].filter { arguments.has($0) }
    guard names.count < 2 else { throw UsageError(text: "watch: --\(names[0]) and --\(names[1]) exclude each other") }
    if let path = arguments["heartbeat"] { return .file(absolute(path)) }
    if let text = arguments["heartbeat-url"] {
      do throws(HeartbeatURL.Refusal) { return .url(try HeartbeatURL(text)) } catch {
        throw UsageError(text: "--heartbeat-url: \(error.text)")
      }
    }
    guard let pattern = arguments["heartbeat-line"] else { return nil }
    guard let regex = try? Regex(pattern) else {
      throw UsageError(text: "--heartbeat-line: '\(InputError.shown(pattern))' is no regular expression")
    }
    // A regular expression does not change once it is made.
    nonisolated(unsafe) let fixed = regex
    return .line(pattern, { line in line.firstMatch(of: fixed) != nil })
  }

  /// The program may change its directory; this process does not, but reports name whole paths.
  private static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") || path.isEmpty { return path }
    guard let here = getcwd(nil, 0) else { return path }
    defer { free(here) }
    return "\(String(cString: here))/\(path)"
  }
}
