import Basics
import ChaosRuntime
import CPlatform
import Glibc
import Synchronization

/// How fast a deadlock of two live threads is found and on disk, measured on this machine.
public enum WatchdogBench {
  /// Makes `rounds` deadlocks, one after the other, in files of `directory`; names carry the unit.
  public static func run(directory: String, rounds: Int = 50) -> [(name: String, value: Double)] {
    var reports: [Double] = []
    var dumps: [Double] = []
    for round in 0..<max(1, rounds) {
      guard let dump = deadlock(path: "\(directory)/bench-\(round).txt"), dump.error == 0 else { continue }
      if let latency = dump.reportLatency { reports.append(latency.milliseconds * 1000) }
      dumps.append(dump.dumpLatency.milliseconds)
      unlink(dump.path)
    }
    var figures = [
      ("watchdog_deadlocks_total", Double(dumps.count)),
      ("watchdog_edge_to_report_p50_us", quantile(reports, 0.5)),
      ("watchdog_edge_to_report_p95_us", quantile(reports, 0.95)),
      ("watchdog_report_to_raw_dump_p50_ms", quantile(dumps, 0.5)),
      ("watchdog_report_to_raw_dump_p95_ms", quantile(dumps, 0.95)),
    ]
    // A program that offers no names has no such figure.
    guard SymbolizerChild.isOffered.load(ordering: .relaxed) else { return figures }
    let names = (0..<min(max(1, rounds), namedRounds)).compactMap { _ in untilNamed("\(directory)/bench-names.txt") }
    figures.append(("watchdog_raw_dump_to_names_p50_ms", quantile(names, 0.5)))
    figures.append(("watchdog_raw_dump_to_names_max_ms", names.max() ?? 0))
    return figures
  }

  private static let namedRounds = 20

  /// Milliseconds from the raw dump of ten threads to the names in it; nil: they did not come.
  private static func untilNamed(_ path: String) -> Double? {
    let stage = HardStage(path: path) { $0.symbolize = true }
    for i in 0..<7 { stage.spawn("idle-\(i)") { runtime throws(Stopped) in try runtime.sleep(.seconds(600)) } }
    stage.ring(2)
    guard stage.wait() else { return nil }
    let began = cp_monotonic_ns()
    while stage.watchdog.dumps.first?.isSymbolized != true, cp_monotonic_ns() &- began < 10_000_000_000 {
      HardTest.rest(milliseconds: 1)
    }
    let took = Double(cp_monotonic_ns() &- began) / 1e6
    let isNamed = stage.watchdog.dumps.first?.isSymbolized == true
    let wrong = stage.end()
    unlink(path)
    return isNamed && wrong == nil ? took : nil
  }

  private static func quantile(_ values: [Double], _ q: Double) -> Double {
    guard !values.isEmpty else { return 0 }
    return values.sorted()[min(values.count - 1, Int(Double(values.count) * q))]
  }

  private static func deadlock(path: String) -> ThreadWatchdog.Dump? {
    let runtime = Runtime(live: .simulationEpoch, disk: MemoryDisk(), choices: Choices(.seeded(1)))
    let reported = CycleReportSlot()
    let seen = reported.seen
    let watchdog = ThreadWatchdog(
      runtime: runtime, options: ThreadWatchdog.Options(dumpPath: path, symbolize: false)
    ) { _ in reported.ring() }
    watchdog.start()
    let locks = [Lock(runtime, "first"), Lock(runtime, "second")]
    let arrived = Arrivals()
    do throws(Stopped) {
      for i in 0..<2 {
        try runtime.spawn("engine-\(i)") { () throws(Stopped) in
          try locks[i].lock()
          defer { locks[i].unlock() }
          try arrived.meet(in: runtime)
          try locks[1 - i].withLock { () throws(Stopped) in }
        }
      }
    } catch { return nil }
    if reported.seen == seen { reported.wait(seen: seen, until: cp_monotonic_ns() &+ 5_000_000_000) }
    runtime.stop()
    watchdog.stop()
    return watchdog.dumps.first
  }

  private final class Arrivals: Sendable {
    private let count = Atomic<Int>(0)

    func meet(in runtime: Runtime) throws(Stopped) {
      count.add(1, ordering: .sequentiallyConsistent)
      while count.load(ordering: .sequentiallyConsistent) < 2 { try runtime.sleep(.microseconds(100)) }
    }
  }
}
