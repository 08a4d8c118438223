import Foundation
import TestSupport
import Testing

/// Where results go is looked at before the work: each of these would run for minutes otherwise.
@Suite(.timeLimit(.minutes(5))) struct OutputTests {
  @Test(arguments: [
    ("gauntlet --json FOLDER/none/g.json", "--json: there is no directory 'FOLDER/none'"),
    ("gauntlet --junit FOLDER", "--junit: 'FOLDER' is a directory"),
    ("gauntlet --markdown=", "--markdown: an empty name is not a file; name one, as in report.md"),
    ("gauntlet --json /dev/null", "--json: '/dev/null' is not a regular file"),
    ("gauntlet --json FOLDER/pipe", "--json: 'FOLDER/pipe' is not a regular file"),
    ("gauntlet --out=", "--out: an empty name is not a directory"),
    ("gauntlet --out FOLDER/file", "--out: 'FOLDER/file' is not a directory"),
    ("run --bug 9.1 --junit FOLDER/none/a/x.xml", "--junit: there is no directory 'FOLDER/none/a'"),
    ("run --bug 9.1 --out FOLDER/file/below", "--out: 'FOLDER/file' is not a directory"),
    ("run --bug 9.1 --out=", "--out: an empty name is not a directory"),
    ("paper --duration 86400 --out=", "--out: an empty name is not a directory"),
    ("paper --duration 86400 --out /proc/none", "--out: '/proc' takes no new directory"),
    ("paper --duration 86400 --live --out FOLDER/pipe", "--out: 'FOLDER/pipe' is not a directory"),
    ("shrink FOLDER --out=", "--out: an empty name is not a directory"),
    ("merge FOLDER/file --markdown FOLDER/none/x.md", "--markdown: there is no directory 'FOLDER/none'"),
  ])
  func `What cannot be written is refused at once`(_ item: (words: String, says: String)) throws {
    let scratch = Scratch()
    scratch.write("x", to: "file")
    mkfifo(scratch.path + "/pipe", 0o644)
    func filled(_ text: String) -> String { text.replacingOccurrences(of: "FOLDER", with: scratch.path) }
    let words =
      ["20", try #require(Tool.folder) + "/chaos"] + filled(item.words).split(separator: " ").map(String.init)
    let result = try Tool.run("/usr/bin/timeout", words, in: scratch.path)
    #expect(result.code == 2, "\(result.out.prefix(500))\(result.error)")
    #expect(result.error.contains(filled(item.says)), "\(result.error)")
    #expect(Folder.names(scratch.path) == ["file", "pipe"], "nothing is left behind")
  }

  @Test func `A report replaces the old one whole and leaves nothing beside`() throws {
    let scratch = Scratch()
    scratch.write(String(repeating: "old", count: 100_000), to: "g.xml")
    let result = try Tool.chaos([
      "run", "--bug", "9.1", "--schedules", "1", "--campaigns", "1", "--junit", scratch.path + "/g.xml", "--out",
      scratch.path + "/runs",
    ])
    #expect([0, 1, 3].contains(result.code))
    let text = try String(contentsOfFile: scratch.path + "/g.xml", encoding: .utf8)
    #expect(text.hasPrefix("<?xml") && !text.contains("oldold"))
    #expect(Folder.names(scratch.path) == ["g.xml", "runs"])
  }

  @Test func `An output that is full is no success`() throws {
    let program = try #require(Tool.folder) + "/chaos"
    let result = try Tool.run("/bin/sh", ["-c", "\(program) list >/dev/full"])
    #expect(result.code == 70)
    #expect(result.error.contains("chaos: stdout could not be written: No space left on device"))
    let early = try Tool.run("/bin/sh", ["-c", "{ \(program) list; echo $? >&2; } | true"])
    #expect(early.error.hasSuffix("0\n"), "a reader that leaves early is no failure: \(early.error)")
  }
}
