import Basics

/// When a session's phases begin and end, from its start.
struct PaperPhases: Sendable {
  /// Faults are armed here.
  var chaosStart: Duration
  /// Faults are off from here on, scheduling is fair.
  var healStart: Duration
  var settleStart: Duration
  var end: Duration
  /// Whether faults are off before the engine is shut down.
  var isHealed = true

  /// The same with less chaos: what follows comes earlier.
  func shortened(by cut: Duration) -> PaperPhases {
    let cut = min(cut, healStart - chaosStart)
    return PaperPhases(
      chaosStart: chaosStart, healStart: healStart - cut, settleStart: settleStart - cut, end: end - cut,
      isHealed: isHealed)
  }

  /// A session that is ended while the faults still act.
  static func abrupt(_ total: Duration) -> PaperPhases {
    PaperPhases(chaosStart: total / 10, healStart: total, settleStart: total, end: total, isHealed: false)
  }

  /// A proof's schedule: baseline 10 %, chaos 60 %, heal 10 %, settle 20 %.
  static func proof(_ total: Duration) -> PaperPhases {
    PaperPhases(chaosStart: total / 10, healStart: total / 10 * 7, settleStart: total / 10 * 8, end: total)
  }

  /// A paper session: the everyday mix from the first moment until 15 s (at most a tenth) before the end.
  static func paper(_ total: Duration) -> PaperPhases {
    let tail = min(total / 10, .seconds(15))
    return PaperPhases(chaosStart: .zero, healStart: total - tail, settleStart: total - tail / 2, end: total)
  }

  /// Recorded data: chaos covers it, and what it left open settles in the 20 s that follow.
  static func data(_ length: Duration) -> PaperPhases {
    PaperPhases(
      chaosStart: .zero, healStart: length, settleStart: length + .seconds(5), end: length + .seconds(20))
  }

  /// Live, one arm alone: a second of baseline, then chaos to the end.
  static func live(_ total: Duration) -> PaperPhases {
    PaperPhases(
      chaosStart: .seconds(1), healStart: total / 10 * 8, settleStart: total / 10 * 9, end: max(total, .seconds(2)))
  }
}
