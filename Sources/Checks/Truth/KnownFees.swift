import Basics
import Trading

/// What the engine can know of fees: the venue's figure where it was told, else no less than that and no
/// more than an estimate by the market's taker fee, each trade rounded up. Where fees are paid in tokens now and then, a fee
/// that nobody has told may be counted as none.
struct AmountRange: Sendable {
  var low = Decimal.zero
  var high = Decimal.zero

  /// How much more than the truth the engine may count.
  var doubt: Decimal { high - low }
}

extension OrderTraffic {
  /// Whether the engine had been told by `time` what the venue took for all that is filled up to `total`: each trade's event
  /// has the fee of that trade, answers have the fee of the whole order. Events that come at one moment come in any order, and
  /// only the first of them may be booked as a trade of its own.
  func isFeeTold(of total: Decimal, by time: Instant) -> Bool {
    var latest: Instant?
    let areEventsEnough = trades.allSatisfy { trade in
      // One that overtakes others makes theirs old news.
      if trade.total > total { return trade.arrives.map { $0 > latest ?? $0.minus(.nanoseconds(1)) } ?? true }
      guard let arrives = trade.arrives, arrives <= time, latest.map({ $0 < arrives }) ?? true else { return false }
      latest = arrives
      return true
    }
    if areEventsEnough, trades.contains(where: { $0.total >= total }) { return true }
    func tells(_ call: VenueCallFact) -> Bool {
      call.isGood && call.tellsFee && call.filled.map { $0 >= total } ?? false
        && call.answered.map { $0 <= time } ?? false
    }
    return queries.contains(where: tells) || cancels.contains(where: tells) || lists.contains(where: tells)
  }

  /// The fees in the quote asset of the trades beyond the total `start` up to the total `end`, as far as the engine was told
  /// them by `time`.
  func quoteFees(
    after start: Decimal = .zero, upTo end: Decimal, toldBy time: Instant, in market: MarketFacts
  ) throws(Unjudged) -> AmountRange {
    var range = AmountRange()
    for trade in trades where trade.total > start && trade.total <= end {
      let fee = trade.feeAsset == quoteAsset ? trade.fee : .zero
      let isTold = isFeeTold(of: trade.total, by: time)
      range.low = try range.low.plus(isTold || !mayPayInTokens ? fee : .zero, at: "a fee of \(id)")
      let most = isTold ? fee : max(fee, try trade.quote.times(market.takerFee, .up, of: "a fee of \(id)"))
      range.high = try range.high.plus(most, at: "a fee of \(id)")
    }
    return range
  }

  /// Quote asset of the trades up to a total, before fees.
  func quote(after start: Decimal = .zero, upTo end: Decimal) throws(Unjudged) -> Decimal {
    var sum = Decimal.zero
    for trade in trades where trade.total > start && trade.total <= end {
      sum = try sum.plus(trade.quote, at: "a trade of \(id)")
    }
    return sum
  }

  /// The fees in the base asset of the trades beyond the total `start` up to the total `end`, as far as the engine was told them
  /// by `time`. One that nobody told is estimated by the taker's fee: a resting order may have paid less.
  func baseFees(
    after start: Decimal = .zero, upTo end: Decimal, toldBy time: Instant, in market: MarketFacts
  ) throws(Unjudged) -> AmountRange {
    let truth = try baseFees(after: start, upTo: end)
    var range = AmountRange(low: truth, high: truth)
    if isFeeTold(of: end, by: time) { return range }
    let quantity = try end.minus(start, at: "a fee of \(id)")
    range.low = mayPayInTokens ? .zero : min(truth, try quantity.times(market.takerFee, .down, of: "a fee of \(id)"))
    var most = Decimal.zero
    for trade in trades where trade.total > start && trade.total <= end {
      most = try most.plus(
        try trade.quantity.times(market.takerFee, .up, of: "a fee of \(id)"), at: "a fee of \(id)")
    }
    range.high = max(truth, most)
    return range
  }

  /// Fees in the base asset of the trades up to a total.
  func baseFees(after start: Decimal = .zero, upTo end: Decimal) throws(Unjudged) -> Decimal {
    var sum = Decimal.zero
    for trade in trades
    where trade.total > start && trade.total <= end && trade.feeAsset == baseAsset {
      sum = try sum.plus(trade.fee, at: "a fee of \(id)")
    }
    return sum
  }
}
