public import HistoricalBugs

/// What a session's files say of one sign.
public struct SignReading: Sendable {
  /// How it stands.
  public enum State: String, Sendable {
    /// It is there; the files would show it and do not; a file that would show it is missing.
    case seen, missed, notObservable = "not_observable"
  }

  /// Which one.
  public var sign: FieldSign
  /// How it stands.
  public var state: State
  /// With figures: what was found, or which file would tell.
  public var says: String
  /// How often it is there, where it is counted; nil: it is not.
  public var count: Int?
  /// A line that shows it.
  public var place: FieldPlace?

  static func seen(_ sign: FieldSign, _ says: String, _ place: FieldPlace? = nil) -> SignReading {
    SignReading(sign: sign, state: .seen, says: says, place: place)
  }

  static func missed(_ sign: FieldSign) -> SignReading { SignReading(sign: sign, state: .missed, says: "") }

  static func notObservable(_ sign: FieldSign, _ file: String) -> SignReading {
    SignReading(sign: sign, state: .notObservable, says: "\(file) would tell")
  }

  /// Seen where the count reaches a threshold.
  static func counted(
    _ sign: FieldSign, _ count: Int, atLeast least: Int = 1, _ words: String, _ place: FieldPlace? = nil
  ) -> SignReading {
    guard count >= least else { return .missed(sign) }
    var reading = seen(sign, "\(count) \(words)", place)
    reading.count = count
    return reading
  }
}
