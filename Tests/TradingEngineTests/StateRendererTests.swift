import Basics
import TestSupport
import Testing
import Trading

@testable import TradingEngine

@Suite struct StateRendererTests {
  private static let symbols = ["AIX", "BLESS", "COAI"].map { ScriptedVenue.symbol($0) }

  private static func pending(_ number: Int, at time: Instant) -> PendingIntent {
    let intent = OrderIntent(
      id: "i-\(number)", decisionId: "d-\"\(number)\"", market: number % 3, symbol: symbols[number % 3],
      side: number % 2 == 0 ? .buy : .sell, clientOrderId: "a client order id of \(number)", quantity: Decimal(number),
      price: .one, timeInForce: .gtc, quoteBudget: .one, startedAt: time, bid: .one, ask: .one)
    return PendingIntent(intent: intent, progress: OrderProgress(lastNews: time))
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `What is known reads as if it were rendered anew`(seed: UInt64) {
    var draws = SplitMix(seed: seed)
    var renderer = StateRenderer(Self.symbols)
    var pending: [PendingIntent] = []
    var positions = Self.symbols.map { _ in Position() }
    for number in 0..<200 {
      let time = Instant.simulationEpoch + .milliseconds(number * 137)
      switch Mixing.index(draws.next(), below: 5) {
      case 0, 1: pending.append(Self.pending(number, at: time))
      case 2 where !pending.isEmpty: pending.remove(at: Mixing.index(draws.next(), below: pending.count))
      case 3: positions[Mixing.index(draws.next(), below: 3)].quantity = Decimal(Mixing.index(draws.next(), below: 3))
      default: positions[Mixing.index(draws.next(), below: 3)].cost += .one
      }
      let budget = BudgetSnapshot(free: Decimal(number), reserved: .one)
      let again = renderer.render(pending, positions, budget, at: time)
      let anew = StateDocument.render(
        pending: pending, symbols: Self.symbols, positions: positions, budget: budget, at: time)
      #expect(again == anew, "step \(number)")
    }
  }

  @Test func `Another intent of the same name is not taken for the known one`() throws {
    var renderer = StateRenderer(Self.symbols)
    let budget = BudgetSnapshot(free: .one, reserved: .zero)
    let positions = Self.symbols.map { _ in Position() }
    let first = Self.pending(4, at: .simulationEpoch)
    var second = first
    second.intent = first.intent.with(quoteBudget: Decimal(7))
    _ = renderer.render([first], positions, budget, at: .simulationEpoch)
    let text = String(decoding: renderer.render([second], positions, budget, at: .simulationEpoch), as: UTF8.self)
    #expect(try JSON.parse(text)["pending_buy_intents"]?["i-4"]?["quote_budget"]?.string == "7")
  }
}
