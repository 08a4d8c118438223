import TestSupport
import Testing

/// `chaos reconcile` as a user starts it.
@Suite struct ReconcileCommandTests {
  @Test func `A killed session's files are enough, and every output is written`() throws {
    let scratch = Scratch()
    #expect(try Tool.chaos(["paper", "--duration", "60", "--out", scratch.path]).code != 2)
    let session = scratch.path + "/latest/"
    let found = try Tool.chaos([
      "reconcile", session, "--svg", scratch.path + "/t.svg", "--csv", scratch.path + "/d.csv",
    ])
    #expect(found.code == 0, "\(found.out)\(found.error)")
    #expect(found.out.hasSuffix("\nAGREE  the log and the venue tell the same\n"))
    #expect(scratch.exists("t.svg") && scratch.exists("d.csv"))
    #expect(try Tool.run("/usr/bin/env", ["rm", session + "run.json", session + "config.json"]).code == 0)
    let json = try Tool.chaos(["reconcile", session, "--json"])
    #expect(json.code == 0 && json.out.contains("\"verdict\": \"AGREE"))
  }

  @Test func `What cannot be read is a usage error that says what to do`() throws {
    let scratch = Scratch()
    scratch.write("{\"a\":1}\n", to: "x.jsonl")
    for (words, said) in [
      ([], "one directory is needed"), (["/nonexistent"], "is not a directory"),
      ([scratch.path], "no file here is known; write a map"),
      (["--truth", scratch.path + "/x.jsonl"], "nothing says what this file's fields mean"),
      ([scratch.path, "--zone", "Berlin"], "--zone expects UTC or an offset such as +08:00"),
      ([scratch.path, "--map", scratch.path + "/x.jsonl"], "--map: "),
      ([scratch.path, "--broken-max", "x"], "--broken-max expects a number"),
      ([scratch.path, "--log", scratch.path + "/x.jsonl"], "not both"),
    ] {
      let result = try Tool.chaos(["reconcile"] + words)
      #expect(result.code == 2 && result.error.contains(said), "\(words): \(result.error)")
    }
  }
}
