/// Something that a person wrote is wrong: what, where, and what was probably meant.
///
/// Its text is `file:line:column: message`, the line, and a caret below the place.
public struct SourceError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The text's name, as the user knows it.
  public var file: String
  /// From 1.
  public var line: Int
  /// From 1, in Unicode scalars.
  public var column: Int
  /// What is wrong and what would be right, without the place.
  public var message: String
  /// The offending line, cut to a readable length around the place.
  public var sourceLine: String
  /// What stands before the caret in the line below `sourceLine`.
  public var caretIndent: String

  /// Three lines: place and message, the line of the text, and a caret below the place.
  public var description: String {
    "\(file):\(line):\(column): \(message)\n    \(sourceLine)\n    \(caretIndent)^"
  }
}

/// A fault file or a one-line fault that cannot be read.
public typealias FaultFileError = SourceError

/// A text with a name, so that mistakes in it can be shown.
public struct SourceText: Sendable {
  /// The text's name in errors: a path, or the option that it came from.
  public let file: String
  /// The text; errors may point into bytes that are not UTF-8.
  public let bytes: [UInt8]

  /// Scalars of a line that an error shows.
  private static let shownMax = 160

  /// Text with the name that errors show; nothing is read or checked.
  public init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
  }

  /// The error at a byte of the text; the end of the text counts as a byte. O(text).
  public func error(at offset: Int, _ message: String, meant: String? = nil) -> SourceError {
    let offset = min(max(0, offset), bytes.count)
    var line = 1
    var start = 0
    for i in 0..<offset where bytes[i] == 0x0A {
      line += 1
      start = i + 1
    }
    let before = Array(String(decoding: bytes[start..<offset], as: UTF8.self).unicodeScalars)
    var end = bytes[offset...].firstIndex(of: 0x0A) ?? bytes.count
    if end > offset, bytes[end - 1] == 0x0D { end -= 1 }
    let after = Array(String(decoding: bytes[offset..<end], as: UTF8.self).unicodeScalars)
    let skipped = max(0, before.count - Self.shownMax / 2)
    let shown = Array((before + after)[skipped...].prefix(Self.shownMax))
    let indent = before[skipped...].map { $0 == "\t" ? "\t" : " " }.joined()
    return SourceError(
      file: file, line: line, column: before.count + 1,
      message: message + (meant.map { "; did you mean '\($0)'?" } ?? ""), sourceLine: Self.visible(shown),
      caretIndent: indent)
  }

  /// Control characters would act on a terminal.
  private static func visible(_ scalars: [Unicode.Scalar]) -> String {
    var text = String.UnicodeScalarView()
    for scalar in scalars {
      let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
      text.append(isControl && scalar != "\t" ? "?" : scalar)
    }
    return String(text)
  }
}
