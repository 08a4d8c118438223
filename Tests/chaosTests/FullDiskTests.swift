import Foundation
import TestSupport
import Testing

/// The command line on a disk that is full: it says so, and leaves nothing half-written behind.
@Suite(
  .serialized, .timeLimit(.minutes(2)), .enabled(if: SmallFileSystem.isAvailable, "this process may not mount a tmpfs"))
struct FullDiskTests {
  @Test func aSessionThatDoesNotFitIsNotThereAtAll() throws {
    let system = try #require(SmallFileSystem(bytes: 65_536))
    let result = try Tool.chaos(["paper", "--out", system.folder.path])
    #expect(result.code == 2)
    #expect(result.error.contains("No space left on device"))
    #expect(Folder.names(system.folder.path) == [])
  }

  @Test func aLiveSessionThatDoesNotFitIsReportedAllTheSame() throws {
    let system = try #require(SmallFileSystem(bytes: 49_152))
    // About 280 lines a second.
    let result = try Tool.chaos([
      "paper", "--live", "--duration", "5", "--no-faults", "--set", "MD_POLL_MS=50", "--set", "TRACE_SAMPLE_RATE=1",
      "--out", system.folder.path,
    ])
    #expect(result.code != 0)
    #expect(result.out.hasPrefix("=== Trading Bot Regression Test ===\nDuration: 5s\n"), "\(result.error)")
    #expect(result.error.contains("the session is incomplete on the disk: "))
    #expect(result.error.contains("No space left on device"))
    for path in FileManager.default.subpaths(atPath: system.folder.path) ?? [] {
      #expect(!path.contains(".partial-") && !path.hasSuffix(".tmp"), "\(path)")
      guard path.hasSuffix(".jsonl"), path.hasPrefix("session_") else { continue }
      let text = FileManager.default.contents(atPath: "\(system.folder.path)/\(path)") ?? Data()
      #expect(text.isEmpty || text.last == 0x0A, "\(path) ends within a line")
    }
  }
}
