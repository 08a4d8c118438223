public import Basics

/// How far a log's clock is from the venue's, and since when.
public struct ClockOffset: Sendable, Equatable {
  /// What has to be added to the log's times from a moment of the log on.
  public struct Step: Sendable, Equatable {
    /// The first moment of the log, as it is written, that it holds for.
    public var from: Instant
    /// Seconds to add.
    public var seconds: Int
  }

  /// In the order of time; empty: the clocks agree.
  public var steps: [Step] = []
  /// The same in the order in which they came to be: a clock that is set back shows the same hour twice.
  public var changes: [Step] = []
  /// Pairs of log and truth that say so.
  public var pairs = 0

  /// A moment of the log by the venue's clock.
  public func venueTime(_ time: Instant) -> Instant {
    guard let step = steps.last(where: { $0.from <= time }) ?? steps.first else { return time }
    return time + .seconds(step.seconds)
  }

  /// Seconds to add at a moment of the log.
  public func seconds(at time: Instant) -> Int { (steps.last { $0.from <= time } ?? steps.first)?.seconds ?? 0 }

  /// Offsets that zones can have: quarters of an hour up to 14 hours.
  private static let quarter = 900.0
  /// Seconds within which a log and a venue tell of the same order.
  private static let near = 120.0

  /// From pairs of an order's sending in the log and its time at the venue. Small differences are latency, and clocks that
  /// are off by less than a quarter of an hour are left alone.
  static func measured(_ pairs: [(log: Instant, venue: Instant)]) -> ClockOffset {
    var offset = ClockOffset()
    var fits: [(log: Instant, venue: Instant, seconds: Int)] = []
    for pair in pairs {
      let difference = (pair.venue - pair.log).seconds
      let quarters = (difference / quarter).rounded()
      guard abs(difference - quarters * quarter) <= near, abs(quarters) <= 56 else { continue }
      fits.append((pair.log, pair.venue, Int(quarters * quarter)))
    }
    offset.pairs = fits.count
    offset.steps = runs(fits.sorted { $0.log < $1.log })
    offset.changes = runs(fits.sorted { $0.venue < $1.venue })
    // One pair alone between others is chance.
    if offset.steps.count > 3 || offset.steps.allSatisfy({ $0.seconds == 0 }) {
      offset.steps = []
      offset.changes = []
    }
    return offset
  }

  private static func runs(_ fits: [(log: Instant, venue: Instant, seconds: Int)]) -> [Step] {
    var steps: [Step] = []
    for fit in fits where steps.last?.seconds != fit.seconds { steps.append(Step(from: fit.log, seconds: fit.seconds)) }
    return steps
  }

  /// Without names: the offset under which most orders of the log have one of the venue's beside them, with at most one
  /// change by an hour.
  static func voted(
    _ logs: [(key: String, time: Instant)], _ venues: [(key: String, time: Instant)]
  ) -> ClockOffset {
    var byKey: [String: [Instant]] = [:]
    for venue in venues { byKey[venue.key, default: []].append(venue.time) }
    var fits: [(time: Instant, offsets: Set<Int>)] = []
    var votes: [Int: Int] = [:]
    for log in logs.prefix(10_000) {
      var offsets: Set<Int> = []
      for time in (byKey[log.key] ?? []).prefix(200) {
        let difference = (time - log.time).seconds
        let quarters = (difference / quarter).rounded()
        // The venue hears of an order after it is sent.
        guard difference - quarters * quarter > -5, difference - quarters * quarter < near, abs(quarters) <= 56 else {
          continue
        }
        offsets.insert(Int(quarters * quarter))
      }
      for offset in offsets { votes[offset, default: 0] += 1 }
      fits.append((log.time, offsets))
    }
    // A tie goes to the smaller difference.
    let ranked = votes.sorted { ($0.value, -abs($0.key), $0.key) > ($1.value, -abs($1.key), $1.key) }
    guard let best = ranked.first, best.value > 0 else { return ClockOffset() }
    let zero = votes[0] ?? 0
    let main = zero >= best.value ? 0 : best.key
    fits.sort { $0.time < $1.time }
    var pairs: [(log: Instant, venue: Instant)] = []
    for fit in fits {
      let seconds = fit.offsets.contains(main) ? main : [main + 3600, main - 3600].first { fit.offsets.contains($0) }
      if let seconds { pairs.append((fit.time, fit.time + .seconds(seconds))) }
    }
    return measured(pairs)
  }
}
