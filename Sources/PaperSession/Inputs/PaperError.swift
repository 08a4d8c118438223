/// Why a session cannot be set up: the user's mistake, told before anything runs.
public enum PaperError: Error, Sendable, CustomStringConvertible {
  /// Text of a fault file or a one-line fault that is none; complete, with place and caret.
  case fault(String)
  /// A folder of tick files that cannot be replayed; the text names file and line.
  case market(String)
  /// A setting that there is not, or a value beyond its range, or two settings that contradict each other.
  case setting(String)
  /// No bug has that id or alias.
  case unknownBug(String, suggestion: String?)
  /// No scene has that name.
  case unknownScene(String, suggestion: String?)
  /// The bug has no such revision, or the revision no such part.
  case unknownRevision(bug: String, revision: String, known: [String])
  /// Something else in the set-up, in words.
  case setup(String)

  /// What is wrong and what there is instead, complete for a user.
  public var description: String {
    switch self {
    case .fault(let text), .market(let text), .setting(let text), .setup(let text): text
    case .unknownBug(let id, let suggestion):
      "no bug is called '\(id)'" + (suggestion.map { "; did you mean '\($0)'?" } ?? "; 'chaos list' names them")
    case .unknownScene(let name, let suggestion):
      "no scene is called '\(name)'" + (suggestion.map { "; did you mean '\($0)'?" } ?? "; 'chaos list' names them")
    case .unknownRevision(let bug, let revision, let known):
      "bug \(bug) has no revision '\(revision)'; it has \(known.joined(separator: ", "))"
    }
  }
}
