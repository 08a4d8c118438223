import Basics

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
  /// A schedule may hold up each of the three threads that a booking passes by 2 s.
  private static let stallMax = Duration.seconds(6)
  private var questions: [String: [(asked: Instant, answered: Instant?, isGood: Bool)]] = [:]

  /// Reads `query_order` and `cancel_order` of the venue's truth.
  init(_ record: SessionRecord) throws(Unjudged) {
    limit = try record.settleLimit().duration
    pause = try record.settingTime(.reconcileAfterS) + Check.reactionSlack
    slack = Check.reactionSlack + (record.run.isStallFree ? .zero : Self.stallMax)
    var open: [String: (id: String, at: Int)] = [:]
    var line = FieldIndex()
    for entry in record.venue where entry.kind == "request" || entry.kind == "reply" {
      line.load(entry)
      guard let call = line.text(.call), call == "query_order" || call == "cancel_order",
        let number = line.code(.id)
      else { continue }
      if entry.kind == "request" {
        guard let id = line.text(.clientOrderId) else { continue }
        open[number] = (id, questions[id, default: []].count)
        questions[id, default: []].append((entry.time, nil, false))
      } else if let (id, at) = open[number] {
        questions[id]?[at].answered = entry.time
        // That the venue does not know the order is an answer, unless a fault made it up.
        questions[id]?[at].isGood =
          line.text(.outcome) == "ok" || line.flag(.permanent) == true && line.flag(.injected) != true
      }
    }
  }

  /// By when an order that ended at `end` should be settled. O(questions about it).
  func due(_ order: String, endedAt end: Instant, timeout: Duration) -> Instant {
    var due = end + limit + (slack - Check.reactionSlack)
    for question in questions[order] ?? [] where question.asked <= due {
      let answered = min(question.answered ?? .distantFuture, question.asked + timeout)
      let isGood = question.isGood && question.answered == answered
      due = max(due, answered + (isGood ? slack : pause))
    }
    return due
  }
}
