extension Recording {
  /// A line of a replayed recording that did not take effect.
  public struct Unapplied: Sendable, Equatable, CustomStringConvertible {
    /// Why a line took no effect.
    public enum Reason: String, Sendable {
      /// The thread, site and occurrence, or the fault's or latency's key, did not come up.
      case neverReached = "its moment never came"
      /// The thread that should run could not, or the value makes no sense.
      case cannotRun = "its thread could not run then"
    }

    /// The line as the recording has it.
    public var line: Line
    /// What prevented it.
    public var reason: Reason

    /// A line with its reason.
    public init(line: Line, reason: Reason) {
      self.line = line
      self.reason = reason
    }

    /// The line as recorded, and the reason in words behind it.
    public var description: String { "\(line.text)   (\(reason.rawValue))" }
  }

  /// The format that this build writes and reads.
  public static let formatNumber = 1

  /// The format that a recording's first line names; nil: the text is no recording.
  public static func format(of text: String) -> Int? {
    let first = text.prefix { $0 != "\n" }
    let start = "# chaos recording, format "
    guard first.hasPrefix(start) else { return nil }
    return Int(first.dropFirst(start.count).prefix { $0.isNumber })
  }
}
