public import Basics

extension PaperInputs.Revision {
  /// Revisions as a user names them: `9.1=original`, or `original` where `bug` says whose.
  ///
  /// - Throws: a word without `=` where no bug is known.
  public static func all(_ words: [String], bug: String?) throws(UsageError) -> [PaperInputs.Revision] {
    var revisions: [PaperInputs.Revision] = []
    for word in words {
      if let equals = word.firstIndex(of: "=") {
        revisions.append(
          PaperInputs.Revision(bug: String(word[..<equals]), revision: String(word[word.index(after: equals)...])))
      } else if let bug {
        revisions.append(PaperInputs.Revision(bug: bug, revision: word))
      } else {
        throw UsageError(text: "--revision expects BUG=REVISION here, as in 9.1=original; not '\(word)'")
      }
    }
    return revisions
  }
}
