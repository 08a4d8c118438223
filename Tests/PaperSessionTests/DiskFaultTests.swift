import Basics
import ChaosRuntime
import Checks
import Exploration
import FaultInjection
import Foundation
import Monitoring
import PaperSession
import Synchronization
import TestSupport
import Testing
import Trading

/// The disk's faults: told with file and advice, survived, and nothing torn.
@Suite struct DiskFaultTests {
  static let faults = ["disk-full", "disk-read-only"]

  @Test(arguments: faults, 1...4 as ClosedRange<UInt64>)
  func `The engine tells and survives`(fault: String, seed: UInt64) throws {
    let system = try Sessions.paper([Sessions.source(fault)])
    for request in [Sessions.explored(seed), Sessions.explored(seed, stalls: true)] {
      let run = Executor().run(system, request)
      #expect(run.judgement.verdicts.filter { $0.outcome == .fail } == [])
      #expect(run.incidents.isEmpty)
      let record = try Sessions.record(run)
      #expect(PaperReport(record).exitCode == 0)
      #expect(record.tornLines == [])
      #expect(run.judgement.files.allSatisfy { !$0.path.hasSuffix(".tmp") })
      let reason = fault == "disk-full" ? "no space left on device" : "read-only file system"
      for (event, files) in [
        (EventName.logWriteFailed, [record.eventsPath, "logs/jsonl/orders.jsonl"]),
        (.stateWriteFailed, ["state/engine_transient.json"]),
      ] {
        let told = record.events(event)
        #expect(Set(told.compactMap { $0.text(.file) }) == Set(files))
        #expect(told.allSatisfy { $0.text(.error) == reason && $0.text(.advice)?.isEmpty == false })
      }
    }
  }

  /// `metrics/summary.json` under each fault: refused as often as the file says, then written, whole at every moment.
  @Test(arguments: faults) func `An export is the old one or the new one`(fault: String) throws {
    let parsed = try Sessions.fault(fault)
    let outcomes = Mutex<[String]>([])
    let disk = MemoryDisk()
    _ = Simulation().run(disk: disk) { runtime throws(Stopped) in
      guard
        let injector = try? FaultInjector(
          runtime: runtime, catalogue: SiteCatalogue(PaperSites.definitions), faults: [parsed])
      else { return }
      runtime.install(injector)
      injector.arm()
      let metrics = Metrics()
      for _ in 0..<9 {
        metrics.recordOrderSent(symbol: "AIX/USDT", side: "buy")
        let result = try metrics.exportJSON(runtime)
        let bytes = try runtime.disk.read(Metrics.summaryPath)
        let text = (try? bytes.get()).flatMap { try? JSON.parse($0) }?["counters"]?["orders_sent"]?.int
        if case .failure(let error) = result {
          outcomes.withLock { $0.append("\(error.text): \(text ?? -1)") }
        } else {
          outcomes.withLock { $0.append("\(text ?? -1)") }
        }
      }
      try injector.disarm()
    }
    let expected =
      fault == "disk-full"
      ? ["1"] + [String](repeating: "no space left on device: 1", count: 4) + ["6", "7", "8", "9"]
      : ["1"] + [String](repeating: "read-only file system: 1", count: 2) + ["4"]
        + [String](repeating: "read-only file system: 4", count: 3) + ["8", "9"]
    #expect(outcomes.withLock { $0 } == expected)
    #expect(disk.files.map(\.path) == [Metrics.summaryPath])
  }
}

/// The same on a real disk: files stand where the folders of state and metrics should be.
@Suite(.serialized, .timeLimit(.minutes(5))) struct LiveDiskTests {
  @Test func `A session whose folders cannot be written runs to its end`() throws {
    let scratch = Scratch()
    scratch.write("not a folder", to: "state")
    scratch.write("not a folder", to: "metrics")
    let system = try PaperSystem(PaperInputs(kind: .paper, durationSeconds: 5), isLive: true)
    let executor = LiveExecutor(directory: scratch.path, epoch: .simulationEpoch, limit: .seconds(90))
    let report = try executor.run(system, RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .nominal)) {
      Self.files(scratch.path)
    }
    #expect(report.incidents.isEmpty)
    #expect(report.leakedThreads == 0)
    let record = try SessionRecord(files: SessionFiles(report.judgement.files))
    let state = try #require(record.events(.stateWriteFailed).first)
    #expect(state.text(.file) == "state/engine_transient.json")
    #expect(state.text(.error) == "Not a directory (errno 20)")
    let export = try #require(record.events(.metricsExportFailed).last)
    #expect(export.text(.path) == "metrics/summary.json")
    #expect(record.count(.shutdownComplete) == 1)
    #expect(record.tornLines == [])
    let hints = Diagnosis(record).entries.first { $0.name == "JSON export missing" }
    #expect(hints?.causes.map(\.id) == ["directory-not-writable"])
  }

  private static func files(_ folder: String) -> [(path: String, bytes: [UInt8])] {
    (FileManager.default.subpaths(atPath: folder) ?? []).sorted().compactMap { path in
      guard case .success(let bytes) = FileDisk.contents(of: "\(folder)/\(path)") else { return nil }
      return (path, bytes)
    }
  }
}
