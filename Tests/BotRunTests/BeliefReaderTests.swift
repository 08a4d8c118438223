import Basics
import ChaosRuntime
import ExchangeServer
import Glibc
import HTTP
import TestSupport
import Testing
import Trading

@testable import BotRun

/// Asking a bot what it has: by URL, file and command, in words when nothing can be read.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(1))) struct BeliefReaderTests {
  private let runtime = Runtime(
    live: Instant(nanoseconds: 1_767_225_600_000_000_000), disk: MemoryDisk(), choices: Choices(.seeded(1)))

  /// Looks until something is known; `turn` is what the asker does meanwhile.
  private func ask(
    _ source: String, notBefore: Int64 = 0, limit: Duration = .seconds(20), turn: () -> Void = { usleep(1000) }
  ) throws -> BeliefReader.Result {
    let reader = BeliefReader(
      try BeliefSource(source), environment: ["PATH=/usr/bin:/bin"], notBefore: notBefore, at: runtime.now, limit: limit
    )
    while true {
      if let result = reader.look(at: runtime.now) { return result }
      turn()
    }
  }

  private func says(_ result: BeliefReader.Result, _ text: String) -> Bool {
    if case .trouble(let words) = result { return words.contains(text) }
    return false
  }

  @Test func `A text names a URL, a file or a command`() throws {
    #expect(try BeliefSource("http://127.0.0.1:8000/a?b=c") == .url(host: "127.0.0.1", port: 8000, path: "/a?b=c"))
    #expect(try BeliefSource("http://localhost") == .url(host: "localhost", port: 80, path: "/"))
    #expect(try BeliefSource("state/belief.json") == .file("state/belief.json"))
    #expect(try BeliefSource("cat belief.json") == .command("cat belief.json"))
    for wrong in ["", "https://localhost/", "http://", "http://a:b/", "http://:1/", "http://a/ b"] {
      #expect(throws: BeliefSource.Problem.self, "\(wrong)") { try BeliefSource(wrong) }
    }
  }

  @Test func `A command answers, fails, says too much or says nothing`() throws {
    #expect(try ask("echo '{}'") == .answer(Array("{}\n".utf8)))
    #expect(says(try ask("exit 7"), "code 7"))
    #expect(says(try ask("kill -9 $$"), "signal 9"))
    #expect(says(try ask("head -c 2000000 /dev/zero"), "more than 1 MiB"))
    #expect(says(try ask("sleep 60", limit: .milliseconds(50)), "nothing came within"))
  }

  @Test func `A file is read when it is whole and of this run`() throws {
    let scratch = Scratch()
    scratch.write("{}", to: "belief.json")
    let path = scratch.path + "/belief.json"
    #expect(try ask(path) == .answer(Array("{}".utf8)))
    #expect(says(try ask(path, notBefore: .max, limit: .zero), "of another run"))
    scratch.write("{\"positions\":\n{", to: "belief.json")
    #expect(says(try ask(path, limit: .zero), "is no JSON (line 2, column 2"))
    var isWhole = false
    let result = try ask(path) {
      if !isWhole { scratch.write("{}", to: "belief.json") }
      isWhole = true
    }
    #expect(result == .answer(Array("{}".utf8)), "it was being written")
    #expect(says(try ask(scratch.path + "/none.json", limit: .zero), "no such file"))
    _ = FileDisk.makeDirectory(scratch.path + "/folder.json")
    #expect(says(try ask(scratch.path + "/folder.json"), "no plain file"))
  }

  @Test func `A URL answers with its status, and its absence has words`() throws {
    let settings = ServerSettings(
      address: EndpointAddress(host: "127.0.0.1", port: 0),
      accounts: [WireAccount(name: "bot", key: "k", secret: "s", balances: [])],
      symbols: ServerSettings.standardSymbols,
      seed: 1)
    let server = try ExchangeServer(settings, runtime, logs: nil)
    let turn = { server.turn(waitMax: .milliseconds(1)) }
    let url = "http://127.0.0.1:\(server.port)"
    #expect(try ask("\(url)/api/v3/ping", turn: turn) == .answer(Array("{}".utf8)))
    #expect(says(try ask("\(url)/nowhere", turn: turn), "status 404"))
    #expect(says(try ask(url + "/", limit: .zero), "nothing came within"))
    let gone = try Listener(at: EndpointAddress(host: "127.0.0.1", port: 0), kind: "test").port
    #expect(says(try ask("http://127.0.0.1:\(gone)/"), "refused"))
  }
}
