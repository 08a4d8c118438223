import Basics

/// Stretches of time in order, none touching the next: when something held somebody up, or was the case.
struct Stretches: Sendable {
  private(set) var all: [Range<Instant>] = []

  init() {}

  /// The union of stretches in any order; empty ones are left out.
  init(_ parts: [Range<Instant>]) {
    for part in parts.sorted(by: { $0.lowerBound < $1.lowerBound }) where !part.isEmpty {
      if let last = all.last, part.lowerBound <= last.upperBound {
        all[all.count - 1] = last.lowerBound..<max(last.upperBound, part.upperBound)
      } else {
        all.append(part)
      }
    }
  }

  /// While at least so many of the parts hold at once; O(n log n).
  static func overlaps(of count: Int, in parts: [Range<Instant>]) -> [Range<Instant>] {
    let turns = parts.flatMap { [($0.lowerBound, 1), ($0.upperBound, -1)] }
      .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
    var found: [Range<Instant>] = []
    var open = 0
    var since: Instant?
    for (time, change) in turns {
      open += change
      if open >= count {
        since = since ?? time
      } else if let start = since {
        found.append(start..<time)
        since = nil
      }
    }
    return found
  }

  /// What of `range` no stretch covers, in order.
  func gaps(in range: Range<Instant>) -> [Range<Instant>] {
    var gaps: [Range<Instant>] = []
    var at = range.lowerBound
    for part in all where part.upperBound > at {
      if part.lowerBound >= range.upperBound { break }
      if part.lowerBound > at { gaps.append(at..<part.lowerBound) }
      at = part.upperBound
    }
    if at < range.upperBound { gaps.append(at..<range.upperBound) }
    return gaps
  }

  /// How much of `range` no stretch covers.
  func uncovered(in range: Range<Instant>) -> Duration {
    gaps(in: range).reduce(.zero) { $0 + $1.length }
  }
}

extension Range<Instant> {
  var length: Duration { upperBound - lowerBound }

  /// From one time to another; empty where the second is earlier.
  static func from(_ start: Instant, to end: Instant) -> Range<Instant> { start..<Swift.max(start, end) }
}

extension Instant {
  /// So long before; saturates.
  func minus(_ duration: Duration) -> Instant { self + .nanoseconds(-duration.nanoseconds) }
}
