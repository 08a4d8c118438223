import Synchronization

/// Counts values in fixed buckets, with their number, smallest, largest and sum; constant size.
public final class Histogram: Sendable {
  /// What a histogram has seen.
  public struct Values: Sendable, Equatable {
    public var count = 0
    /// Zero before the first value.
    public var min = 0.0
    /// Zero before the first value.
    public var max = 0.0
    public var sum = 0.0
    /// Values at or below each bound, not cumulated; the last counts what is above all bounds.
    public var buckets: [Int]

    public var average: Double { count == 0 ? 0 : sum / Double(count) }
  }

  /// Upper bounds of the buckets, ascending, in the histogram's unit.
  public let bounds: [Double]
  private let state: Mutex<Values>

  public init(bounds: [Double]) {
    precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "bucket bounds ascend")
    self.bounds = bounds
    state = Mutex(Values(buckets: Array(repeating: 0, count: bounds.count + 1)))
  }

  /// Takes in one value; not a number is ignored.
  public func record(_ value: Double) {
    guard value.isFinite else { return }
    let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
    state.withLock { values in
      values.min = values.count == 0 ? value : Swift.min(values.min, value)
      values.max = values.count == 0 ? value : Swift.max(values.max, value)
      values.count += 1
      values.sum += value
      values.buckets[bucket] += 1
    }
  }

  /// A consistent copy.
  public var values: Values { state.withLock { $0 } }
}
