import Foundation
import TestSupport
import Testing

/// The command line on a disk that is full: it says so, and leaves nothing half-written behind.
@Suite(
  .serialized, .timeLimit(.minutes(5)), .enabled(if: SmallFileSystem.isAvailable, "this process may not mount a tmpfs"))
struct FullDiskTests {
  @Test func `A session that does not fit is not there at all`() throws {
    let system = try #require(SmallFileSystem(bytes: 65_536))
    let result = try Tool.chaos(["paper", "--out", system.folder.path])
    #expect(result.code == 70, "nothing was found, and nothing is there to show for it")
    #expect(result.out.hasPrefix("=== Trading Bot Regression Test ==="))
    #expect(result.error.contains("the session could not be written: "))
    #expect(result.error.contains("No space left on device"))
    #expect(!result.error.contains("chaos replay"), "there is nothing to replay")
    #expect(Folder.names(system.folder.path) == [])
  }

  /// A disk without a free block: names can be made, bytes cannot.
  private func fullSystem() throws -> SmallFileSystem {
    let system = try #require(SmallFileSystem(bytes: 65_536))
    let filler = system.folder.path + "/filler"
    _ = FileManager.default.createFile(atPath: filler, contents: nil)
    let file = try #require(FileHandle(forWritingAtPath: filler))
    while (try? file.write(contentsOf: Data(repeating: 1, count: 4096))) != nil {}
    try? file.close()
    return system
  }

  @Test(
    arguments: [
      ("paper --duration 120 --revision 9.1=original", 1, "✗ TESTS FAILED"),
      ("run --bug 9.1 --fault insufficient-balance --revision original", 1, "FAILED in schedule "),
      ("run --bug 9.1 --fault insufficient-balance --revision fixed --schedules 3", 70, "passed  3 schedules"),
      ("run --bug 9.1 --fault insufficient-balance --schedules 3 --campaigns 2", 70, "fixed, fault on "),
    ] as [(String, Int32, String)])
  func `The verdict is printed and a red one decides`(_ item: (words: String, code: Int32, says: String)) throws {
    let system = try fullSystem()
    let result = try Tool.chaos(item.words.split(separator: " ").map(String.init) + ["--out", system.folder.path])
    #expect(result.code == item.code, "\(result.out)\(result.error)")
    #expect(result.out.contains(item.says), "\(result.out)")
    #expect(result.error.contains("No space left on device"), "\(result.error)")
    #expect(Folder.names(system.folder.path) == ["filler"])
  }

  @Test func `A gauntlet whose report does not fit is not green`() throws {
    let system = try fullSystem()
    let result = try Tool.chaos([
      "gauntlet", "--filter", GauntletCommandTests.cheap[0], "--jobs", "0", "--json", system.folder.path + "/g.json",
    ])
    #expect(result.code == 70, "\(result.error)")
    #expect(result.out.contains("\nGREEN"))
    #expect(result.error.contains("chaos: gauntlet: --json: "))
    #expect(Folder.names(system.folder.path) == ["filler"])
  }

  @Test func `A case that was shrunk and replayed is red without any disk`() throws {
    let scratch = Scratch()
    let run = try ReplayCommandTests.failingRun(in: scratch)
    let system = try fullSystem()
    let shrunk = try Tool.chaos([
      "shrink", run, "--executions", "20", "--no-moment", "--out", system.folder.path + "/small",
    ])
    #expect(shrunk.code == 1, "\(shrunk.error)")
    #expect(shrunk.out.contains("Shrunk") || shrunk.out.contains("choices"), "\(shrunk.out)")
    #expect(shrunk.error.contains("the smallest case could not be written: "))
    let program = try #require(Tool.folder) + "/chaos"
    let replay = try Tool.run("/bin/sh", ["-c", "\(program) replay \(run) --no-search >/dev/full"])
    #expect(replay.code == 1)
    #expect(replay.error.contains("stdout could not be written"))
  }

  @Test func `A live session that does not fit is reported all the same`() throws {
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
