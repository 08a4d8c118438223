public import FaultInjection

/// A fault that the user named, read and checked.
public struct ChosenFault {
  /// As inputs keep it.
  public let source: PaperInputs.FaultSource
  /// What it does.
  public let fault: Fault
  /// How a command line names it: an id, a path, or the one line.
  public let word: String
  /// A fault of the user's own: no bug can list it.
  public let isOwn: Bool

  /// For directories.
  public var name: String {
    if case .file(let name, _) = source { return Self.fileName(name) }
    return Self.fileName(word)
  }

  /// A fault's word as part of a directory name.
  private static func fileName(_ word: String) -> String {
    String(word.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." ? $0 : "_" }.prefix(60))
  }

  /// The word as a shell takes it.
  public var quoted: String {
    word.contains { !$0.isLetter && !$0.isNumber && !"-_./".contains($0) } ? "'\(word)'" : word
  }
}
