import Basics
import Trading

/// When the settings say that a position must be sold.
struct ExitRules {
  let takeProfit: Decimal
  let stopLoss: Decimal
  let holdMax: Duration

  init(_ record: SessionRecord) throws(Unjudged) {
    takeProfit = try record.settingFigure(.tp)
    stopLoss = try record.settingFigure(.sl)
    holdMax = try record.settingTime(.maxHoldS)
  }

  /// Whether the quote's bid takes the profit or stops the loss of what is held.
  func asks(_ quote: QuotedPrice, of step: Holding.Step) throws(Unjudged) -> Bool {
    guard step.held.isPositive else { return false }
    let place = "the quote of \(quote.symbol) of \(quote.at.iso8601())"
    let worth = try quote.bid.times(step.held, .down, of: place)
    let profit = try step.cost.times(takeProfit, .up, of: place)
    let loss = try step.cost.times(stopLoss, .down, of: place)
    return worth >= profit || worth <= loss
  }

  /// Whether it was held for as long as is allowed.
  func isOverdue(_ step: Holding.Step, at time: Instant) -> Bool {
    step.opened.map { time - $0 >= holdMax } ?? false
  }
}
