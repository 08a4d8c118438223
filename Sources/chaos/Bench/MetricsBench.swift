import Basics
import ChaosRuntime
import Glibc
import Monitoring
import Synchronization

/// What recording a metric costs, alone and by two threads at once, and what a scrape costs.
enum MetricsBench {
  private static let operations = 5_000_000

  static func run(rounds: Int) throws(UsageError) -> [BenchLine] {
    let metrics = Metrics()
    let counter = Bench.rounds(rounds) { count(metrics) }
    let histogram = Bench.rounds(rounds) { record(metrics) }
    let single = (0..<rounds).map { _ in
      cost {
        count(metrics)
        record(metrics)
      }
    }
    var together: [Double] = []
    do throws(Stopped) { for _ in 0..<rounds { together.append(try twoThreads(metrics)) } } catch {
      throw UsageError(text: "bench: the threads were stopped")
    }
    let alone = Bench.median(single.sorted())
    let both = Bench.median(together.sorted())
    let scrape = Bench.rounds(rounds) { for _ in 0..<1000 { _ = render(metrics) } }
    return [
      BenchLine(
        name: "a counter", value: Bench.median(counter) / Double(operations), unit: "ns",
        isHeadline: true),
      BenchLine(
        name: "a histogram value", value: Bench.median(histogram) / Double(operations), unit: "ns",
        isHeadline: true),
      BenchLine(
        name: "a counter and a value, processor time, one thread", value: alone, unit: "ns"),
      BenchLine(
        name: "a counter and a value, processor time, two threads", value: both, unit: "ns each"),
      BenchLine(
        name: "throughput of two threads : one", value: 2 * alone / both, unit: "x",
        isHeadline: true),
      BenchLine(
        name: "rendering a scrape", value: Bench.median(scrape) / 1000 / 1e6, unit: "ms", places: 4,
        isHeadline: true),
    ]
  }

  @inline(never) private static func render(_ metrics: Metrics) -> Int {
    PrometheusText.render(metrics.summary(at: .simulationEpoch), as: .text).count
  }

  @inline(never) private static func count(_ metrics: Metrics) {
    for _ in 0..<operations { metrics.recordOrderSent(symbol: "AIX/USDT", side: "buy") }
  }

  @inline(never) private static func record(_ metrics: Metrics) {
    for n in 0..<operations {
      metrics.recordBudgetRefresh(durationMs: Double(n & 0x1FFF), timedOut: false)
    }
  }

  /// Nanoseconds of processor time that one operation takes; what other programs take does not count.
  private static func cost(_ body: () -> Void) -> Double {
    let before = WallClock.threadProcessor
    body()
    return (WallClock.threadProcessor - before) * 1e9 / Double(operations)
  }

  /// The cost of a counter and a value while two threads record at once.
  private static func twoThreads(_ metrics: Metrics) throws(Stopped) -> Double {
    let runtime = Runtime(live: WallClock.now, disk: MemoryDisk(), choices: Choices(.seeded(1)))
    let costs = Mutex<[Double]>([])
    let threads = try ["one", "two"].map { name throws(Stopped) in
      try runtime.spawn(name) { () throws(Stopped) in
        let cost = cost {
          count(metrics)
          record(metrics)
        }
        costs.withLock { $0.append(cost) }
      }
    }
    for thread in threads { try thread.join() }
    return costs.withLock { $0.reduce(0, +) / 2 }
  }
}
