import ChaosRuntime
import Testing
import Trading

@testable import FakeExchange

@Suite("Money at the venue")
struct VenueMoneyTests {
  @Test
  func `Open orders lock what they need, fee included for a buy`() throws {
    let bench = try Bench()
    _ = bench.place(.buy, "100", at: "1.9")
    #expect(bench.balance("USDT") == "809.81/190.19")
    _ = bench.place(.sell, "200", at: "2.5")
    #expect(bench.balance("AIX") == "300/200")
    guard case .balances(let balances) = bench.ask(.balances) else { throw VenueOrderTests.Unexpected() }
    #expect(balances.map(\.asset) == ["AIX", "USDT"])
  }

  @Test
  func `Fees are taken in quote asset, in what is received, or in a token that is used up first`() throws {
    var bench = try Bench()
    _ = bench.place(.buy, "10", at: "2")
    #expect(bench.balance("USDT") == "979.98/0" && bench.balance("AIX") == "510/0")
    _ = bench.place(.sell, "10", at: "1.99")
    #expect(bench.balance("USDT") == "999.8601/0")

    bench = try Bench(feeMode: .received)
    _ = bench.place(.buy, "10", at: "2")
    #expect(bench.balance("USDT") == "980/0" && bench.balance("AIX") == "509.99/0")

    let token = Balance(asset: "MX", free: d("0.015"))
    bench = try Bench(feeMode: .token(asset: "MX", price: d("2")), extra: [token])
    _ = bench.place(.buy, "10", at: "2")
    #expect(bench.balance("USDT") == "980/0" && bench.balance("MX") == "0.005/0")
    _ = bench.place(.buy, "10", at: "2")
    #expect(bench.balance("USDT") == "959.98/0" && bench.balance("MX") == "0.005/0")
  }

  @Test
  func `Balances that changed are told once per step`() throws {
    let bench = try Bench()
    _ = bench.place(.buy, "120", at: "2.01")
    let balances = bench.log.compactMap { if case .balance(let balances) = $0.event { balances } else { nil } }
    #expect(balances.count == 1)
    #expect(balances.first?.map(\.asset) == ["AIX", "USDT"])
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `The ledger is conserved after each of 2,000 random operations`(seed: UInt64) throws {
    let modes: [FeeMode] = [.quote, .received, .token(asset: "MX", price: d("2"))]
    var walk = try RandomWalk(seed: seed, feeMode: modes[Int(seed % 3)])
    for _ in 0..<2_000 {
      walk.step()
      if let violation = walk.venue.firstViolation {
        Issue.record("step \(violation.step): \(violation.violation)")
        return
      }
    }
    #expect(walk.venue.stepCount >= 2_000)
    #expect(walk.tradeCount > 300)
    #expect(walk.refusalCount > 50)
  }

  @Test
  func `The ledger notices money that a step makes out of nothing`() throws {
    var walk = try RandomWalk(seed: 4, feeMode: .quote)
    for _ in 0..<100 { walk.step() }
    #expect(walk.venue.firstViolation == nil)
    walk.venue.ledger.tamper(2, 0, by: Decimal(coefficient: 1))
    walk.step()
    let found = try #require(walk.venue.firstViolation)
    #expect(found.step == walk.venue.stepCount)
    #expect(found.violation.description.hasPrefix("AIX: total was 1000000000001000 at the start and is "))
    #expect(walk.venue.ledger.violation != nil)
  }

  @Test(arguments: [0, 5, 63, 64, 69])
  func `A step that goes wrong is noticed in any of many assets, and in the step itself`(asset: Int) throws {
    let names = (100..<170).map { "A\($0)" }
    let rich = names.map { Balance(asset: $0, free: .one) }
    var ledger = VenueLedger(accounts: [("market", rich), ("alice", rich)], assets: Set(names))
    let isLocked = ledger.lock(1, asset, .one)
    let before = ledger.stepViolation()
    #expect(isLocked && before == nil)
    ledger.pay((asset + 1) % 70, .one, from: 0, fromLocked: false, to: 1)
    ledger.tamper(0, asset, by: .one)
    let found = ledger.stepViolation()
    #expect(found == .notConserved(asset: names[asset], start: Decimal(2), now: Decimal(3)))
    #expect(ledger.violation == found)
  }

  @Test
  func `The ledger notices an account below zero`() throws {
    let bench = try Bench()
    bench.venue.ledger.tamper(2, 1, by: d("-2000"))
    bench.venue.ledger.tamper(3, 1, by: d("2000"))
    #expect(bench.venue.ledger.violation == .negative(account: "alice", asset: "USDT"))
  }

  @Test
  func `The same walk gives the same events`() throws {
    var (one, other) = (try RandomWalk(seed: 5, feeMode: .quote), try RandomWalk(seed: 5, feeMode: .quote))
    for _ in 0..<500 {
      one.step()
      other.step()
    }
    #expect(one.history.lines(endedAt: one.time) == other.history.lines(endedAt: other.time))
  }
}

extension VenueLedger {
  /// Makes money out of nothing, for the ledger to notice.
  fileprivate mutating func tamper(_ account: Int, _ asset: Int, by amount: Decimal) {
    change(account, asset, free: amount)
  }
}
