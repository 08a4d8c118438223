import Basics
import ChaosRuntime
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
    switch ThreadWatchdog.symbolize(file: file, keepsRaw: true) {
    case .success:
      Terminal.print("\(file): \(symbols(of: file))")
      return ExitCode.pass
    case .failure(let error): throw UsageError(text: "symbolize: \(error)")
    }
  }

  /// What the first line of the finished dump says of its symbols.
  private static func symbols(of file: String) -> String {
    guard let bytes = Files.read(file), let line = bytes.split(separator: 0x0A).first else { return "" }
    let text = String(decoding: line, as: UTF8.self)
    return text.firstRange(of: "symbols: ").map { String(text[$0.lowerBound...]) } ?? text
  }
}
