import Basics
import Trading

/// When the venue let the client know what became of an order, for orders whose events alone did not tell.
///
/// A client that hears nothing asks. Until its question is answered it cannot know, and a question that failed may be
/// asked again a pause later.
struct VenueWord {
  /// What the engine may take beyond the venue's word.
  let limit: Duration
  let pause: Duration
  /// What the engine may take behind a good answer.
  private let slack: Duration
  /// How long an order may live of which nobody knows anything.
  private let life: Duration
  /// When faults ended threads that send orders.
  private let sendersEnded: [Instant]
  private let truth: VenueTruth
  private let shutdown: Instant
  /// In order, none touching the next.
  private let pauses: [Range<Instant>]

  /// Reads the queries and cancels of the venue's truth.
  init(_ record: SessionRecord) throws(Unjudged) {
    limit = try record.settleLimit().duration
    slack = record.hearingSlack
    life = record.settings.time(.orderTtlS) ?? .zero
    let senders = [ThreadName.orderRouter, .orderExit].map(\.rawValue)
    sendersEnded = record.run.firings.filter { fired in
      fired.action == "kill" && senders.contains { fired.thread == $0 }
    }.map(\.time)
    pause = try record.settingTime(.reconcileAfterS) + slack
    truth = record.truth
    shutdown = record.end
    pauses = Stretches(record.truth.pauses).all
  }

  /// By when an order that ended at `end` should be settled. O(questions about it).
  func due(_ order: String, endedAt end: Instant, timeout: Duration) -> Instant {
    var due = end + limit + (slack - Check.reactionSlack)
    // While the venue asks for no call, nobody can ask.
    for pause in pauses where pause.upperBound > end && pause.lowerBound <= due {
      due = due + (pause.upperBound - max(pause.lowerBound, end))
    }
    guard let traffic = truth.order(order) else { return due }
    if isLeftOpen(traffic) { due = max(due, traffic.asked + life + limit) }
    var (queries, cancels) = (traffic.queries[...], traffic.cancels[...])
    while let (question, isCancel) = Self.next(&queries, &cancels),
      // An engine that is to end has other things to do before it asks again.
      question.asked <= due || due >= shutdown && question.asked >= shutdown
    {
      let answered = min(question.answered ?? .distantFuture, question.asked + timeout)
      // That the venue does not know the order is an answer, unless a fault made it up; to a cancel it may mean that the order
      // has been filled.
      let isAnswer = question.isGood || question.isPermanent && !question.isInjected && !isCancel
      due = max(due, answered + (isAnswer && question.answered == answered ? slack : pause))
      // Whether a sale that the venue does not know was filled its balances tell.
      if isAnswer, !question.isGood, !traffic.isBuy,
        let balances = truth.balances.first(where: { $0.asked >= answered && $0.asked <= answered + slack })
      {
        due = max(due, min(balances.answered ?? .distantFuture, balances.asked + timeout) + slack)
      }
    }
    return due
  }

  /// Whether a thread ended that was about to send an order again which the venue had refused for the moment: nobody knows what
  /// became of that, so that it may live for its whole time.
  func isLeftOpen(_ order: OrderTraffic) -> Bool {
    guard order.end?.how == .refused, let last = order.places.last, !last.isPermanent, let answered = last.answered
    else { return false }
    return sendersEnded.contains { $0 >= answered && $0 <= answered + limit }
  }

  /// The earlier of the first two, and whether it is the second's.
  private static func next(
    _ left: inout ArraySlice<VenueCallFact>, _ right: inout ArraySlice<VenueCallFact>
  ) -> (fact: VenueCallFact, isSecond: Bool)? {
    if let first = left.first, right.first.map({ $0.asked >= first.asked }) ?? true {
      left.removeFirst()
      return (first, false)
    }
    return right.popFirst().map { ($0, true) }
  }
}

extension SessionRecord {
  /// What the engine may take to act on what it was told. A schedule may hold up each of the three threads that a booking passes
  /// by 2 s.
  var hearingSlack: Duration { Check.reactionSlack + (run.isStallFree ? .zero : .seconds(6)) }
}
