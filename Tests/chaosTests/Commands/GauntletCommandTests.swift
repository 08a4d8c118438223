import Foundation
import TestSupport
import Testing

/// `chaos gauntlet` as a CI starts it; forking happens in its process, never in a test's.
@Suite struct GauntletCommandTests {
  /// Of the cases that pass the two that cost least: a thread ends early in them, and little is simulated after it.
  static let cheap = ["pair/some-orders-refused+thread-dies", "pair/lagging-balances+thread-dies"]

  @Test func `A trap and an endless loop each cost one case and are named`() throws {
    let scratch = Scratch()
    let result = try Tool.chaos([
      "gauntlet", "--drill", "trap", "--drill", "loop", "--filter", "drill/", "--filter", Self.cheap[0], "--guard",
      "5", "--jobs", "2", "--json", scratch.path + "/g.json", "--junit", scratch.path + "/g.xml",
      "--markdown", scratch.path + "/g.md",
    ])
    #expect(result.code == 70)
    #expect(result.out.contains("✗ drill/trap"))
    #expect(result.out.contains("scenario seed "))
    #expect(result.out.contains("the worker trapped (signal "))
    #expect(result.out.contains("was ended by its guard: one schedule took more than 5 s"))
    #expect(result.out.contains("chaos gauntlet --drill loop --filter drill/loop"))
    #expect(result.out.contains("✓ \(Self.cheap[0])"), "what the worker ran before is kept, and another took its place")
    #expect(result.out.contains("\nRED  "))
    let json = try JSONSerialization.jsonObject(
      with: try #require(FileManager.default.contents(atPath: scratch.path + "/g.json")))
    #expect((json as? [String: Any])?["exit_code"] as? Int == 70)
    for name in ["g.xml", "g.md"] { #expect(FileManager.default.fileExists(atPath: scratch.path + "/" + name)) }
  }

  @Test func `Every drill bites`() throws {
    let kinds = ["trap", "loop", "hang", "leave", "fail", "silent"]
    let result = try Tool.chaos(
      ["gauntlet", "--filter", "drill/", "--guard", "3", "--jobs", "2"] + kinds.flatMap { ["--drill", $0] })
    #expect(result.code == 70)
    for kind in kinds { #expect(!result.out.contains("✓ drill/\(kind)")) }
    #expect(result.out.contains("0 of 6 cases passed"))
    #expect(result.out.contains("the worker ended with code 0 in a drill"))
    #expect(result.out.contains("? drill/silent"))
    let unknown = try Tool.chaos(["gauntlet", "--drill", "lop"])
    #expect(unknown.code == 2 && unknown.error.contains("did you mean 'loop'?"))
  }

  @Test(arguments: [("trap", "trapped"), ("loop", "ended by its guard"), ("hang", "ended by its guard")])
  func `Without workers the process itself says where it was`(kind: String, how: String) throws {
    let result = try Tool.chaos(["gauntlet", "--drill", kind, "--filter", "drill/", "--guard", "2", "--jobs", "0"])
    #expect(result.code == 70)
    #expect(result.error.contains("chaos: \(how)"))
    #expect(
      result.error.contains(
        "in drill/\(kind), a drill, schedule 0, scenario seed 3071894128, schedule seed 195206313176461\n"))
    #expect(result.error.contains("Replay  chaos gauntlet --drill \(kind) --filter drill/\(kind)\n"))
  }

  @Test func `Shards have every case once and nothing selected is five`() throws {
    let all = try Self.names([])
    let shards = try (1...3).map { try Self.names(["--shard", "\($0)/3"]) }
    #expect(all.count > 20)
    #expect(shards.flatMap { $0 }.sorted() == all.sorted())
    #expect(Set(all).count == all.count)
    let none = try Tool.chaos(["gauntlet", "--filter", "no-such-case"])
    #expect(none.code == 5)
    #expect(none.error.contains("no case has been selected"))
    #expect(try Tool.chaos(["gauntlet", "--shard", "4/3"]).code == 2)
    #expect(try Tool.chaos(["gauntlet", "--fliter", "x"]).error.contains("did you mean --filter?"))
  }

  @Test func `A case gives the same in a worker and without one`() throws {
    let words = ["gauntlet"] + Self.cheap.flatMap { ["--filter", $0] }
    let forked = try Tool.chaos(words + ["--jobs", "2"])
    let here = try Tool.chaos(words + ["--jobs", "0"])
    #expect(forked.code == 0)
    #expect(here.code == 0)
    #expect(Self.cases(forked.out) == Self.cases(here.out))
  }

  @Test func `The run that made a case red is kept and fails again`() throws {
    let scratch = Scratch()
    let result = try Tool.chaos([
      "gauntlet", "--filter", "fault/never-noticed", "--faults", try NeverNoticed.folder(in: scratch), "--jobs", "1",
      "--out",
      scratch.path + "/kept", "--json", scratch.path + "/g.json",
    ])
    #expect(result.code == 1)
    #expect(result.out.contains("detected-in-time"))
    let json = try JSONSerialization.jsonObject(
      with: try #require(FileManager.default.contents(atPath: scratch.path + "/g.json")))
    let cases = try #require((json as? [String: Any])?["cases"] as? [[String: Any]])
    let directory = try #require(cases.first?["directory"] as? String)
    #expect(result.out.contains("chaos replay \(directory)"))
    let replay = try Tool.chaos(["replay", directory])
    #expect(replay.code == 1)
    #expect(replay.out.contains("detected-in-time"))
  }

  private static func names(_ words: [String]) throws -> [String] {
    let result = try Tool.chaos(["gauntlet", "--list"] + words)
    #expect(result.code == 0)
    return result.out.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
  }

  /// Case and schedules of each line, in the order of the names.
  private static func cases(_ out: String) -> [String] {
    out.split(separator: "\n").filter { $0.hasPrefix("✓") || $0.hasPrefix("✗") || $0.hasPrefix("?") }.map { line in
      line.split(separator: " ").prefix(3).joined(separator: " ")
    }.sorted()
  }
}
