/// What is wrong with a folder of tick files.
public enum MarketDataError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The folder is not there or cannot be read.
  case noFolder(String)
  /// The folder has no `.jsonl` file.
  case noFiles(String)
  /// More than `TickFiles.filesMax` files.
  case tooManyFiles(String)
  /// A file cannot be read, or is no regular file of a size that is read.
  case unreadable(file: String, reason: String)
  /// The files have more than `TickFiles.bytesMax` together.
  case tooLarge(String)
  /// A file has no line.
  case empty(String)
  /// A line is no tick, or does not follow the line before it.
  case line(file: String, line: Int, reason: String)
  /// Two files have the same symbol.
  case sameSymbol(file: String, other: String)

  /// Path, line where there is one, and what is wrong.
  public var description: String {
    switch self {
    case .noFolder(let path): "\(path): no such folder; --market expects a folder with one .jsonl file per symbol"
    case .noFiles(let path): "\(path): no .jsonl files; one per symbol is needed"
    case .tooManyFiles(let path): "\(path): more than \(TickFiles.filesMax) .jsonl files"
    case .unreadable(let file, let reason): "\(file): \(reason)"
    case .tooLarge(let path): "\(path): the files have more than \(TickFiles.bytesMax) bytes together"
    case .empty(let file): "\(file): has no ticks"
    case .line(let file, let line, let reason): "\(file):\(line): \(reason)"
    case .sameSymbol(let file, let other): "\(file): has the same symbol as \(other)"
    }
  }
}
