import Basics

/// A JSON file of a session, one member a line, whose members can be pointed at by their line.
public struct KeyedFile: Sendable {
  /// In the session directory.
  public let path: String
  let bytes: [UInt8]

  /// The first line that has a member of this name; nil when none has. O(bytes).
  public func line(_ key: String) -> (number: Int, text: String)? {
    let name = "\"\(key)\":"
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      let text = String(decoding: line.drop { $0 == 0x20 }, as: UTF8.self)
      guard text.hasPrefix(name) else { continue }
      return (index + 1, text.hasSuffix(",") ? String(text.dropLast()) : text)
    }
    return nil
  }

  /// The text of a member that is a string at the top; nil when there is none.
  func string(_ key: String) -> String? {
    (try? JSON.parse(bytes))?[key]?.string
  }
}
