import ChaosRuntime
import Glibc
import Watchdog

/// The command line: parse, call, print, exit code.
@main
struct Main {
  static func main() {
    ThreadWatchdog.symbolizeIfRequested()
    ProcessMemory.keep()
    Interruption.install()
    let arguments = Array(CommandLine.arguments.dropFirst())
    exit(Terminal.exitCode(Verbs.dispatch(arguments)))
  }
}
