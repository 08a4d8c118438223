import Basics
import Foundation
import TestSupport
import Testing

/// One failing session of the original of 9.1, replayed in every way.
@Suite struct ReplayCommandTests {
  /// Writes a failing run below the folder and answers its path.
  static func failingRun(in scratch: Scratch) throws -> String {
    let run = try Tool.chaos(
      ["run", "--bug", "9.1", "--revision", "original", "--fault", "insufficient-balance", "--out", scratch.path])
    #expect(run.code == 1, "\(run.out)\(run.error)")
    #expect(run.out.contains("\nShrink  chaos shrink \(scratch.path)/9.1_"))
    return scratch.path + "/latest"
  }

  private func edit(_ path: String, _ change: (inout String) -> Void) throws {
    var text = try String(contentsOfFile: path, encoding: .utf8)
    change(&text)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }

  @Test func `A recording is replayed strictly and tolerantly`() throws {
    let scratch = Scratch()
    let run = try Self.failingRun(in: scratch)
    let recording = run + "/recording.txt"
    let original = try String(contentsOfFile: recording, encoding: .utf8)
    for name in ["seed: 1\n", "build: ", "scenario: ", "scenario_seed: ", "schedule_seed: ", "strategy: "] {
      #expect(original.contains("\n# \(name)"), "the header lacks \(name)")
    }
    let strict = try Tool.chaos(["replay", run, "--strict", "--no-search"])
    #expect(strict.code == 1, "\(strict.out)\(strict.error)")
    #expect(strict.out.contains("0 no longer apply"))
    #expect(strict.out.hasSuffix("Shrink   chaos shrink \(run)\n"))

    // A choice that never comes: tolerated and named, or refused.
    try edit(recording) { $0 += "run | no-such-thread | lock budget | 3 | main\n" }
    let tolerant = try Tool.chaos(["replay", run, "--no-search"])
    #expect(tolerant.code == 1, "\(tolerant.out)\(tolerant.error)")
    #expect(tolerant.out.contains("edited, 1 no longer apply"))
    #expect(tolerant.out.contains("no-such-thread | lock budget | 3 | main   (its moment never came)"))
    let refused = try Tool.chaos(["replay", run, "--strict", "--no-search"])
    #expect(refused.code == 3)
    #expect(refused.out.contains("DIVERGED --strict: every line"))

    // Another build: what differs is said in two lines, and the verdict decides.
    try original.write(toFile: recording, atomically: true, encoding: .utf8)
    let log = try #require(
      try FileManager.default.contentsOfDirectory(atPath: run + "/logs").first { $0.hasPrefix("events_") })
    try edit(run + "/logs/" + log) { $0 = $0.replacingOccurrences(of: "ENGINE_START", with: "ENGINE_BEGUN") }
    let diverged = try Tool.chaos(["replay", run, "--no-search"])
    #expect(diverged.code == 3, "\(diverged.out)\(diverged.error)")
    #expect(diverged.out.contains("DIVERGED first in logs/\(log), line "))
    let lines = diverged.out.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("         expected: ") && $0.contains("ENGINE_BEGUN") })
    #expect(lines.contains { $0.hasPrefix("         got:      ") && $0.contains("ENGINE_START") })
  }

  @Test func `Foreign and broken recordings are usage errors`() throws {
    let scratch = Scratch()
    let run = try Self.failingRun(in: scratch)
    let recording = run + "/recording.txt"
    let original = try String(contentsOfFile: recording, encoding: .utf8)
    let wrong: [(change: (String) -> String, message: String)] = [
      ({ _ in "hello\n" }, "line 1: not a choice: 'hello'"),
      ({ _ in "# something else\n" }, "no recording of chaos: its first line should begin with"),
      ({ $0.replacingOccurrences(of: "format 1", with: "format 7") }, "format 7 is unknown to this build"),
      ({ $0.replacingOccurrences(of: "# scenario: ", with: "# scenario: 0") }, "it belongs to another run"),
      ({ $0.replacingOccurrences(of: "# scenario_seed: ", with: "# scenario_seed: 9") }, "names scenario seed 9"),
    ]
    for (change, message) in wrong {
      try change(original).write(toFile: recording, atomically: true, encoding: .utf8)
      let result = try Tool.chaos(["replay", run])
      #expect(result.code == 2)
      #expect(result.error.contains(message), "\(result.error)")
    }
  }

  @Test func `A recording of another build says what changed and goes on`() throws {
    let scratch = Scratch()
    let run = try Self.failingRun(in: scratch)
    // The hash in run.json is the one that says whether a person edited the recording.
    try edit(run + "/recording.txt") { text in
      text = text.replacing(#/# build: [0-9a-z]+/#, with: "# build: 00ff")
    }
    let text = try String(contentsOfFile: run + "/recording.txt", encoding: .utf8)
    try edit(run + "/run.json") { json in
      json = json.replacing(
        #/"recording_hash": "[0-9a-f]+"/#, with: "\"recording_hash\": \"\(String(Mixing.hash(text), radix: 16))\"")
    }
    let same = try Tool.chaos(["replay", run, "--no-search"])
    #expect(same.code == 1, "\(same.out)\(same.error)")
    #expect(same.out.contains("Build    another one made the recording"))
    #expect(!same.out.contains("edited"))
    let log = try #require(
      try FileManager.default.contentsOfDirectory(atPath: run + "/logs").first { $0.hasPrefix("events_") })
    try edit(run + "/logs/" + log) { $0 = $0.replacingOccurrences(of: "ENGINE_START", with: "ENGINE_BEGUN") }
    let changed = try Tool.chaos(["replay", run, "--no-search"])
    #expect(changed.code == 1, "\(changed.out)")
    #expect(changed.out.contains("CHANGED  first in logs/"))
    #expect(changed.out.contains("Verdict  FAILED by errors-observable"))
    let strict = try Tool.chaos(["replay", run, "--no-search", "--strict"])
    #expect(strict.code == 3)
  }
}
