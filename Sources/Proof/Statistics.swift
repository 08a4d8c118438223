/// What campaigns and clean schedules say, with 95 % confidence.
public enum Statistics {
  /// The mean of waiting times to a first failure, and its 95 % interval.
  public struct Mean: Sendable, Equatable {
    public var value: Double
    public var low: Double
    public var high: Double
  }

  /// Schedules to the first failure over independent campaigns that all found one, each at least 1; nil without campaigns.
  ///
  /// The interval is that of exponential waiting times, [2S / chi2(0.975, 2T), 2S / chi2(0.025, 2T)] with S schedules in T
  /// campaigns, cut at 1 below: no failure comes before the first schedule. Source: Epstein and Sobel, "Life Testing",
  /// Journal of the American Statistical Association 48 (1953).
  public static func mean(of campaigns: [Int]) -> Mean? {
    guard !campaigns.isEmpty else { return nil }
    let total = Double(campaigns.reduce(0, +))
    let degrees = Double(2 * campaigns.count)
    let value = total / Double(campaigns.count)
    return Mean(
      value: value, low: max(1, 2 * total / chiSquare(z: 1.959964, degrees: degrees)),
      high: 2 * total / chiSquare(z: -1.959964, degrees: degrees))
  }

  /// Upper bound of a failure rate after `count` clean runs: the rule of three, 3 / N.
  public static func bound(clean count: Int) -> Double { 3 / Double(count) }

  /// How many times rarer the failure is at least: both ends taken at their 95 % bounds, N / (3 x upper mean).
  public static func rarer(clean count: Int, than mean: Mean) -> Double { Double(count) / (3 * mean.high) }

  /// Quantile of the chi-square distribution at the normal quantile `z`, within 1 % from 10 degrees of freedom on.
  ///
  /// Source: Wilson and Hilferty, "The Distribution of Chi-Square", PNAS 17 (1931).
  static func chiSquare(z: Double, degrees: Double) -> Double {
    let part = 2 / (9 * degrees)
    let root = 1 - part + z * part.squareRoot()
    return degrees * root * root * root
  }
}
