/// What searches met and left out, since what they remember is bounded: it narrows what later schedules aim at.
public struct SearchCuts: Sendable, Equatable {
  /// How often hand-offs, or the threads at their ends, were met beyond those that are kept.
  public var handOffs = 0
  /// Recordings that showed something new and are too long to be varied.
  public var recordings = 0

  /// Counts as given; without any, nothing was left out.
  public init(handOffs: Int = 0, recordings: Int = 0) {
    self.handOffs = handOffs
    self.recordings = recordings
  }

  /// Adds up what two searches left out.
  public static func += (sum: inout SearchCuts, other: SearchCuts) {
    sum.handOffs += other.handOffs
    sum.recordings += other.recordings
  }

  /// A sentence each; empty: nothing was left out.
  public var texts: [String] {
    var texts: [String] = []
    if handOffs > 0 { texts.append("hand-offs beyond \(HandOffs.max) met \(handOffs) times, not aimed at") }
    if recordings > 0 { texts.append("\(recordings) recordings above \(Mutation.linesMax) lines not varied") }
    return texts
  }
}
