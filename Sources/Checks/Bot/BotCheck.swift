public import Basics

/// A check of a bot that one cannot look into: a pure function from what the venue saw to a verdict.
public struct BotCheck: Sendable {
  /// What verdicts call it.
  public let name: String
  /// What it promises, in one sentence.
  public let summary: String
  private let body: @Sendable (BotRecord) -> Verdict

  init(_ name: String, _ summary: String, _ body: @escaping @Sendable (BotRecord) -> Verdict) {
    (self.name, self.summary) = (name, summary)
    let id = name
    self.body = { record in
      var verdict = body(record)
      verdict.check = id
      return verdict
    }
  }

  /// The verdict on a run.
  public func judge(_ record: BotRecord) -> Verdict { body(record) }

  /// The one list.
  public static let all: [BotCheck] = [
    botAlive, botEndsCleanly, botAsksWhatBecame, botDoesNotRepeat, botLearnsWhatItMissed, botTakesNoForAnAnswer,
    botPauses, botOrdersValid, botSellsWhatItHas, botReopensStreams, botRenewsListenKey, botLeavesNoOrder,
    botKeepsExposure, botPositionsAgree, botOpenOrdersAgree, botBalancesAgree, botVenueBooks,
  ]

  /// The check of that name; nil: there is none.
  public static func named(_ name: String) -> BotCheck? { all.first { $0.name == name } }

  static func pass(_ reason: String) -> Verdict { Verdict(check: "", outcome: .pass, reason: reason) }
  static func fail(_ reason: String, _ evidence: [String] = []) -> Verdict {
    Verdict(check: "", outcome: .fail, reason: reason, evidence: Array(evidence.prefix(20)))
  }
  static func skip(_ reason: String) -> Verdict { Verdict(check: "", outcome: .notApplicable, reason: reason) }
  static func open(_ reason: String) -> Verdict { Verdict(check: "", outcome: .inconclusive, reason: reason) }

  /// What cannot be said before the run is over.
  static let unfinished = open("the run was killed before its end, or still goes on")

  static func seconds(_ duration: Duration) -> String { JSON.double(duration.seconds, places: 1).text + " s" }
}
