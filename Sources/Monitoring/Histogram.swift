import Synchronization

/// Counts values in fixed buckets, with their number, smallest, largest, sum and quantiles; constant size, no lock.
///
/// Besides the buckets that are asked for, every value falls into one of 304 cells that grow with it, an eighth of a power
/// of two wide: quantiles are right to an eighth of their value. A bound that falls into a cell splits it: a value's count
/// is at its cell plus its bucket, which both only grow with the value, so that no two pairs meet. Values are kept to a millionth of the unit, as whole
/// numbers, so that the sum does not depend on who adds first.
public final class Histogram: Sendable {
  /// What a histogram has seen.
  public struct Values: Sendable, Equatable {
    /// Values taken in.
    public var count = 0
    /// Zero before the first value.
    public var min = 0.0
    /// Zero before the first value.
    public var max = 0.0
    /// To a millionth of the unit for each value, whoever added first.
    public var sum = 0.0
    /// The median, to an eighth of its value; zero before the first value, like the other quantiles.
    public var p50 = 0.0
    /// 95 % of the values are at or below it, to an eighth of its value.
    public var p95 = 0.0
    /// 99 % of the values are at or below it, to an eighth of its value.
    public var p99 = 0.0
    /// Values at or below each bound, not cumulated; the last counts what is above all bounds.
    public var buckets: [Int]

    /// `sum / count`; zero before the first value.
    public var average: Double { count == 0 ? 0 : sum / Double(count) }
  }

  /// Largest value that is told apart, in the histogram's unit; larger ones count as this one, negative ones as zero.
  public static let valueMax = 1e9
  private static let scale = 1e6
  /// Binary digits of a scaled value that the cells leave out: cells begin at a thousandth of the unit.
  private static let shift = 10
  private static let quantileCells = 304
  // Cells of a row: sum, minimum, maximum (both as what only grows), counts.
  private static let sumCell = 0
  private static let leastCell = 1
  private static let greatestCell = 2
  private static let firstCount = 3
  /// The minimum is kept as what it lacks to this, so that zero means none and only growth is stored.
  private static let ceiling = Int(valueMax * scale) + 1

  /// Upper bounds of the buckets, ascending, in the histogram's unit.
  public let bounds: [Double]
  private let cells: StripedCells
  private let scaledBounds: UnsafeScaledBounds

  /// A histogram with buckets up to each of `bounds`, which ascend, and one above.
  public init(bounds: [Double]) {
    precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "bucket bounds ascend")
    self.bounds = bounds
    scaledBounds = UnsafeScaledBounds(bounds.map(Self.scaled))
    cells = StripedCells(cellCount: Self.firstCount + Self.quantileCells + bounds.count)
  }

  /// Takes in one value; not a number is ignored. Never allocates, never waits. O(bounds).
  public func record(_ value: Double) {
    guard !value.isNaN else { return }
    let number = Self.scaled(value)
    let row = cells.mine
    let bucket = scaledBounds.bucket(of: number)
    row[Self.firstCount + Self.cell(of: number) + bucket].wrappingAdd(1, ordering: .relaxed)
    row[Self.sumCell].wrappingAdd(number, ordering: .relaxed)
    Self.raise(row + Self.leastCell, to: Self.ceiling - number)
    Self.raise(row + Self.greatestCell, to: number + 1)
  }

  /// A copy; what is recorded during the call may be in it or not.
  public var values: Values {
    var values = Values(buckets: Array(repeating: 0, count: bounds.count + 1))
    var counts: [Int] = []
    for cell in 0..<Self.quantileCells {
      let first = scaledBounds.bucket(of: Self.start(of: cell))
      let last = scaledBounds.bucket(of: Self.start(of: cell + 1) - 1)
      counts.append(0)
      for bucket in first...last {
        let count = cells.sum(Self.firstCount + cell + bucket)
        counts[cell] += count
        values.buckets[bucket] += count
      }
    }
    values.count = counts.reduce(0, +)
    guard values.count > 0 else { return values }
    values.sum = Double(cells.sum(Self.sumCell)) / Self.scale
    let least = Self.ceiling - greatest(Self.leastCell)
    let most = max(least, greatest(Self.greatestCell) - 1)
    values.min = Double(least) / Self.scale
    values.max = Double(most) / Self.scale
    values.p50 = Self.quantile(0.5, counts, least...most)
    values.p95 = Self.quantile(0.95, counts, least...most)
    values.p99 = Self.quantile(0.99, counts, least...most)
    return values
  }

  private func greatest(_ cell: Int) -> Int {
    (0..<StripedCells.rowCount).map { cells.row($0)[cell].load(ordering: .relaxed) }.max() ?? 0
  }

  @inline(__always) private static func raise(_ cell: StripedCells.Row, to value: Int) {
    var seen = cell.pointee.load(ordering: .relaxed)
    while seen < value {
      let (isDone, current) = cell.pointee.weakCompareExchange(
        expected: seen, desired: value, ordering: .relaxed)
      if isDone { return }
      seen = current
    }
  }

  @inline(__always) private static func scaled(_ value: Double) -> Int {
    Int(Swift.min(Swift.max(value, 0), valueMax) * scale + 0.5)
  }

  // MARK: Quantiles

  /// Eight cells for each power of two, above eight for the smallest values.
  @inline(__always) private static func cell(of number: Int) -> Int {
    let units = number >> shift
    guard units >= 8 else { return units }
    let exponent = Int.bitWidth - 1 - units.leadingZeroBitCount
    return (exponent - 2) * 8 + (units >> (exponent - 3)) & 7
  }

  /// The smallest number of a cell.
  private static func start(of cell: Int) -> Int {
    guard cell >= 8 else { return cell << shift }
    return (8 + cell % 8) << (cell / 8 - 1 + shift)
  }

  /// Straight between the ends of the cell in which the rank falls.
  private static func quantile(_ share: Double, _ counts: [Int], _ range: ClosedRange<Int>)
    -> Double
  {
    let rank = share * Double(counts.reduce(0, +))
    var below = 0.0
    for (cell, count) in counts.enumerated() where count > 0 {
      if below + Double(count) >= rank {
        let low = Double(Swift.max(start(of: cell), range.lowerBound))
        let high = Double(Swift.min(start(of: cell + 1), range.upperBound))
        return (low + Swift.max(0, high - low) * (rank - below) / Double(count)) / scale
      }
      below += Double(count)
    }
    return Double(range.upperBound) / scale
  }
}

/// Bounds in plain memory: an array's checks and reference counts would be the larger part of recording a value.
private final class UnsafeScaledBounds: @unchecked Sendable {
  private let bounds: UnsafeMutablePointer<Int>
  private let count: Int

  init(_ values: [Int]) {
    count = values.count
    bounds = .allocate(capacity: max(1, count))
    bounds.initialize(from: values, count: count)
  }

  deinit { bounds.deallocate() }

  @inline(__always) func bucket(of number: Int) -> Int {
    var index = 0
    while index < count, number > bounds[index] { index += 1 }
    return index
  }
}
