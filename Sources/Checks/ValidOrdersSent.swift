import ChaosRuntime
import Trading

extension Checks {
  /// Reads GUARD_BLOCK of the guard `size` in the engine's log, which says what the order would have been made of.
  public static let validOrdersSent = Check(
    "valid-orders-sent", "no entry is refused for its size that the market's tick, step and minimum would take"
  ) { record in
    let name = "valid-orders-sent"
    let blocks = record.events("GUARD_BLOCK").filter { $0.text("guard") == "size" }
    if blocks.isEmpty {
      return record.orders.isEmpty
        ? .open(name, "nothing was sent or refused") : .pass(name, "no entry was refused for its size")
    }
    let wrong = blocks.compactMap { block in
      Sizing(block).flatMap { sizing in
        sizing.isValid ? "\(block.text("symbol") ?? "?"): \(sizing.text) refused at \(record.place(block))" : nil
      }
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
  init?(_ event: SessionRecord.Event) {
    guard let amount = event.decimal("amount"), let ask = event.decimal("ask"), let tick = event.decimal("tick"),
      let step = event.decimal("step"), let minQuantity = event.decimal("min_qty"),
      let minNotional = event.decimal("min_notional"), ask.isPositive, tick.isPositive, step.isPositive
    else { return nil }
    price = ask.floored(toStep: tick) + tick
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
