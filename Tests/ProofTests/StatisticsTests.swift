import Testing

@testable import Proof

@Suite struct StatisticsTests {
  /// Tables: chi2(0.975, 40) = 59.342, chi2(0.025, 40) = 24.433, chi2(0.975, 120) = 152.211, chi2(0.025, 120) = 91.573.
  @Test(arguments: [(40.0, 24.433, 59.342), (120.0, 91.573, 152.211)])
  func quantilesAreThoseOfTheTables(degrees: Double, low: Double, high: Double) {
    #expect(abs(Statistics.chiSquare(z: -1.959964, degrees: degrees) / low - 1) < 0.01)
    #expect(abs(Statistics.chiSquare(z: 1.959964, degrees: degrees) / high - 1) < 0.01)
  }

  @Test func sixtyCampaignsGiveAboutMinus21AndPlus31Percent() throws {
    let mean = try #require(Statistics.mean(of: Array(repeating: 40, count: 60)))
    #expect(mean.value == 40)
    #expect(abs(mean.low / 40 - 0.79) < 0.01)
    #expect(abs(mean.high / 40 - 1.31) < 0.01)
  }

  @Test func noFailureComesBeforeTheFirstSchedule() throws {
    let mean = try #require(Statistics.mean(of: [1, 1, 1]))
    #expect(mean.low == 1)
    #expect(Statistics.mean(of: []) == nil)
  }

  @Test func theRelativeClaimTakesBothEndsAtTheirBounds() throws {
    let mean = Statistics.Mean(value: 30, low: 22, high: 40)
    #expect(Statistics.rarer(clean: 120_000, than: mean) == 1000)
    #expect(Statistics.bound(clean: 200) == 0.015)
  }
}
