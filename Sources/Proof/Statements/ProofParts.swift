import Glibc

/// How often the original fails without its fault, or without the condition, in explored schedules: what the provocation
/// adds. It refutes nothing.
public struct Lift: Sendable, Equatable {
  /// Explored schedules without the provocation.
  public var schedules = 0
  /// Those of them that failed by a check of the original.
  public var failures = 0

  /// Nothing explored yet.
  public init() {}
}

/// What clean schedules of probabilistic concurrency testing say of every bug of a depth.
///
/// A bug that needs `depth` ordering constraints among `threads` threads and `steps` steps with a choice shows in a schedule
/// with a probability of at least 1 / (threads x steps^(depth - 1)); see `PCT`. It speaks of stall-free schedules whose
/// steps and threads stayed within the bounds: both are checked of each.
public struct Certificate: Sendable, Equatable {
  /// Ordering constraints of the bugs that it speaks of, at least 1.
  public var depth: Int
  /// Upper bounds that held in every schedule.
  public var threads: Int
  /// Upper bound of the steps with a choice that held in every schedule.
  public var steps: Int
  /// Clean schedules.
  public var schedules = 0
  /// Schedules run before with a bound that did not hold; they count for nothing.
  public var discarded = 0

  /// Least probability that one schedule shows a bug of that depth.
  public var perSchedule: Double { 1 / (Double(threads) * pow(Double(steps), Double(depth - 1))) }

  /// Least probability that such a bug would have been seen.
  public var confidence: Double { -expm1(Double(schedules) * log1p(-perSchedule)) }
}
