import Foundation
import TestSupport
import Testing

/// What is served and who trades on it, through the built program.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct WireTests {
  private static let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
  private static let hasPytest = (try? Tool.run("/usr/bin/env", ["python3", "-c", "import pytest"]))?.code == 0

  /// The code of the page's section, between its fences.
  private func fixture() throws -> String {
    let page = Machine.text(Folder.root + "/Sources/chaos/Documentation.docc/TestYourBot.md")
    let section = try #require(page.components(separatedBy: "## In pytest\n").last)
    let code = try #require(section.components(separatedBy: "```python\n").dropFirst().first)
    return try #require(code.components(separatedBy: "\n```").first) + "\n"
  }

  @Test(.enabled(if: hasPytest, "python3 with pytest runs the fixture of the documentation"))
  func `The pytest fixture of the documentation works as it stands there`() throws {
    let scratch = Scratch()
    scratch.write(try fixture(), to: "test_exchange.py")
    let result = try Tool.run(
      "/usr/bin/env", ["python3", "-m", "pytest", "-q", "-p", "no:cacheprovider"], in: scratch.path,
      environment: ["CHAOS": try #require(Tool.folder) + "/chaos", "PATH": Self.path])
    #expect(result.code == 0 && result.out.contains("1 passed"), "\(result.out)\(result.error)")
  }

  @Test(
    .enabled(if: Machine.has("bash", "python3"), "bash and python3 compare the sessions"))
  func `Our engine fails and passes the same check in memory and over the wire`() throws {
    let scratch = Scratch()
    let result = try Tool.run(
      "/usr/bin/env", ["bash", Folder.root + "/scripts/wire-parity.sh", "--seconds", "12", "INT-2"], in: scratch.path,
      environment: ["CHAOS": try #require(Tool.folder) + "/chaos", "PATH": Self.path])
    #expect(result.code == 0, "\(result.out)\(result.error)")
  }

  @Test func `An exchange that is none is told from one, and words that do not fit are refused`() throws {
    for (words, says) in [
      (["paper", "--exchange", "http://127.0.0.1:1"], "requires --live"),
      (["paper", "--live", "--exchange", "ftp://a"], "needs the key"),
      (["paper", "--live", "--exchange", "http://127.0.0.1:1", "--market", "x"], "leave --market or --exchange out"),
      (["paper", "--key-file", "x"], "is for --exchange"),
    ] {
      let result = try Tool.run(try Tool.path, words, in: Folder.root, environment: ["PATH": Self.path])
      #expect(result.code == 2 && result.error.contains(says), "\(result.error)")
    }
    let scratch = Scratch()
    scratch.write("key\nsecret\n", to: "keys")
    let nobody = ["paper", "--live", "--exchange", "http://127.0.0.1:1", "--key-file", scratch.path + "/keys"]
    let result = try Tool.chaos(nobody)
    #expect(result.code == 2 && result.error.contains("does not answer"), "\(result.error)")
  }
}
