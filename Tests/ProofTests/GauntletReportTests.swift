import Basics
import Foundation
import Proof
import TestSupport
import Testing

@Suite struct GauntletReportTests {
  /// A report with one case of every kind, and texts that would break careless formats.
  static func report(extra: Int = 0) -> GauntletReport {
    let clock = Clock()
    let nasty = "a < b & \"c\" | `d` *e*\u{1}\u{1B}[31m\u{7F} ]]> \u{FFFE} é漢🙂\nsecond line"
    var cases = [
      gauntletCase("proof/9.1/x", clock: clock, seconds: 2), gauntletCase("proof/9.2/x", .failed, text: nasty),
      gauntletCase("fault/a", .inconclusive, text: "the fault stayed away"),
      gauntletCase("pair/a+b", .crashed, text: "the worker trapped (signal 5), scenario seed 7"),
    ]
    cases.append(
      GauntletCase(id: "mutation/9.1/router", title: "a part put back", replay: "again", weight: 1) { _ in
        var result = CaseResult(
          id: "mutation/9.1/router", arms: [.init("a red proof", .passed, "")],
          figures: [("mean", 1.26), ("no fault", nil)], schedules: 3)
        result.note = "9.1 (errors-observable)"
        result.cuts.recordings = 5
        return result
      })
    for index in 0..<extra {
      cases.append(gauntletCase("pair/\(index)", .failed, text: String(repeating: "long ", count: 100)))
    }
    let result = Gauntlet(cases, options: clock.options()).run()
    return GauntletReport(
      cases: cases, result: result, seed: 1, jobs: 2, budgetSeconds: 600, command: "chaos gauntlet")
  }

  @Test func `The screen says what is not green in 80 columns`() {
    let text = GauntletScreen.summary(Self.report())
    #expect(text.contains("  proof        1 of 2 passed"))
    #expect(
      text.contains("  crashed  pair/a+b\n      the worker trapped (signal 5), scenario seed 7\n      again pair/a+b\n")
    )
    #expect(text.contains("  9.1/router                -> 9.1 (errors-observable)\n"))
    #expect(text.contains("\n\n  cut  5 recordings above 2000 lines not varied\n\nRED"))
    #expect(text.contains("\nRED  2 of 5 cases passed, seed 1, 2 s"))
    for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    for result in Self.report().result.results {
      for line in GauntletScreen.line(result).split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }
  }

  @Test func `The JSON has every case`() throws {
    let report = Self.report()
    let json = try JSON.parse(Array(report.json.pretty().utf8))
    #expect(json["format"]?.int == 1)
    #expect(json["statement"]?.string == "RED")
    #expect(json["exit_code"]?.int == 70)
    #expect(json["counts"]?["passed"]?.int == 2)
    #expect(json["cuts"]?.array?.compactMap(\.string) == ["5 recordings above 2000 lines not varied"])
    let cases = try #require(json["cases"]?.array)
    #expect(cases.compactMap { $0["id"]?.string } == report.cases.map(\.id))
    #expect(cases[1]["replay"]?.string == "again proof/9.2/x")
    #expect(cases[4]["figures"]?["mean"]?.double == 1.26)
    #expect(cases.compactMap { CaseResult(json: $0) } == report.result.results)
  }

  @Test func `A step summary stays below its limit`() {
    let whole = GauntletMarkdown.text(Self.report())
    #expect(whole.hasPrefix("# chaos gauntlet: RED\n"))
    #expect(whole.contains("| mutation/9.1/router | 1.3 | - | 9.1 (errors-observable) |\n"))
    #expect(!whole.contains("Cut here"))
    #expect(!whole.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    let limit = 50_000
    let cut = GauntletMarkdown.text(Self.report(extra: 150), limit: limit)
    #expect(cut.utf8.count < limit)
    #expect(cut.utf8.count > limit / 2)
    #expect(cut.hasSuffix(" more blocks in the JSON report.\n"))
    #expect(GauntletMarkdown.text(Self.report(extra: 30), limit: 4000).utf8.count <= 4000)
  }

  @Test func `J unit counts inconclusive as error and is XML`() throws {
    let text = JUnit.text(Self.report())
    #expect(!text.contains("skipped"))
    #expect(text.contains("<testsuite name=\"chaos gauntlet fault\" tests=\"1\" failures=\"0\" errors=\"1\">"))
    #expect(text.contains("a &lt; b &amp; &quot;c&quot; | `d` *e*??[31m"))
    #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
  }

  static let hasPython = python("print(1)", "") == "1\n"

  @Test(.enabled(if: hasPython, "no python3 was found"))
  func `Python reads the JUnit file back`() throws {
    let answer = try #require(Self.python(Self.reader, JUnit.text(Self.report(extra: 5))))
    let lines = answer.split(separator: "\n").map(String.init)
    #expect(lines.count == 10)
    #expect(lines[0] == "proof/9.1/x|case|passed|")
    #expect(lines[1].hasPrefix("proof/9.2/x|case|failure|a < b & \"c\""))
    #expect(lines[1].contains("é漢🙂 second line"))
    #expect(lines.contains("fault/a|case|error|the fault stayed away"))
    #expect(lines.contains("pair/a+b|case|error|the worker trapped (signal 5), scenario seed 7"))
  }

  /// junitparser where it is installed, otherwise the XML reader that comes with Python.
  private static let reader = """
    import sys
    path = sys.argv[1]
    rows = []
    try:
        from junitparser import JUnitXml, Failure, Error
        for suite in JUnitXml.fromfile(path):
            for case in suite:
                found = case.result[0] if case.result else None
                kind = "passed" if found is None else type(found).__name__.lower()
                rows.append((case.classname, case.name, kind, "" if found is None else found.message))
    except ImportError:
        import xml.etree.ElementTree as tree
        for case in tree.parse(path).getroot().iter("testcase"):
            found = list(case)
            kind = found[0].tag if found else "passed"
            rows.append((case.get("classname"), case.get("name"), kind, found[0].get("message") if found else ""))
    for row in rows: print("|".join(row))
    """

  /// What a script prints of a file; nil: there is no Python, or it failed.
  private static func python(_ script: String, _ text: String) -> String? {
    let scratch = Scratch()
    let (input, output) = (scratch.path + "/in.xml", scratch.path + "/out")
    guard FileManager.default.createFile(atPath: input, contents: Data(text.utf8)),
      FileManager.default.createFile(atPath: output, contents: nil), let handle = FileHandle(forWritingAtPath: output)
    else { return nil }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-X", "utf8", "-c", script, input]
    process.standardOutput = handle
    do { try process.run() } catch { return nil }
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return FileManager.default.contents(atPath: output).map { String(decoding: $0, as: UTF8.self) }
  }
}
