/// Why a session cannot be set up: the user's mistake, told before anything runs.
public enum PaperError: Error, Sendable, CustomStringConvertible {
  /// Text of a fault file or a one-line fault that is none; complete, with place and caret.
  case fault(String)
  case market(String)
  case setting(String)
  case unknownBug(String, suggestion: String?)
  case unknownRevision(bug: String, revision: String, known: [String])
  case setup(String)

  public var description: String {
    switch self {
    case .fault(let text), .market(let text), .setting(let text), .setup(let text): text
    case .unknownBug(let id, let suggestion):
      "no bug is called '\(id)'" + (suggestion.map { "; did you mean '\($0)'?" } ?? "; 'chaos list' names them")
    case .unknownRevision(let bug, let revision, let known):
      "bug \(bug) has no revision '\(revision)'; it has \(known.joined(separator: ", "))"
    }
  }
}
