import Testing

@testable import Proof

/// Expected values: scipy 1.17.1. `chi2.ppf(p, degrees)`, `gammainc(a, x)`, and arithmetic on them as each test says.
@Suite struct StatisticsTests {
  /// [scipy.stats.chi2.ppf(p, d) for p in (0.025, 0.975)].
  @Test(arguments: [
    (2, 0.05063561596857975, 7.377758908227871), (6, 1.2373442457912027, 14.44937533544792),
    (10, 3.2469727802368413, 20.483177350807388), (40, 24.433039170807888, 59.34170714317118),
    (120, 91.57264190001453, 152.21140272515154), (4000, 3826.597419251261, 4177.191056286184),
  ])
  func `Quantiles are those of scipy`(degrees: Int, low: Double, high: Double) {
    #expect(abs(Statistics.chiSquare(0.025, degrees: degrees) / low - 1) < 1e-8)
    #expect(abs(Statistics.chiSquare(0.975, degrees: degrees) / high - 1) < 1e-8)
  }

  /// scipy.special.gammainc(a, x); the last is within the series, the third in the continued fraction.
  @Test(arguments: [
    (0.5, 0.2, 0.47291074313446196), (3.0, 2.5, 0.45618688411667035), (20.0, 30.0, 0.9781265315586091),
    (60.0, 45.786, 0.024997095600933706),
  ])
  func `The incomplete gamma function is that of scipy`(shape: Double, x: Double, expected: Double) {
    #expect(abs(Statistics.gammaShare(shape, x) - expected) < 1e-12)
  }

  /// 60 campaigns of 40: 2 * 2400 / chi2.ppf(0.975, 120) = 31.535088134411126, / chi2.ppf(0.025, 120) = 52.417402189192906.
  @Test func `Sixty campaigns have the interval of scipy`() throws {
    let mean = try #require(Statistics.mean(of: Array(repeating: 40, count: 60), cap: 100))
    #expect(mean.value == 40)
    #expect(abs(mean.low - 31.535088134411126) < 1e-6)
    #expect(abs(mean.high - 52.417402189192906) < 1e-6)
  }

  /// Ten campaigns failed after 1...10 schedules, two were cut at 100: S = 255, D = 10; 255 / 10 = 25.5,
  /// 510 / chi2.ppf(0.975, 22) = 13.865963193827408, 510 / chi2.ppf(0.025, 20) = 53.17608564362302.
  @Test func `Campaigns that found nothing are not averaged away`() throws {
    let campaigns: [Int?] = Array(1...10) + [nil, nil]
    let mean = try #require(Statistics.mean(of: campaigns, cap: 100))
    #expect(mean.value == 25.5)
    #expect(abs(mean.low - 13.865963193827408) < 1e-6)
    #expect(abs(mean.high - 53.17608564362302) < 1e-6)
    let successes = try #require(Statistics.mean(of: Array(1...10), cap: 100))
    #expect(successes.value == 5.5 && successes.high < mean.high)
    #expect(Statistics.restrictedMean(of: campaigns, cap: 100) == 255.0 / 12)
  }

  /// Two campaigns of 100 without a failure: 400 / chi2.ppf(0.975, 2) = 54.21700613636337 at least.
  @Test func `No failure at all gives a lower bound only`() throws {
    let mean = try #require(Statistics.mean(of: [nil, nil], cap: 100))
    #expect(mean.value == .infinity && mean.high == .infinity)
    #expect(abs(mean.low - 54.21700613636337) < 1e-6)
    #expect(Statistics.rarer(clean: 1000, than: mean) == 0)
  }

  /// 2 * 3 / chi2.ppf(0.025, 6) = 4.8490951652370455.
  @Test func `No failure comes before the first schedule`() throws {
    let mean = try #require(Statistics.mean(of: [1, 1, 1], cap: 100))
    #expect(mean.low == 1)
    #expect(abs(mean.high - 4.8490951652370455) < 1e-6)
    #expect(Statistics.mean(of: [], cap: 100) == nil)
    #expect(Statistics.mean(of: [1, 1, 1]) == mean)
    #expect(Statistics.restrictedMean(of: [], cap: 100) == nil)
  }

  /// 1 - 0.05 ** (1 / n) for 1, 10, 58, 59, 200, 100,000.
  @Test(arguments: [
    (1, 0.95), (10, 0.2588655508930523), (58, 0.05033933833042015), (59, 0.049507609888227),
    (200, 0.014867039231272083), (100_000, 2.995687401941005e-05),
  ])
  func `The exact bound lies below the rule of three`(count: Int, expected: Double) {
    #expect(abs(Statistics.bound(clean: count) / expected - 1) < 1e-9)
    #expect(Statistics.bound(clean: count) < 3 / Double(count))
  }

  @Test func `Fewer schedules than proven needs leave the bound above five percent`() {
    #expect(Statistics.bound(clean: Evidence.schedulesMin) < 0.05)
    #expect(Statistics.bound(clean: Evidence.schedulesMin - 1) > 0.05)
  }

  /// 1 / 40 over 1 - 0.05 ** (1 / 200) = 0.014867039231272083.
  @Test func `The relative claim is made of the same numbers`() throws {
    let mean = Statistics.Mean(value: 30, low: 22, high: 40)
    #expect(abs(Statistics.rarer(clean: 200, than: mean) - 1.6815722) < 1e-6)
    #expect(abs(Statistics.rarer(clean: 200, than: mean) * Statistics.bound(clean: 200) * mean.high - 1) < 1e-12)
  }

  @Test(arguments: [
    (0.95, "95"), (0.631596, "64"), (0.0495076, "5"), (0.048702, "4.9"), (0.0148670, "1.5"), (0.0000299568, "0.003"),
    (0.139108, "14"), (0.5, "50"), (0.07, "7"), (1.0, "100"), (0.999, "100"), (0.0, "0"),
  ])
  func `A rate in percent is rounded up so that below stays true`(rate: Double, expected: String) {
    #expect(Statistics.percentAbove(rate) == expected)
  }

  /// 4 threads, 100 steps, depth 2: 1 - (1 - 1 / 400) ** 1000 = 0.9181715436000222.
  @Test func `A certificate is the power of its schedules`() {
    var certificate = Certificate(depth: 2, threads: 4, steps: 100)
    #expect(certificate.confidence == 0)
    certificate.schedules = 1000
    #expect(certificate.perSchedule == 1.0 / 400)
    #expect(abs(certificate.confidence - 0.9181715436000222) < 1e-9)
  }
}
