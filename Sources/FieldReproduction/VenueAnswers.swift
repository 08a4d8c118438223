import Basics
import FaultInjection
import FieldReconciliation
import Trading

/// What the venue did with a session's orders, order by order, as a fault file that plays it again.
struct VenueAnswers: Sendable {
  /// One inject of the file.
  struct Answer: Sendable, Equatable {
    var site: String
    /// Nil: either side.
    var side: Side?
    /// In the grammar of plans.
    var plan: String
    /// For people: what is played.
    var says: String
  }

  /// Name of the fault and, with `.toml`, of its file.
  static let id = "field-answers"
  /// Orders that are played one by one; where there are more changes than that, by their share.
  private static let stepsMax = 60
  /// An order that trades later than this had to wait.
  private static let lateSeconds = 5.0
  /// An order that ended so soon without a fill was not meant to rest.
  private static let promptSeconds = 5.0

  let answers: [Answer]

  init(_ found: Reconciliation) {
    var answers: [Answer] = []
    for side in [Side.buy, .sell] {
      let orders = Self.orders(found, side)
      let (word, fates) = (side == .buy ? "BUY" : "SELL", orders.map { Self.fate($0) })
      let refused = fates.map { if case .refused(let code) = $0 { "return(\(code))" } else { "pass" } }
      let matched = fates.compactMap { fate -> String? in
        switch fate {
        case .refused: nil
        case .nothing: "quota(0%)"
        case .part(let percent): "quota(\(percent)%)"
        case .late(let seconds): "sleep(\(seconds)s)"
        case .taken: "pass"
        }
      }
      for (site, steps, what) in [
        ("exchange.place_order", refused, "refused"),
        ("exchange.match", matched, "not filled at once and in whole"),
      ] {
        let count = steps.count { $0 != "pass" }
        guard count > 0 else { continue }
        answers.append(
          Answer(
            site: site, side: side, plan: Self.plan(steps), says: "\(count) of \(steps.count) \(word) orders \(what)"))
      }
    }
    self.answers = answers + Self.calls(found)
  }

  // MARK: Orders

  private enum Fate {
    case taken, nothing
    case refused(String)
    case part(Int)
    case late(Int)
  }

  /// Those of the log, in the order of their sending.
  private static func orders(_ found: Reconciliation, _ side: Side) -> [TruthOrder] {
    found.matches.compactMap { match in
      guard match.belief != nil, let truth = match.truth.map({ found.session.truths[$0] }), truth.side == side else {
        return nil
      }
      return truth
    }
  }

  private static func fate(_ order: TruthOrder) -> Fate {
    let code = order.refusal.prefix { $0 != " " }
    if order.state == .failed, !code.isEmpty, Int(code) != nil { return .refused(String(code)) }
    guard let placed = order.placed?.time, let filled = order.filled else { return .taken }
    if order.state == .canceled, let end = order.last, (end.time - placed).seconds < promptSeconds { return .nothing }
    if order.state == .partly, let amount = order.amount, amount.isPositive {
      return .part(max(1, min(99, Int((filled.doubleValue / amount.doubleValue * 100).rounded()))))
    }
    if let last = order.trades.last?.mark.time, (last - placed).seconds > lateSeconds {
      return .late(min(3600, Int((last - placed).seconds.rounded())))
    }
    return .taken
  }

  /// Equal neighbours are one step; beyond `stepsMax` the most frequent action has its share of all hits.
  private static func plan(_ steps: [String]) -> String {
    var runs: [(step: String, count: Int)] = []
    for step in steps {
      if runs.last?.step == step { runs[runs.count - 1].count += 1 } else { runs.append((step, 1)) }
    }
    if let last = runs.last, last.step == "pass" { runs.removeLast() }
    if runs.count <= stepsMax { return runs.map { "\($0.count)*\($0.step)" }.joined(separator: " -> ") }
    var counts: [(step: String, count: Int)] = []
    for step in steps where step != "pass" {
      if let at = counts.firstIndex(where: { $0.step == step }) {
        counts[at].count += 1
      } else {
        counts.append((step, 1))
      }
    }
    let most = counts.max { $0.count < $1.count }?.step ?? "pass"
    let total = counts.reduce(0) { $0 + $1.count }
    return "\(JSON.double(Double(total) / Double(steps.count) * 100, places: 2).text)%\(most)"
  }

  // MARK: Calls

  /// Calls that the map of a session may name, and what their failing is here.
  private static let failures: [(names: [String], site: String, action: String, says: String)] = [
    (["fetch_order", "query_order"], "exchange.query_order", "return(-2011)", "queries of an order failed"),
    (["fetch_balance"], "exchange.fetch_balance", "return(timeout)", "queries of the balances failed"),
    (["fetch_tickers"], "exchange.fetch_tickers", "return(503)", "polls of quotes failed"),
  ]

  private static func calls(_ found: Reconciliation) -> [Answer] {
    var answers: [Answer] = []
    let session = found.session
    for failure in failures {
      let failed = failure.names.reduce(0) { $0 + (session.failedCalls[$1] ?? 0) }
      let all = failure.names.reduce(0) { $0 + (session.calls[$1]?.count ?? 0) }
      guard failed > 0, all >= failed else { continue }
      let share = JSON.double(Double(failed) / Double(all) * 100, places: 2).text
      answers.append(
        Answer(
          site: failure.site, side: nil, plan: "\(share)%\(failure.action)", says: "\(failed) of \(all) \(failure.says)"
        ))
    }
    let told = session.truths.count { $0.hasNullFee }
    if told > 0 {
      answers.append(
        Answer(
          site: "exchange.query_order", side: nil, plan: "replace(fee=null)",
          says: "fee: null in the answers about \(told) filled orders"))
    }
    return answers
  }

  // MARK: The file

  /// Without those at places where another fault acts.
  func without(_ injects: [Fault.Inject]) -> [Answer] {
    answers.filter { answer in !injects.contains { $0.site == answer.site } }
  }

  /// Whether the session tells of itself all that a fault would do: a refusal where it refuses, a wait where it makes wait.
  func cover(_ fault: Fault) -> Bool {
    fault.injects.allSatisfy { inject in
      answers.contains { answer in
        answer.site == inject.site
          && inject.plan.steps.contains { answer.plan.contains($0.action.text.prefix { $0 != "(" } + "(") }
      }
    }
  }

  /// Of some of them; nil: there is none.
  static func file(_ answers: [Answer]) -> String? {
    if answers.isEmpty { return nil }
    var text = """
      schema   = 1
      id       = "\(id)"
      title    = "What the venue answered in the session from the field"
      severity = "money"
      layers   = ["memory"]

      """
    for answer in answers {
      text += "\n# \(answer.says)\n[[inject]]\nsite = \"\(answer.site)\"\n"
      if let side = answer.side { text += "match = { side = \"\(side == .buy ? "BUY" : "SELL")\" }\n" }
      text += "plan = \"\(answer.plan)\"\n"
    }
    return text + "\n[expect]\nfired_min = 0\n"
  }
}
