import Basics
import ChaosRuntime
import Glibc

/// What campaigns and clean schedules say, with 95 % confidence.
public enum Statistics {
  /// The mean of waiting times to a first failure, and its 95 % interval.
  public struct Mean: Sendable, Equatable {
    /// The estimate.
    public var value: Double
    /// Lower end of the interval, at least 1.
    public var low: Double
    /// Infinite when no campaign found a failure.
    public var high: Double

    /// A mean as given.
    public init(value: Double, low: Double, high: Double) {
      self.value = value
      self.low = low
      self.high = high
    }
  }

  /// Schedules to the first failure over independent campaigns, each at least 1; nil: a campaign of `cap` schedules that
  /// found none. Nil without campaigns.
  ///
  /// Campaigns that found none are not left out: their schedules count, their failure does not (the maximum likelihood
  /// estimate under censoring, S / D with S schedules and D failures). The interval is that of exponential waiting times,
  /// [2S / chi2(0.975, 2D), 2S / chi2(0.025, 2D)]; with censored campaigns its lower end takes 2D + 2 degrees of freedom,
  /// which errs on the safe side. It is cut at 1 below: no failure comes before the first schedule. Source: Epstein and
  /// Sobel, "Life Testing", Journal of the American Statistical Association 48 (1953).
  public static func mean(of campaigns: [Int?], cap: Int) -> Mean? {
    guard !campaigns.isEmpty else { return nil }
    let total = Double(campaigns.reduce(0) { $0 + ($1 ?? cap) })
    let failures = campaigns.reduce(0) { $0 + ($1 == nil ? 0 : 1) }
    let isCensored = failures < campaigns.count
    let low = 2 * total / chiSquare(0.975, degrees: 2 * failures + (isCensored ? 2 : 0))
    guard failures > 0 else { return Mean(value: .infinity, low: max(1, low), high: .infinity) }
    return Mean(
      value: total / Double(failures), low: max(1, low), high: 2 * total / chiSquare(0.025, degrees: 2 * failures))
  }

  /// The same of campaigns that all found a failure.
  public static func mean(of campaigns: [Int]) -> Mean? { mean(of: campaigns.map { Optional($0) }, cap: 0) }

  /// The mean of campaigns of at most `cap` schedules: the area under the Kaplan-Meier curve up to the cap, which is the
  /// mean of min(schedules, cap) where only the cap censors. A lower bound of the true mean.
  public static func restrictedMean(of campaigns: [Int?], cap: Int) -> Double? {
    guard !campaigns.isEmpty else { return nil }
    return Double(campaigns.reduce(0) { $0 + min($1 ?? cap, cap) }) / Double(campaigns.count)
  }

  /// Exact upper bound of a failure rate at 95 % after `count` clean runs, at least 1: 1 - 0.05^(1/N).
  ///
  /// Source: Clopper and Pearson, Biometrika 26 (1934), for no failure; the rule of three, 3 / N, lies above it.
  public static func bound(clean count: Int) -> Double { -expm1(log(0.05) / Double(count)) }

  /// How many times rarer the failure is at least: the lowest rate that the mean allows, 1 / upper end, over `bound`.
  public static func rarer(clean count: Int, than mean: Mean) -> Double { 1 / (mean.high * bound(clean: count)) }

  /// A rate in percent that is not below the rate: two digits, the last one rounded up, so that "below" stays true.
  public static func percentAbove(_ rate: Double) -> String {
    guard rate > 0, rate < 1 else { return rate >= 1 ? "100" : "0" }
    var places = 0
    var scaled = rate * 100
    while scaled < 10, places < 12 {
      scaled *= 10
      places += 1
    }
    // Products of decimals end a hair above the whole number that they mean.
    let digits = min(Int((scaled - 1e-9).rounded(.up)), places == 0 ? 100 : .max)
    return JSON.double(Double(digits) / pow(10, Double(places)), places: places).text
  }

  /// The value below which a chi-square variable of `degrees` degrees of freedom, at least 1, stays with `probability`.
  ///
  /// Bisection of the regularised incomplete gamma function, to ten digits.
  public static func chiSquare(_ probability: Double, degrees: Int) -> Double {
    precondition(
      degrees > 0 && probability > 0 && probability < 1, "a quantile needs degrees and a probability in (0, 1)")
    let shape = Double(degrees) / 2
    var low = 0.0
    var high = Double(degrees) + 10
    while gammaShare(shape, high / 2) < probability { high *= 2 }
    for _ in 0..<200 where high - low > 1e-11 * high {
      let middle = (low + high) / 2
      if gammaShare(shape, middle / 2) < probability { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The regularised lower incomplete gamma function P(shape, x): its series below shape + 1, Legendre's continued fraction
  /// above (Abramowitz and Stegun, 6.5.29 and 6.5.31).
  static func gammaShare(_ shape: Double, _ x: Double) -> Double {
    guard x > 0 else { return 0 }
    let factor = exp(shape * log(x) - x - lgamma(shape))
    if x < shape + 1 {
      var term = 1 / shape
      var sum = term
      var k = shape
      for _ in 0..<10_000 where term > sum * 1e-16 {
        k += 1
        term *= x / k
        sum += term
      }
      return sum * factor
    }
    let tiny = 1e-300
    var b = x + 1 - shape
    var c = 1 / tiny
    var d = 1 / b
    var fraction = d
    for i in 1...10_000 {
      let a = -Double(i) * (Double(i) - shape)
      b += 2
      d = a * d + b
      if abs(d) < tiny { d = tiny }
      c = b + a / c
      if abs(c) < tiny { c = tiny }
      d = 1 / d
      let change = c * d
      fraction *= change
      if abs(change - 1) < 1e-15 { break }
    }
    return 1 - fraction * factor
  }
}
