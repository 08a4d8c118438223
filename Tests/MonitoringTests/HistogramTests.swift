import Basics
import ChaosRuntime
import Synchronization
import TestSupport
import Testing

@testable import Monitoring

@Suite struct HistogramTests {
  @Test func `What is no number is ignored and what is too large is cut off`() {
    let histogram = Histogram(bounds: [1, 2])
    histogram.record(.nan)
    histogram.record(2)
    histogram.record(3)
    #expect(histogram.values.count == 2)
    #expect(histogram.values.buckets == [0, 1, 1])
    histogram.record(.infinity)
    histogram.record(-5)
    #expect(histogram.values.max == Histogram.valueMax)
    #expect(histogram.values.min == 0)
    #expect(histogram.values.buckets == [1, 1, 2])
  }

  @Test func `A single value is its own quantiles`() {
    let histogram = Histogram(bounds: [100])
    #expect(histogram.values == Histogram.Values(buckets: [0, 0]))
    histogram.record(123.4)
    let values = histogram.values
    #expect(
      [values.min, values.p50, values.p95, values.p99, values.max, values.average] == Array(repeating: 123.4, count: 6))
  }

  @Test(arguments: [UInt64(1), 2, 3, 4, 5])
  func `Quantiles are right to an eighth`(seed: UInt64) {
    let histogram = Histogram(bounds: [1, 10])
    var values: [Double] = []
    for i in 0..<5000 {
      // Six orders of magnitude, evenly in the logarithm.
      let share = Double(Mixing.mix(seed, UInt64(i), 7) >> 11) / Double(1 << 53)
      var value = 0.01
      for _ in 0..<Int(share * 60) { value *= 1.2589 }
      values.append(value)
      histogram.record(value)
    }
    values.sort()
    let found = histogram.values
    for (share, quantile) in [(0.5, found.p50), (0.95, found.p95), (0.99, found.p99)] {
      let exact = values[Int(share * Double(values.count)) - 1]
      #expect(abs(quantile - exact) <= exact * 0.26, "\(share): \(quantile) is not \(exact)")
    }
    #expect(found.count == 5000)
    #expect(found.min <= found.p50 && found.p50 <= found.p95 && found.p95 <= found.p99 && found.p99 <= found.max)
    #expect(abs(found.sum - values.reduce(0, +)) < 0.01)
  }

  @Test(.tags(.live), .realClock, .timeLimit(.minutes(5)))
  func `Threads that record at once lose nothing`() throws {
    let runtime = Runtime(live: .simulationEpoch, disk: MemoryDisk(), choices: Choices(.seeded(1)))
    let metrics = Metrics()
    metrics.timings.open()
    let threads = try (0..<6).map { n throws(Stopped) in
      try runtime.spawn("recorder \(n)") { () throws(Stopped) in
        for i in 0..<5000 {
          metrics.recordOrderSent(symbol: "AIX/USDT", side: "buy")
          metrics.recordOrderFilled(symbol: "AIX/USDT", side: "buy", latencyMs: Double(n * 5000 + i))
        }
      }
    }
    for thread in threads { try thread.join() }
    let summary = metrics.summary(at: runtime.now)
    #expect(summary.ordersSent == 30_000)
    #expect(summary.orderLatencyMs.count == 30_000)
    #expect(summary.orderLatencyMs.sum == 30_000 * 29_999 / 2)
    #expect(summary.orderLatencyMs.min == 0)
    #expect(summary.orderLatencyMs.max == 29_999)
    let taken = metrics.timings.take()
    #expect(taken.timings.count == TimingTap.capacity)
    #expect(taken.timings.count + taken.droppedCount == 30_000)
    #expect(metrics.timings.take().timings.isEmpty)
  }
}
