import Foundation
import TestSupport
import Testing

/// Ctrl-C and SIGTERM: a red verdict that was established decides the exit code, else 130 or 143.
@Suite(.tags(.live), .timeLimit(.minutes(3))) struct InterruptionTests {
  /// The processes that a process has started and that are still there.
  private static func children(of process: Int32) -> [Int32] {
    let list = FileManager.default.contents(atPath: "/proc/\(process)/task/\(process)/children") ?? Data()
    return String(decoding: list, as: UTF8.self).split(separator: " ").compactMap { Int32($0) }
  }

  /// Starts `chaos`, waits until a text is on its output or in its error, sends the signal, to its workers too if
  /// `isForAll`; code and all that was said.
  private func interrupted(
    _ words: [String], by number: Int32, after text: String, in scratch: Scratch, isForAll: Bool = false
  ) throws -> (code: Int32, log: String) {
    let log = scratch.path + "/log"
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Tool.folder) + "/chaos")
    process.arguments = words
    process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let isReady = Machine.eventually(seconds: 60) { Machine.text(log).contains(text) || !process.isRunning }
    #expect(isReady && process.isRunning, "\(Machine.text(log))")
    for child in isForAll ? Self.children(of: process.processIdentifier) : [] { kill(child, number) }
    kill(process.processIdentifier, number)
    let ended = Machine.eventually(seconds: 60) { !process.isRunning }
    if !ended { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    #expect(ended, "it went on for a minute")
    return (process.terminationStatus, Machine.text(log))
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func aRunThatFoundNothingSaysHowFarItCame(_ item: (signal: Int32, code: Int32)) throws {
    let scratch = Scratch()
    let words = ["run", "--bug", "9.1", "--revision", "fixed", "--schedules", "1000000", "--out", scratch.path + "/o"]
    let (code, log) = try interrupted(words, by: item.signal, after: "Seed", in: scratch)
    #expect(code == item.code, "\(log)")
    #expect(log.contains("INCONCLUSIVE  ") && log.contains(" of 1000000 schedules counted: cut short after "), "\(log)")
  }

  private static let neverNoticed = """
    schema = 1
    id     = "never-noticed"
    title  = "A balance query fails, and the engine is to log what it never logs"
    severity = "money"

    [[inject]]
    site = "exchange.fetch_balance"
    plan = "1*return(503)"

    [expect]
    detected_by = ["NO_SUCH_EVENT"]
    detect_ms   = 1000
    """

  /// The case that is done decides; the ones that were cut off are in the report all the same.
  ///
  /// A terminal, or whoever ends a service, signals the workers too: they leave it to their parent.
  @Test(
    arguments: [
      ("never-noticed", "✗ fault/never-noticed", SIGINT, 1), ("disk-full", "✓ fault/disk-full", SIGINT, 130),
      ("disk-full", "✓ fault/disk-full", SIGTERM, 143),
    ] as [(String, String, Int32, Int32)])
  func aGauntletWritesWhatItHas(_ item: (fault: String, line: String, signal: Int32, code: Int32)) throws {
    let scratch = Scratch()
    mkdir(scratch.path + "/faults", 0o755)
    scratch.write(Self.neverNoticed, to: "faults/never-noticed.toml")
    let (code, log) = try interrupted(
      [
        "gauntlet", "--filter", "fault/\(item.fault)", "--filter", "mutation/9.2", "--jobs", "1", "--faults",
        scratch.path + "/faults", "--json", scratch.path + "/g.json",
      ], by: item.signal, after: item.line, in: scratch, isForAll: true)
    #expect(code == item.code, "\(log)")
    let json = try JSONSerialization.jsonObject(
      with: try #require(FileManager.default.contents(atPath: scratch.path + "/g.json"), "\(log)"))
    #expect((json as? [String: Any])?["interrupted"] as? Bool == true)
    #expect(((json as? [String: Any])?["cases"] as? [Any])?.count ?? 0 > 1)
  }
}
