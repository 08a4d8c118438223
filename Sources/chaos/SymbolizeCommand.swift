import Watchdog

/// `chaos symbolize FILE`: finish a raw dump.
enum SymbolizeCommand {
  static let verb = Verb(
    name: "symbolize", summary: "turn the addresses of a raw stackdump.txt into functions and lines", words: "FILE",
    options: [], examples: ["chaos symbolize sessions/latest/stackdump.txt"], run: run)

  private static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    guard let file = arguments.positional.first, arguments.positional.count == 1 else {
      throw UsageError(text: "symbolize: one file is needed, as in 'chaos symbolize stackdump.txt'")
    }
    switch Watchdog.symbolize(file: file) {
    case .success:
      Terminal.print("\(file): symbols: full")
      return ExitCode.pass
    case .failure(let error): throw UsageError(text: "symbolize: \(error)")
    }
  }
}
