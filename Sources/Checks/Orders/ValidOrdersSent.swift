import Basics
import Trading

extension Check {
  /// Reads GUARD_BLOCK of the guard `size` in the engine's log, which says what the order would have been made of.
  public static let validOrdersSent = Check(
    .validOrdersSent, "no entry is refused for its size that the market's tick, step and minimum would take",
    log: .accusations
  ) { record throws(Unjudged) in
    let name = CheckName.validOrdersSent
    let blocks = record.events(.guardBlock).filter { $0.text(.guard) == "size" }
    if blocks.isEmpty {
      return record.orders.isEmpty
        ? .open(name, "nothing was sent or refused") : .pass(name, "no entry was refused for its size")
    }
    var wrong: [String] = []
    var sized = 0
    for block in blocks {
      guard let sizing = try Sizing(block, at: record.place(block)) else { continue }
      sized += 1
      if sizing.isValid {
        wrong.append("\(block.text(.symbol) ?? "?"): \(sizing.text) refused at \(record.place(block))")
      }
    }
    if sized == 0 {
      return .open(name, "\(blocks.count) entries were refused for their size, none has the fields to judge by")
    }
    if wrong.isEmpty { return .pass(name, "\(blocks.count) entries were refused, each too small for its market") }
    return .fail(name, "\(wrong.count) valid entries were refused for their size", wrong)
  }
}

/// An order as it could have been.
private struct Sizing {
  var quantity: Decimal
  var price: Decimal
  var minQuantity: Decimal
  var minNotional: Decimal

  /// Half the amount at a price above the ask leaves room for fee and slippage: what is valid then is valid in full.
  init?(_ event: SessionRecord.Event, at place: String) throws(Unjudged) {
    guard let amount = try event.amount(.amount, at: place), let ask = try event.amount(.ask, at: place),
      let tick = try event.amount(.tick, at: place),
      let step = try event.amount(.step, at: place), let minQuantity = try event.amount(.minQty, at: place),
      let minNotional = try event.amount(.minNotional, at: place), ask.isPositive, tick.isPositive, step.isPositive
    else { return nil }
    price = try ask.floored(toStep: tick).plus(tick, at: place)
    let half = Decimal(coefficient: amount.coefficient / 2)
    quantity = ((try? half.divided(by: price, rounding: .down)) ?? .zero).floored(toStep: step)
    self.minQuantity = minQuantity
    self.minNotional = minNotional
  }

  var isValid: Bool {
    guard quantity.isPositive, quantity >= minQuantity,
      let notional = try? quantity.multiplied(by: price, rounding: .down)
    else { return false }
    return notional >= minNotional
  }

  var text: String { "\(quantity) at \(price)" }
}
