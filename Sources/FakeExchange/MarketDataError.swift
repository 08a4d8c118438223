/// What is wrong with a folder of tick files.
public enum MarketDataError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The folder is not there or cannot be read.
  case noFolder(String)
  /// The folder has no `.jsonl` file.
  case noFiles(String)
  /// More than `TickFiles.filesMax` files.
  case tooManyFiles(String)
  /// A file cannot be read.
  case unreadable(String)
  /// A file is larger than `TickFiles.bytesMax`.
  case tooLarge(String)
  /// A file has no line.
  case empty(String)
  /// A line is no tick, or does not follow the line before it.
  case line(file: String, line: Int, reason: String)
  /// Two files have the same symbol.
  case sameSymbol(file: String, other: String)

  public var description: String {
    switch self {
    case .noFolder(let path): "\(path): no such folder; --market wants a folder with one .jsonl file per symbol"
    case .noFiles(let path): "\(path): no .jsonl files; one per symbol is needed"
    case .tooManyFiles(let path): "\(path): more than \(TickFiles.filesMax) .jsonl files"
    case .unreadable(let file): "\(file): cannot be read"
    case .tooLarge(let file): "\(file): larger than \(TickFiles.bytesMax) bytes"
    case .empty(let file): "\(file): has no ticks"
    case .line(let file, let line, let reason): "\(file):\(line): \(reason)"
    case .sameSymbol(let file, let other): "\(file): has the same symbol as \(other)"
    }
  }
}
