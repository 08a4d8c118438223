/// Two runs of one request that were not the same, with the first two lines that differ.
public struct Divergence: Sendable, Equatable, CustomStringConvertible {
  /// What differs: the schedule, the recording, or a file.
  public var what: String
  /// The line of the first run.
  public var first: String
  /// The line of the second run.
  public var second: String

  /// A difference as given.
  public init(what: String, first: String, second: String) {
    self.what = what
    self.first = first
    self.second = second
  }

  /// Three lines: what, and the two sides below each other.
  public var description: String { "\(what)\n    first   \(first)\n    second  \(second)" }

  /// The first two lines that differ; nil: none do.
  public static func between<Line: StringProtocol>(_ first: [Line], _ second: [Line], what: String) -> Divergence? {
    for index in 0..<max(first.count, second.count) {
      let left = index < first.count ? String(first[index]) : "(ends here)"
      let right = index < second.count ? String(second[index]) : "(ends here)"
      if left != right { return Divergence(what: "\(what), line \(index + 1)", first: left, second: right) }
    }
    return nil
  }

  static func between(_ first: [UInt8], _ second: [UInt8], what: String) -> Divergence? {
    if first == second { return nil }
    func lines(_ bytes: [UInt8]) -> [String] {
      bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }
    return between(lines(first), lines(second), what: what)
  }
}
