import TestSupport
import Testing

/// `chaos reproduce` as a user starts it.
@Suite struct ReproduceCommandTests {
  @Test func `A session of an original goes in, and a folder with a case comes out`() throws {
    let scratch = Scratch()
    let paper = try Tool.chaos([
      "paper", "--scenario", "FILL-3", "--revision", "FILL-3=original", "--out", scratch.path + "/sessions",
    ])
    #expect(paper.code == 1)
    let out = scratch.path + "/repro"
    let result = try Tool.chaos(["reproduce", scratch.path + "/sessions/latest", "--schedules", "2", "--out", out])
    #expect(result.out.contains("\nREPRODUCED ") && result.out.contains("\nSURVIVES "), "\(result.out)\(result.error)")
    #expect(result.code == 0 && scratch.exists("repro/README.md") && scratch.exists("repro/original/recording.txt"))
    let listed = try Tool.chaos(["gauntlet", "--cases", out, "--list"])
    #expect(listed.code == 0 && listed.out.hasPrefix("case/repro "))
    #expect(try Tool.chaos(["replay", out + "/original", "--no-search"]).code == 1)
  }

  @Test func `A session without a named bug has nothing to reproduce, and one that is unknown is a usage error`() throws
  {
    let scratch = Scratch()
    #expect(try Tool.chaos(["paper", "--duration", "30", "--out", scratch.path]).code != 2)
    let none = try Tool.chaos(["reproduce", scratch.path + "/latest", "--out", scratch.path + "/r"])
    #expect(none.code == 3 && none.error.contains("no bug of the catalogue is named"))
    #expect(!scratch.exists("r"))
    let unknown = try Tool.chaos(["reproduce", scratch.path + "/latest", "--bug", "FILL-33"])
    #expect(unknown.code == 2 && unknown.error.contains("did you mean 'FILL-3'?"))
    #expect(try Tool.chaos(["gauntlet", "--cases", scratch.path]).code == 2)
  }
}
