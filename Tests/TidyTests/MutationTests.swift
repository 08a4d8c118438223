import Foundation
import TestSupport
import Testing

private let hasPython = (try? Tool.run("/usr/bin/env", ["python3", "-c", "import tomllib"]))?.code == 0

private let hasCompiler = (try? Tool.run("/usr/bin/env", ["swiftc", "--version"]))?.code == 0

/// The mistakes of `scripts/mutation` and the program that puts them in.
@Suite(.enabled(if: hasPython, "no python3 with tomllib (3.11 or later) was found"))
struct MutationTests {
  @Test func `Every mistake applies to the sources exactly once`() throws {
    let result = try Self.mutation(["--check"])
    #expect(result.code == 0, "\(result.error)")
    let count = try #require(result.out.split(separator: " ").first.flatMap { Int($0) })
    #expect(count >= 80)
  }

  @Test func `A mistake is found by its declaration and text, wherever they stand`() throws {
    #expect(try Self.check(text: "free += amount") == "")
    #expect(try Self.check(text: "free\n  +=\n  amount", at: "Deep/Folder/Money.swift") == "")
    #expect(try Self.check(text: "reserved -= amount free += amount") == "")
    #expect(try Self.check(text: "reserved -= amount", declaration: "") == "")
    #expect(try Self.check(text: "return 1", declaration: "func text(_ a") == "")
  }

  @Test(arguments: [
    ("free += cost", "func release(", "Ledger", "no longer has the text: free += cost"),
    ("changes += 1", "func release(", "Ledger", "has the text 2 times: changes += 1"),
    ("free += amount", "func commit(", "Ledger", "type Ledger in Engine has no 'func commit(' any more"),
    ("free += amount", "func release(", "Book", "there is no type Book in Engine any more"),
    ("return 1", "func text(_ b", "Ledger", "no longer has the text: return 1"),
  ])
  func `A mistake that does not apply exactly once is named, with what to do`(
    text: String, declaration: String, type: String, reason: String
  ) throws {
    let said = try Self.check(text: text, declaration: declaration, type: type)
    #expect(said.contains("mutation: some.toml: tried does not apply: "), "\(said)")
    #expect(said.contains(reason), "\(said)")
    #expect(said.contains("write 'type', 'in' and 'text' anew") && said.contains("1 of 1 mistakes do not apply"))
  }

  @Test(arguments: [
    ("becomes = 'free -= amount'", "becomes = ' free  += amount '", "it changes nothing"),
    ("category = 'sign'", "category = 'oversight'", "'oversight' is no category"),
    ("costs = 'money'", "", "'costs' is missing"),
    ("costs = 'money'", "costs = 'money'\ncost = 'more'", "'cost' is no key of a mistake"),
    ("module = 'Engine'", "", "'module' is missing"),
    ("module = 'Engine'", "module = 'Motor'", "there is no module Motor"),
    ("id = 'tried'", "id = 'tried", "some.toml: "),
  ])
  func `A table that says nothing usable is refused`(line: String, other: String, reason: String) throws {
    let said = try Self.check(text: "free += amount", changing: (line, other))
    #expect(said.contains(reason), "\(said)")
  }

  @Test func `A word that selects nothing is a usage error`() throws {
    for (words, code) in [(["--only", "nothing-of-the-kind"], 2), (["--shard", "3/2"], 2), (["--sample", "0"], 2)] {
      #expect(try Self.mutation(words + ["--list"]).code == Int32(code), "\(words)")
    }
    let all = try Self.mutation(["--list"]).out.split(separator: "\n")
    let shards = try (1...3).flatMap { try Self.mutation(["--list", "--shard", "\($0)/3"]).out.split(separator: "\n") }
    #expect(shards.sorted() == all.sorted())
    #expect(try Self.mutation(["--list", "--sample", "20"]).out.split(separator: "\n").count == 20)
  }

  @Test func `A run works in a copy, says what killed, and goes on where it ended`() throws {
    let scratch = Scratch()
    let (words, environment) = try Self.prepare(scratch, Self.programs)
    let link = "\(scratch.path)/tree/Sources/Engine/faults"
    let run = try Self.mutation(words, environment: environment)
    #expect(run.out.contains("one build for 2 of 3 mistakes"), "\(run.out)\(run.error)")
    #expect(run.out.contains("killed       seen"))
    #expect(run.out.contains("budget-balances in fault/some, schedule 3"))
    #expect(run.out.contains("survived     unseen"))
    #expect(run.out.contains("chaos paper --seed 2 writes another logs/some.jsonl"))
    #expect(run.out.contains("build failed broken") && run.out.contains("error: too many of them"))
    #expect(run.out.contains("score            50 %  killed by a check, of 2 that count"))
    #expect(run.code == 2)
    #expect(
      try String(contentsOfFile: "\(scratch.path)/tree/Sources/Engine/Ledger.swift", encoding: .utf8) == Self.source)

    let results = "\(scratch.path)/work/results.jsonl"
    let lines = try String(contentsOfFile: results, encoding: .utf8)
    #expect(lines.split(separator: "\n").count == 4)
    let again = try Self.mutation(words + ["--resume", "--at-least", "60"], environment: environment)
    #expect(try String(contentsOfFile: results, encoding: .utf8) == lines)
    #expect(again.out.contains("score            50 %"))
    let low = try Self.mutation(words + ["--resume", "--at-least", "60", "--only", "seen", "--only", "unseen"])
    #expect(low.code == 1 && low.error.contains("the score is 50 %, below 60 %"), "\(low.error)")

    try FileManager.default.removeItem(atPath: link)
    let cancelled = try Self.mutation(words + ["--only", "seen"], environment: environment)
    #expect(cancelled.code == 3 && cancelled.error.contains("without an error of the sources: cancelled!"))

    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "../../faults")
    scratch.write(
      Self.source.replacingOccurrences(of: "return 2", with: "return 3"), to: "tree/Sources/Engine/Ledger.swift")
    let changed = try Self.mutation(words + ["--resume", "--only", "seen"], environment: environment)
    #expect(changed.out.contains("killed       seen"))
  }

  @Test func `A build of its own says of a mistake what the shared one says`() throws {
    let scratch = Scratch()
    let (words, environment) = try Self.prepare(scratch, Self.programs)
    let run = try Self.mutation(words + ["--single"], environment: environment)
    #expect(!run.out.contains("one build for"))
    #expect(run.out.contains("killed       seen") && run.out.contains("survived     unseen"), "\(run.out)\(run.error)")
    #expect(run.out.contains("build failed broken") && run.out.contains("error: too many of them"))
  }

  @Test(.enabled(if: hasCompiler, "no swiftc was found"))
  func `One build has many mistakes, of which one runs or none`() throws {
    let scratch = Scratch()
    let (words, environment) = try Self.prepare(scratch, ["swift": SharedBuild.swift], SharedBuild.table)
    scratch.write(SharedBuild.source, to: "tree/Sources/Engine/Ledger.swift")
    scratch.write(SharedBuild.main, to: "tree/Sources/Engine/main.swift")
    let chosen = SharedBuild.mistakes.filter { $0.values != nil }
    let run = try Self.mutation(
      words + ["--paper"] + chosen.flatMap { ["--only", $0.id] }, environment: environment)
    let (count, shared) = (SharedBuild.mistakes.count, SharedBuild.mistakes.count - 2)
    #expect(run.out.contains("one build for \(shared) of \(count) mistakes"), "\(run.out)\(run.error)")
    #expect(run.out.contains("survived     (no mistake)"))
    for mistake in chosen {
      let line = "killed       \(mistake.id) .*\n.*exit code 1: \(mistake.values ?? "")\n"
      #expect(run.out.range(of: line, options: .regularExpression) != nil, "\(mistake)\n\(run.out)")
    }
    let alone = try String(contentsOfFile: "\(scratch.path)/work/schema.json", encoding: .utf8)
    #expect(alone.contains("cannot assign") && alone.contains("neither in a body nor in an initial value"), "\(alone)")
  }

  /// `swift`, whose builds fail where a call has too many braces and are cancelled where a link is missing, and the `chaos`
  /// that they make.
  private static let programs = [
    "swift": """
    #!/bin/sh
    file=Sources/Engine/Ledger.swift
    line=4
    if grep -q 'activeMistake == 3 ' $file; then line=30004; fi
    if grep -q 'log((' $file; then echo "$PWD/$file:$line:5: error: too many of them"; exit 1; fi
    mkdir -p .build/release && cp "$(dirname "$0")/chaos" .build/release/chaos
    if [ -L Sources/Engine/faults ]; then echo "Build of product 'chaos' complete!"; else echo 'cancelled!'; fi
    """,
    "chaos": """
    #!/bin/sh
    if [ "$1" = paper ]; then
      mkdir -p "$5/session_20260101_000000/logs"
      echo "$3 times $CHAOS_ACTIVE_MISTAKE" | grep '2 times 2' > "$5/session_20260101_000000/logs/some_20260101_000000.jsonl"
      exit 0
    fi
    if [ "$2" = --list ]; then echo 'fault/some  the engine under some'; exit 0; fi
    while [ $# -gt 0 ]; do if [ "$1" = --json ]; then file=$2; fi; shift; done
    outcome=passed
    if grep -q activeMistake Sources/Engine/Ledger.swift
    then if [ "$CHAOS_ACTIVE_MISTAKE" = 1 ]; then outcome=failed; fi
    elif grep -q 'free -= amount' Sources/Engine/Ledger.swift; then outcome=failed; fi
    echo '{"cases": [{"id": "fault/some", "outcome": "'$outcome'", "schedules": 9, "arms": [{"name": "some",' > "$file"
    echo '"outcome": "'$outcome'", "text": "budget-balances in the default market, schedule 3: off"}]}]}' >> "$file"
    [ $outcome = passed ]
    """,
  ]

  /// A tree, a table of mistakes and those programs in a folder; the words that make the runner use them, and its environment.
  private static func prepare(
    _ scratch: Scratch, _ programs: [String: String], _ table: String? = nil
  ) throws -> (words: [String], environment: [String: String]) {
    try makeTree(in: scratch, file: "Ledger.swift")
    scratch.write(
      "enum CheckName: String { case some = \"budget-balances\" }", to: "tree/Sources/Engine/CheckName.swift")
    scratch.write("", to: "tree/Package.swift")
    try FileManager.default.createSymbolicLink(
      atPath: "\(scratch.path)/tree/Sources/Engine/faults", withDestinationPath: "../../faults")
    let mistakes = [
      ("seen", "free += amount", "free -= amount"), ("unseen", "reserved -= amount", "reserved += amount"),
      ("broken", "log(", "log(("),
    ]
    let tables = mistakes.map { self.table($0.0, text: $0.1, becomes: $0.2) }
    scratch.write("module = 'Engine'\n" + (table ?? tables.joined(separator: "\n")), to: "table/some.toml")
    for (name, text) in programs {
      scratch.write(text, to: name)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(scratch.path)/\(name)")
    }
    let words = [
      "--root", "\(scratch.path)/tree", "--mistakes", "\(scratch.path)/table", "--work", "\(scratch.path)/work",
    ]
    let environment = ProcessInfo.processInfo.environment
    return (words, environment.merging(["PATH": "\(scratch.path):\(environment["PATH"] ?? "")"]) { $1 })
  }

  /// Two declarations of one name, braces in a string and in comments, and one text twice in one function.
  private static let source = #"""
    final class Ledger {
      // func release( { in a comment
      func release(_ amount: Int) {
        log("a brace { and a \(name("func release(")) in a string")
        reserved -= amount
        // A comment between two lines.
        free += amount
        changes += 1
        changes += 1
      }
      func text(_ a: Int) -> Int { return 1 }
      func text(_ b: String) -> Int { return 2 }
    }
    """#

  /// What `--check` says on stderr of one mistake in a tree of one file; it must end with 2 when it says anything.
  private static func check(
    text: String, declaration: String = "func release(", type: String = "Ledger", at file: String = "Ledger.swift",
    changing: (line: String, other: String)? = nil
  ) throws -> String {
    let scratch = Scratch()
    try makeTree(in: scratch, file: file)
    var table = "module = 'Engine'\n" + self.table("tried", type: type, declaration: declaration, text: text)
    if let changing { table = table.replacingOccurrences(of: changing.line, with: changing.other) }
    scratch.write(table, to: "table/some.toml")
    let result = try mutation(
      ["--check", "--root", "\(scratch.path)/tree", "--mistakes", "\(scratch.path)/table"])
    #expect(result.code == (result.error.isEmpty ? 0 : 2))
    return result.error
  }

  private static func table(
    _ id: String, type: String = "Ledger", declaration: String = "func release(", text: String,
    becomes: String = "free -= amount"
  ) -> String {
    """
    [[mistake]]
    id = '\(id)'
    category = 'sign'
    type = '\(type)'
    in = '\(declaration)'
    text = '''\(text)'''
    becomes = '\(becomes)'
    costs = 'money'
    """
  }

  /// A tree with the source in that file, and a folder for tables.
  private static func makeTree(in scratch: Scratch, file: String) throws {
    let path = "tree/Sources/Engine/\(file)"
    for folder in [(path as NSString).deletingLastPathComponent, "table"] {
      try FileManager.default.createDirectory(
        atPath: "\(scratch.path)/\(folder)", withIntermediateDirectories: true)
    }
    scratch.write(source, to: path)
  }

  private static func mutation(_ arguments: [String], environment: [String: String]? = nil) throws -> Tool.Result {
    try Tool.run(
      "/usr/bin/env", ["python3", "\(Folder.root)/scripts/mutation/run"] + arguments, environment: environment)
  }
}
