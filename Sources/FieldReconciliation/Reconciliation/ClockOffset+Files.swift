import Basics

extension ClockOffset {
  /// Minutes that a log may begin before or end behind the truth.
  private static let margin = Duration.seconds(300)

  /// A session in which every file of the log has the clock that this offset is for.
  ///
  /// The offset is measured on orders. A file without any may have another clock, such as counts since 1970 beside local times: it
  /// has, where its times lie beside the truth as they are and would not once they are corrected.
  func applied(to session: FieldSession) -> FieldSession {
    guard steps.count == 1, let seconds = steps.first?.seconds, let truth = session.spans[.truth] else {
      return session
    }
    let measured = Set(session.beliefs.compactMap { $0.sent?.place.file })
    func liesBeside(_ span: (first: Instant, last: Instant), _ offset: Int) -> Bool {
      span.first + .seconds(offset) <= truth.last + Self.margin
        && span.last + .seconds(offset) + Self.margin >= truth.first
    }
    let others = Set(
      session.files.indices.filter { index in
        guard session.files[index].side == .log, !measured.contains(index), let span = session.files[index].span else {
          return false
        }
        return liesBeside(span, 0) && !liesBeside(span, seconds)
      })
    if others.isEmpty { return session }
    var session = session
    func move(_ mark: inout FieldMark) {
      if others.contains(mark.place.file) { mark.time = mark.time + .seconds(-seconds) }
    }
    for at in session.believedBalances.indices { move(&session.believedBalances[at].mark) }
    for at in session.positionCounts.indices { move(&session.positionCounts[at].mark) }
    for at in session.signals.indices { move(&session.signals[at].mark) }
    for at in session.noted.indices where session.noted[at].side == .log { move(&session.noted[at].mark) }
    return session
  }
}
