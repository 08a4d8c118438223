import Basics
import TestSupport
import Testing
import Trading

@testable import TradingEngine

/// What an order needs at which age: the rule of the reconciler, without threads and venue.
@Suite struct OrderNeedTests {
  private static let start = Instant.simulationEpoch

  private func item(_ change: (inout OrderProgress) -> Void) -> PendingIntent {
    let intent = OrderIntent(
      id: "i-AIX_USDT-1", decisionId: "d-AIX_USDT-1", market: 0, symbol: ScriptedVenue.symbol("AIX"), side: .buy,
      clientOrderId: "AIX_USDT-b1", quantity: .one, price: .one, timeInForce: .gtc, quoteBudget: .one,
      startedAt: Self.start, bid: .one, ask: .one)
    var item = PendingIntent(intent: intent, progress: OrderProgress(lastNews: Self.start))
    item.progress.phase = .acknowledged
    change(&item.progress)
    return item
  }

  private func need(after seconds: Double, _ change: (inout OrderProgress) -> Void = { _ in }) -> OrderNeed {
    let now = Self.start + Duration(nanoseconds: Int64(seconds * 1e9))
    return OrderNeed(of: item(change), at: now, EngineSettings())
  }

  @Test func `A silent order is asked for, and again a pause after the last answer`() {
    #expect(need(after: 2.9) == .nothing)
    #expect(need(after: 3) == .query)
    #expect(need(after: 5.9) { $0.askedAt = Self.start + .seconds(3) } == .nothing)
    #expect(need(after: 6) { $0.askedAt = Self.start + .seconds(3) } == .query)
    let asked = Self.start + .seconds(3)
    #expect(
      need(after: 4) {
        $0.askedAt = asked
        $0.notFoundCount = 1
      } == .nothing, "the order may be on the way")
    #expect(
      need(after: 4) {
        $0.askedAt = asked
        $0.notFoundCount = 1
        $0.orderId = "X1"
      } == .query, "the venue has named it and will know it in a moment")
  }

  @Test func `A cancel is repeated for as long as the order lives`() {
    #expect(need(after: 30) { $0.lastNews = Self.start + .seconds(30) } == .nothing)
    var canceled: [Int] = []
    var progress = item { _ in }.progress
    for second in 0...56 {
      let now = Self.start + .seconds(second)
      progress.lastNews = now
      guard need(after: Double(second), { $0 = progress }) == .cancel else { continue }
      canceled.append(second)
      progress.canceledAt = now
      progress.cancelCount += 1
    }
    #expect(canceled == [31, 32, 34, 37, 40, 43, 46, 49, 52, 55])
  }

  @Test func `An exit that waits for the rest of its entry has it canceled at once`() {
    #expect(need(after: 1) { $0.cancelWantedAt = Self.start } == .cancel)
  }

  @Test func `An order of which nothing is told is given up aloud, one that is told of is not`() {
    let asked = Self.start + .seconds(60)
    #expect(
      need(after: 60.5) {
        $0.askedAt = asked; $0.canceledAt = asked; $0.cancelCount = 3
      } == .giveUp)
    #expect(
      need(after: 60.5) {
        $0.lastNews = Self.start + .seconds(1)
        $0.askedAt = asked
        $0.canceledAt = asked
        $0.cancelCount = 3
      } == .nothing)
  }

  @Test func `An order whose sender is gone is asked for`() {
    #expect(need(after: 15) { $0.phase = .placing } == .nothing)
    #expect(need(after: 15.1) { $0.phase = .placing } == .outcomeUnknown)
    #expect(need(after: 60.1) { $0.phase = .created } == .failAsStale)
    #expect(need(after: 60.1) { $0.phase = .settling } == .clearAsStale)
  }
}
