import ChaosRuntime
import Synchronization

/// Rows of counters, one row per group of threads, so that threads that count at once do not share a cache line.
///
/// Constant size; adding is one relaxed atomic addition and never allocates.
final class StripedCells: @unchecked Sendable {
  typealias Row = UnsafeMutablePointer<Atomic<Int>>

  /// A power of two; live threads get dense numbers, so two of them rarely meet in one row.
  static let rowCount = 8
  /// Two cache lines: the prefetcher fetches pairs.
  private static let alignment = 128

  let cellCount: Int
  private let rowLength: Int
  private let cells: Row

  /// `cellCount` cells a row, all zero.
  init(cellCount: Int) {
    self.cellCount = cellCount
    let perLine = Self.alignment / MemoryLayout<Int>.stride
    rowLength = (cellCount + perLine - 1) / perLine * perLine
    let count = rowLength * Self.rowCount
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: count * MemoryLayout<Int>.stride, alignment: Self.alignment)
    cells = memory.bindMemory(to: Atomic<Int>.self, capacity: count)
    for i in 0..<count { (cells + i).initialize(to: Atomic(0)) }
  }

  deinit { UnsafeMutableRawPointer(cells).deallocate() }

  /// The calling thread's row.
  @inline(__always) var mine: Row { row(ThreadSlot.current & (Self.rowCount - 1)) }

  @inline(__always) func row(_ index: Int) -> Row { cells + index * rowLength }

  /// The total of one cell over all rows.
  func sum(_ cell: Int) -> Int {
    var sum = 0
    for index in 0..<Self.rowCount { sum &+= row(index)[cell].load(ordering: .relaxed) }
    return sum
  }
}
