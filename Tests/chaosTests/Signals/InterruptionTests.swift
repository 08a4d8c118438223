import Foundation
import TestSupport
import Testing

/// Ctrl-C and SIGTERM: a red verdict that was established decides the exit code, else 130 or 143.
@Suite(.tags(.live), .realClock, .timeLimit(.minutes(5))) struct InterruptionTests {
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
    let running = try Companion(try Tool.path, words, in: scratch.path, log: log)
    let isReady = Machine.eventually(seconds: 60) { Machine.text(log).contains(text) || !running.isRunning }
    #expect(isReady && running.isRunning, "\(Machine.text(log))")
    for child in isForAll ? Self.children(of: running.id) : [] { kill(child, number) }
    running.send(number)
    let code = running.wait(seconds: 60)
    if code == nil { running.kill() }
    return (try #require(code, "it went on for a minute"), Machine.text(log))
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func `A run that found nothing says how far it came`(_ item: (signal: Int32, code: Int32)) throws {
    let scratch = Scratch()
    let words = ["run", "--bug", "9.1", "--revision", "fixed", "--schedules", "1000000", "--out", scratch.path + "/o"]
    let (code, log) = try interrupted(words, by: item.signal, after: "Seed", in: scratch)
    #expect(code == item.code, "\(log)")
    #expect(log.contains("INCONCLUSIVE  ") && log.contains(" of 1000000 schedules counted: cut short after "), "\(log)")
  }

  /// The reader of the first words may answer them with a signal before anything else is done: whoever prints does not come
  /// further than they do, since nobody reads, and the signal finds the program there.
  @Test(
    arguments: [
      (
        ["run", "--bug", "9.1", "--revision", "fixed", "--schedules", "1000000"], 130,
        "0 of 1000000 schedules counted: cut short after 0"
      ),
      (["gauntlet", "--filter", "drill/", "--drill", "hang"], 130, "interrupted before it ended"),
      (["serve", "--listen", "127.0.0.1:0"], 0, "Session "),
      (["bench", "readers", "--documents", "1000000"], 130, "readers: 0 of 1000000 documents read"),
    ] as [([String], Int32, String)])
  func `A signal that meets the first word is answered by the work`(
    _ item: (words: [String], code: Int32, said: String)
  ) throws {
    let scratch = Scratch()
    let pipe = FullPipe()
    let running = try Companion(try Tool.path, item.words, in: scratch.path, output: pipe.input)
    #expect(Machine.eventually(seconds: 60) { FullPipe.holds(running.id) }, "it never printed anything")
    running.send(SIGINT)
    let log = try pipe.drained()
    #expect(running.wait(seconds: 60) == item.code, "\(log)")
    #expect(log.contains(item.said), "\(log)")
  }

  /// The case that is done decides; the ones that were cut off are in the report all the same.
  ///
  /// A terminal, or whoever ends a service, signals the workers too: they leave it to their parent.
  @Test(
    arguments: [
      ("fail", "✗ drill/fail", SIGINT, 1), ("silent", "? drill/silent", SIGINT, 130),
      ("silent", "? drill/silent", SIGTERM, 143),
    ] as [(String, String, Int32, Int32)])
  func `A gauntlet writes what it has`(_ item: (drill: String, line: String, signal: Int32, code: Int32)) throws {
    let scratch = Scratch()
    let (code, log) = try interrupted(
      [
        "gauntlet", "--filter", "drill/", "--drill", item.drill, "--drill", "hang", "--jobs", "1", "--json",
        scratch.path + "/g.json",
      ], by: item.signal, after: item.line, in: scratch, isForAll: true)
    #expect(code == item.code, "\(log)")
    let json = try JSONSerialization.jsonObject(
      with: try #require(FileManager.default.contents(atPath: scratch.path + "/g.json"), "\(log)"))
    #expect((json as? [String: Any])?["interrupted"] as? Bool == true)
    #expect(((json as? [String: Any])?["cases"] as? [Any])?.count ?? 0 > 1)
  }

  /// Where the report goes to hangs, as a disk over a network may.
  @Test func `A second signal ends a write that hangs`() throws {
    let scratch = Scratch()
    let (json, log) = (scratch.path + "/g.json", scratch.path + "/log")
    let running = try Companion(
      try Tool.path, ["gauntlet", "--filter", "drill/", "--drill", "silent", "--jobs", "1", "--json", json],
      in: scratch.path, log: log)
    // What it writes first, before it gets its name: nobody reads from it.
    #expect(mkfifo("\(json).partial-\(running.id)", 0o600) == 0)
    try #require(
      Machine.eventually(seconds: 60) { Machine.text(log).contains("\nINCONCLUSIVE ") }, "\(Machine.text(log))")
    running.send(SIGTERM)
    #expect(running.wait(seconds: 0.5) == nil, "a write that the first signal comes upon is finished")
    running.send(SIGTERM)
    #expect(running.wait(seconds: 5) == 143)
    running.kill()
  }
}
