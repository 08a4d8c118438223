/// Why files are no session directory that can be checked.
public enum RecordError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Files that every session has and this directory has not, separated by commas.
  case missing(String)
  /// A file is there and cannot be read as what it should be.
  case broken(file: String, reason: String)

  /// The file and what is wrong with it.
  public var description: String {
    switch self {
    case .missing(let what): "no session directory of this tool: \(what) missing"
    case .broken(let file, let reason): "\(file): \(reason)"
    }
  }
}
