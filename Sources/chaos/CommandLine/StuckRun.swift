import Basics
import Glibc
import Watchdog

/// What the command line does when a simulated thread runs for 10 s of real time without a scheduling point: says who and where, and ends.
enum StuckRun {
  static let stuckRunMonitor = StuckRunMonitor { finding in
    // Symbols need memory, and the stuck thread may be in the midst of getting some.
    signal(SIGALRM) { _ in _exit(ExitCode.internalError) }
    alarm(20)
    Terminal.note("chaos: \(finding.summary)\nReplay  \(command)\n")
    Terminal.note(finding.dump.render(symbolized: true))
    _exit(ExitCode.internalError)
  }

  /// What the user typed, to be typed again.
  static var command: String { typed(Array(CommandLine.arguments.dropFirst())) }

  /// A command of these words.
  static func typed(_ words: [String]) -> String { (["chaos"] + words).map(quoted).joined(separator: " ") }

  private static func quoted(_ word: String) -> String {
    let isPlain = word.allSatisfy { $0.isLetter || $0.isNumber || "-_./=:,+".contains($0) }
    return isPlain ? word : "'\(word)'"
  }
}
