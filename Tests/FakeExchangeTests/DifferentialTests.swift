import Testing

@testable import FakeExchange

@Suite("Matching against a slow, obvious venue")
struct DifferentialTests {
  /// `chaos bench exchange --differential 1000000` is the long form.
  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func `Replies, fills, states and balances are the same, and the ledger adds up after every step`(
    seed: UInt64
  ) throws {
    let outcome = try Differential.run(seed: seed, requests: 300)
    #expect(outcome.difference == nil)
    #expect(outcome.steps == 300)
    #expect(outcome.orders > 60 && outcome.fills > 10 && outcome.refusals.count > 3)
  }
}

@Suite("What stands in front of the venue against a plain one")
struct AccessDifferentialTests {
  @Test(arguments: [1, 2, 3] as [UInt64])
  func `Refusals, keys, times, answers and all that the client hears are the same`(seed: UInt64) {
    let outcome = AccessDifferential.run(seed: seed, calls: 1200)
    #expect(outcome.difference == nil)
    #expect(outcome.calls == 1200 && outcome.heard > 100 && outcome.missed > 10 && outcome.refusals.count > 3)
    #expect(outcome.renewals.good > 10 && outcome.renewals.refused > 3)
  }
}
