import Basics
import Checks
import Foundation
import HistoricalBugs
import TestSupport
import Testing
import Trading
import TradingEngine

@testable import chaos

/// README and the articles against the program: every command parses, every table is complete, every sample is current.
@Suite struct DocumentationTests {
  private typealias Page = DocumentationText

  @Test func `Every command in the documentation parses`() {
    var count = 0
    for page in Page.pages {
      for command in Page.commands(Page.text(page)) {
        count += 1
        if let wrong = Page.wrong(command) { Issue.record("\(page): \(command): \(wrong)") }
      }
    }
    #expect(count > 80)
  }

  @Test func `A command that the program would refuse is found`() {
    #expect(Page.commands("a `chaos run --fault x` b\n```bash\nchaos list  # all\n```\n`chaosx`").count == 2)
    #expect(Page.wrong("chaos run --fualt deadlock") == "run: no option is called --fualt; did you mean --fault?")
    #expect(Page.wrong("chaos rum") == "no verb is called 'rum'")
    #expect(Page.wrong("chaos run --fault deadlok")?.contains("deadlock") == true)
    #expect(Page.wrong("chaos run --bug 99.9") == "no bug is called '99.9'")
    #expect(Page.wrong("chaos paper --set TP=banana") != nil)
    #expect(Page.words("chaos run --fault 'a[b=c d]=x' # why") == ["chaos", "run", "--fault", "a[b=c d]=x"])
  }

  @Test func `Every example in the help parses`() {
    for verb in Verbs.all {
      for example in verb.examples { #expect(Page.wrong(example) == nil, "\(example)") }
    }
  }

  @Test func `No line of the help is wider than a terminal of 80 columns`() {
    for text in [Verbs.overview] + Verbs.all.map(Verbs.help) {
      for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }
  }

  @Test func `Every link between the pages leads somewhere`() {
    for page in Page.pages {
      let base = URL(fileURLWithPath: page).deletingLastPathComponent().path
      for part in Page.text(page).components(separatedBy: "](").dropFirst() {
        let target = String(part.prefix { $0 != ")" })
        guard !target.hasPrefix("http"), !target.hasPrefix("#") else { continue }
        #expect(FileManager.default.fileExists(atPath: "\(base)/\(target)"), "\(page): \(target)")
      }
    }
  }

  @Test func `Every Swift file that a page names is there`() {
    let names = Set(
      [Folder.root + "/Sources", Folder.root + "/Tests"].flatMap { folder in
        (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? [])
          .map { String($0.split(separator: "/").last ?? "") }
      })
    for page in Page.pages {
      for line in Page.text(page).split(separator: "\n") {
        for span in Page.spans(line) where span.hasSuffix(".swift") && !span.contains("<") {
          #expect(names.contains(String(span.split(separator: "/").last ?? "")), "\(page): \(span)")
        }
      }
    }
  }

  @Test func `Every setting has a row with its default, unit and range`() {
    let rows = Page.rows(Page.text(Page.folder + "/Settings.md"))
    for setting in EngineSettings.definitions {
      let row = rows[setting.name] ?? []
      #expect(row.dropFirst().prefix(3) == [setting.defaultText, setting.unit, setting.range], "\(setting.name)")
    }
  }

  @Test func `Every bug has a row with its signature`() {
    let lines = Page.text(Page.folder + "/Proofs.md").split(separator: "\n")
    for bug in AllBugs.all {
      let row = lines.first { $0.hasPrefix("| \(bug.id) ") }
      #expect(row?.hasSuffix("| `\(bug.signature)` |") == true, "\(bug.id)")
    }
  }

  @Test func `Every event of a paper session has a row with its fields`() throws {
    let scratch = Scratch()
    let run = try Tool.chaos(["paper", "--out", scratch.path])
    #expect(run.code == 0)
    let rows = Page.rows(Page.text(Page.folder + "/Session/EventLog.md"))
    let logs = scratch.path + "/latest/logs"
    let names = try FileManager.default.contentsOfDirectory(atPath: logs).filter { $0.hasPrefix("events_") }
    let log = try #require(names.first)
    var seen: Set<String> = []
    for line in Page.text("\(logs)/\(log)").split(separator: "\n") {
      let event = try JSON.parse(Array(line.utf8))
      let type = try #require(event["event_type"]?.string)
      guard seen.insert(type).inserted else { continue }
      let row = try #require(rows[type], "\(type)")
      let own = ["timestamp", "level", "event_type", "message", "formatter_timeout"]
      let fields = (event.members ?? []).map(\.key).filter { !own.contains($0) }
      let documented = Page.spans(row[2]).filter { $0.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" } }
      #expect(Array(documented.prefix(fields.count)) == fields, "\(type)")
      #expect(row[1] == event["level"]?.string, "\(type)")
    }
    #expect(seen.count > 20)
  }

  @Test func `Every event of the schema has a row`() {
    let rows = Page.rows(Page.text(Page.folder + "/Session/EventLog.md"))
    for event in EventName.allCases { #expect(rows[event.rawValue] != nil, "\(event)") }
    for event in rows.keys { #expect(EventName(rawValue: event) != nil, "\(event)") }
  }

  @Test func `Every field of run.json that a paper session has is documented`() throws {
    let scratch = Scratch()
    _ = try Tool.chaos(["paper", "--duration", "5", "--revision", "9.1=original", "--out", scratch.path])
    let rows = Page.text(Page.folder + "/Session/RunFile.md")
    let run = try JSON.parse(Array(Page.text(scratch.path + "/latest/run.json").utf8))
    for (key, _) in run.members ?? [] { #expect(rows.contains("`\(key)`"), "\(key)") }
    #expect((run.members ?? []).count > 20)
  }

  @Test func `Every file of a session has a page`() {
    let overview = Page.text(Page.folder + "/SessionDirectory.md")
    for page in Folder.names(Page.folder + "/Session") {
      #expect(overview.contains("(Session/\(page))"), "\(page)")
    }
  }

  @Test func `Quick samples of output are what the program prints`() throws {
    let script = Folder.root + "/scripts/documentation.sh"
    var environment = ProcessInfo.processInfo.environment
    environment["CHAOS"] = try Tool.path
    let run = try Tool.run("/usr/bin/env", ["bash", script, "--check", "--quick"], environment: environment)
    #expect(run.code == 0, "\(run.out)\(run.error)")
  }

  @Test func `README is short enough to be read`() {
    let lines = Page.text(Page.readme).split(separator: "\n", omittingEmptySubsequences: false).count - 1
    #expect((120...165).contains(lines))
  }
}
