import Basics
import HistoricalBugs
import Trading

/// Signs of cancels and sales that did not get through.
extension SignReader {
  /// Longest pause, in seconds, before whoever repeats a cancel repeats it.
  private static let repeatMax = 10.0
  /// How far apart, in seconds, the ages are at which orders of one time limit end.
  private static let ageSlack = 2.0
  /// What a venue answers to too many requests: the pause that follows may be long.
  private static let limitCodes = ["429", "418", "-1003"]

  func waysOut(_ sign: FieldSign) -> SignReading {
    switch sign {
    case .salesUnsent: return unsentSales(sign)
    case .saleWaitedForEntry: return waitingSales(sign)
    default: break
    }
    guard hasRequests else { return .notObservable(sign, "the venue's answers to every request") }
    let requests = Dictionary(grouping: truth("request.cancel_order"), by: \.clientId)
    let orders = Dictionary(grouping: session.truths, by: \.clientId)
    let all = truth("reply.cancel_order.error").filter { refused in
      guard !Self.limitCodes.contains(refused.code), let last = orders[refused.clientId]?.compactMap(\.last?.time).max()
      else { return false }
      let again = requests[refused.clientId]?.map(\.mark.time).first { $0 > refused.mark.time } ?? last
      return (min(again, last) - refused.mark.time).seconds > Self.repeatMax
    }
    return .counted(sign, all.count, "refused cancels were not made again for 10 s", all.first?.mark.place)
  }

  /// An engine that takes the rest of an entry back for its exit does so at any age; one that waits does so at one.
  private func waitingSales(_ sign: FieldSign) -> SignReading {
    guard hasTruth else { return .notObservable(sign, "the venue's orders and trades") }
    let sales = session.truths.filter { $0.side == .sell }
    var found: [(age: Double, place: FieldPlace?)] = []
    for entry in session.truths where entry.side == .buy && entry.state != .filled {
      guard let placed = entry.placed?.time, let filled = entry.trades.first?.mark.time, let end = entry.last?.time,
        (end - filled).seconds > Self.repeatMax,
        let sale = sales.first(where: { $0.symbol == entry.symbol && ($0.placed?.time ?? filled) > filled }),
        let sold = sale.placed?.time, abs((sold - end).seconds) < Self.ageSlack
      else { continue }
      found.append(((end - placed).seconds, sale.placed?.place))
    }
    let ages = found.map(\.age)
    guard let least = ages.min(), let most = ages.max(), most - least < Self.ageSlack else { return .missed(sign) }
    return .counted(
      sign, found.count, atLeast: 2,
      "half-filled entries rested for \(JSON.double(most, places: 0).text) s, and were sold as they ended",
      found.first?.place)
  }

  private func unsentSales(_ sign: FieldSign) -> SignReading {
    guard hasTruth else { return .notObservable(sign, "the venue's orders") }
    let unsent = found.matches.compactMap { match -> BeliefOrder? in
      guard let belief = match.belief, match.truth == nil else { return nil }
      let order = session.beliefs[belief]
      // What waits for a pause that the venue asked for is not sent either.
      return order.side == .sell && order.sent != nil && order.failed != nil && !order.reason.contains("pause")
        ? order : nil
    }
    // Once is enough where the log says itself that it was not sent.
    let least = unsent.contains { $0.reason.contains("not sent") } ? 1 : 2
    return .counted(
      sign, unsent.count, atLeast: least, "sales failed that the venue never had", unsent.first?.sent?.place)
  }
}
