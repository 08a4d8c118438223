import Basics

extension Reconciliation {
  /// Longer than any pause of a bot that lives: it tells of its heart, its balances or its polls more often.
  private static let silence = Duration.seconds(600)
  /// Two ends of one run that are so near are one.
  private static let near = Duration.seconds(60)
  private static let runsMax = 100

  /// Each run of the program by itself, compared anew; the session as it is where its files hold one.
  ///
  /// A run begins where the log tells of a start, and behind a silence of both sides.
  var runs: [Reconciliation] {
    let beginnings = beginnings
    if beginnings.isEmpty { return [self] }
    let bounds = [Instant(nanoseconds: .min)] + beginnings + [.distantFuture]
    return zip(bounds, bounds.dropFirst()).compactMap { part(from: $0, to: $1).map(Reconciliation.init) }
  }

  /// Moments of all that both sides tell, by the venue's clock.
  private var moments: [Instant] {
    var log = session.noted.filter { $0.side == .log }.map(\.mark.time)
    log += session.believedBalances.map(\.mark.time) + session.positionCounts.map(\.mark.time)
    log += session.signals.map(\.mark.time) + session.starts.map(\.time)
    log += session.beliefs.flatMap { [$0.sent, $0.last].compactMap { $0?.time } }
    var all = log.map(clock.venueTime)
    all += session.noted.filter { $0.side == .truth }.map(\.mark.time) + session.balances.map(\.mark.time)
    all += session.truths.flatMap { [$0.placed, $0.last].compactMap { $0?.time } }
    return all.sorted()
  }

  /// Of every run but the first, by the venue's clock.
  private var beginnings: [Instant] {
    let moments = moments
    var all = session.starts.dropFirst().map { clock.venueTime($0.time) }
    all += zip(moments, moments.dropFirst()).filter { $1 - $0 > Self.silence }.map { $1 }
    var found: [Instant] = []
    for time in all.sorted() where found.last.map({ time - $0 > Self.near }) ?? true { found.append(time) }
    return Array(found.prefix(Self.runsMax - 1))
  }

  /// What both sides tell from one moment to another, by the venue's clock; nil: the log tells nothing of that time.
  private func part(from start: Instant, to end: Instant) -> FieldSession? {
    func has(_ time: Instant) -> Bool { time >= start && time < end }
    func hasLog(_ time: Instant) -> Bool { has(clock.venueTime(time)) }
    var part = session
    var places: [Int: Int] = [:]
    part.beliefs = []
    for (index, order) in session.beliefs.enumerated() {
      guard let time = (order.sent ?? order.last)?.time, hasLog(time) else { continue }
      places[index] = part.beliefs.count
      part.beliefs.append(order)
    }
    part.truths = session.truths.filter { ($0.placed ?? $0.last).map { has($0.time) } ?? false }
    for at in part.truths.indices { part.truths[at].belief = part.truths[at].belief.flatMap { places[$0] } }
    part.looseTrades = []
    part.believedBalances = session.believedBalances.filter { hasLog($0.mark.time) }
    part.balances = session.balances.filter { has($0.mark.time) }
    part.positionCounts = session.positionCounts.filter { hasLog($0.mark.time) }
    part.signals = session.signals.filter { hasLog($0.mark.time) }
    part.starts = session.starts.filter { hasLog($0.time) }
    part.noted = session.noted.filter { $0.side == .log ? hasLog($0.mark.time) : has($0.mark.time) }
    func clip(_ span: (first: Instant, last: Instant), _ told: [Instant]) -> (first: Instant, last: Instant)? {
      guard let first = told.min(), let last = told.max() else { return nil }
      return (max(span.first, first), min(span.last, last))
    }
    let log =
      part.noted.filter { $0.side == .log }.map(\.mark.time) + part.believedBalances.map(\.mark.time)
      + part.positionCounts.map(\.mark.time) + part.signals.map(\.mark.time) + part.starts.map(\.time)
      + part.beliefs.flatMap { [$0.sent, $0.last].compactMap { $0?.time } }
    let truth =
      part.noted.filter { $0.side == .truth }.map(\.mark.time) + part.balances.map(\.mark.time)
      + part.truths.flatMap { [$0.placed, $0.last].compactMap { $0?.time } }
    if log.isEmpty { return nil }
    part.spans[.log] = session.spans[.log].flatMap { clip($0, log) }
    part.spans[.truth] = session.spans[.truth].flatMap { clip($0, truth) }
    for at in part.files.indices {
      part.files[at].span = part.files[at].span.flatMap { clip($0, part.files[at].side == .log ? log : truth) }
    }
    return part
  }
}
