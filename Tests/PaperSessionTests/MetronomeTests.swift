import ChaosRuntime
import Exploration
import HistoricalBugs
import PaperSession
import Testing

/// A dump on a timer says nothing: it is there when nothing is wrong.
@Suite struct MetronomeTests {
  @Test func `The old dump fires every 30 seconds in a healthy engine and ours never`() throws {
    var system = try Sessions.paper([])
    system.replaceParts { $0.heartbeat = { PeriodicDump($0) } }
    let run = Executor().run(system, PaperSystem.paperRequest(seed: 1))
    let files = run.judgement.files
    let dumps = String(decoding: try #require(files.first { $0.path == PeriodicDump.path }).bytes, as: UTF8.self)
    // The tenth is due at the moment of the end.
    #expect((9...10).contains(dumps.lines(of: PeriodicDump.header)))
    #expect(dumps.contains("Thread [engine-main]"))
    #expect(run.incidents.isEmpty && run.dump == nil)
    #expect(!files.contains { $0.path == "stackdump.txt" })
    #expect(run.judgement.verdict("no-deadlock")?.outcome == .pass)
    #expect(run.judgement.verdict("no-stuck-wait")?.outcome == .pass)
  }
}

extension String {
  /// Lines that are this text.
  fileprivate func lines(of text: String) -> Int { split(separator: "\n").count { $0 == text[...] } }
}
