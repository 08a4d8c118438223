import Testing

/// Each rule fails on a bad sample and holds on a good one beside it.
@Suite struct RuleTests {
  @Test(arguments: [
    ("import Checks", "TradingEngine", "TradingEngine imports Checks"),
    ("@testable public import PaperSession", "Proof", "Proof imports PaperSession"),
    ("import struct FakeExchange.Venue", "TradingEngine", "TradingEngine imports FakeExchange"),
    ("internal import CPlatform", "Trading", "Trading imports CPlatform"),
    ("import CPlatform", "chaos", "chaos imports CPlatform"),
    ("import Foundation", "Checks", "Checks imports Foundation"),
    ("import FoundationEssentials", "Monitoring", "Monitoring imports FoundationEssentials"),
    ("import Dispatch", "ChaosRuntime", "ChaosRuntime imports Dispatch"),
    ("", "Attic", "module Attic is not in the table of layers"),
  ])
  func `An import from a higher layer, or from nowhere, is found`(text: String, module: String, wrong: String) {
    #expect(Rules.badImports(text, of: module) == [wrong])
  }

  @Test func `Imports in comments and texts are none, and those of the table are allowed`() {
    let text =
      "// import Checks\n/* import Proof */\nlet a = \"import chaos\"\npublic import Basics\nimport Glibc\n"
    #expect(Rules.imports(text) == ["Basics", "Glibc"])
    #expect(Rules.badImports(text, of: "Trading") == [])
    #expect(Rules.badImports("import Foundation", of: "PaperSession") == [])
    #expect(Rules.badImports("import CPlatform", of: "Watchdog") == [])
  }

  @Test func `The layers have no circle`() {
    var open = Rules.layers
    while let free = open.keys.sorted().first(where: { open[$0]?.intersection(open.keys).isEmpty ?? false }) {
      open[free] = nil
    }
    #expect(open.keys.sorted() == [])
  }

  @Test func `A manifest that allows an import upwards is found`() {
    let bad = """
      .target(name: "CPlatform", cSettings: []),
      .target(
        name: "Trading", dependencies: ["Basics", "Checks"], swiftSettings: strict),
      .executableTarget(name: "chaos", dependencies: ["Proof"]),
      .target(name: "Attic")
      """
    #expect(Rules.badManifestLayers(bad) == ["Attic is not in the table of layers", "Trading depends on Checks"])
    #expect(Rules.manifestLayers(bad)["CPlatform"] == [])
    #expect(Rules.manifestLayers(bad)["chaos"] == ["Proof"])
  }

  static let undocumented = [
    ("public struct Book {}", "line 1: struct Book is not documented"),
    ("// A book.\npublic struct Book {}", "line 2: struct Book is not documented"),
    ("/// A book.\n\npublic struct Book {}", "line 3: struct Book is not documented"),
    ("  @inlinable public static func best() {}", "line 1: func best is not documented"),
    ("  @inline(__always)\n  public func best() {}", "line 2: func best is not documented"),
    ("  package let depth = 1", "line 1: let depth is not documented"),
    ("  public private(set) var depth = 1", "line 1: var depth is not documented"),
    ("  public nonisolated(unsafe) static var depth = 1", "line 1: var depth is not documented"),
    ("  public init?(_ text: String) {", "line 1: init is not documented"),
    ("  public override class func best() {}", "line 1: func best is not documented"),
    ("/// Sides.\npublic enum Side {\n  case buy\n}", "line 3: case buy is not documented"),
    ("/// Sides.\npublic enum Side {\n  indirect case pair(Side)\n}", "line 3: case pair is not documented"),
    ("/// Offers.\npublic protocol Book {\n  func best()\n}", "line 3: func best is not documented"),
    (
      "/// Offers.\npublic protocol Book {\n  associatedtype Entry\n}", "line 3: associatedtype Entry is not documented"
    ),
    ("/// The best bid.\npublic var bestBid: Int", "line 2: the comment of bestBid says its name again"),
    (
      "/// Reads it.\npublic init(\n  _ body: () throws(Stopped) -> Void\n) throws(BookError) {",
      "line 2: the comment of init does not say when it throws BookError"
    ),
    (
      "/// Reads it.\npublic func read() throws(BookError)\n  -> Int {",
      "line 2: the comment of func read does not say when it throws BookError"
    ),
  ]

  @Test(arguments: undocumented)
  func `A public declaration without a comment of its own is found`(text: String, wrong: String) {
    #expect(Rules.undocumented(text) == [wrong])
  }

  @Test func `Documented declarations and those that no other module sees pass`() {
    let text = """
      public import Basics
      /// What is offered.
      @frozen
      public struct Book {
        /// Price that somebody pays.
        @inlinable
        public var best: Int { 0 }
        var inner = 0
        enum Side { case buy, sell }
        /// Waits.
        public func wait() throws(Stopped) {}
        /// Reads; throws at the first mistake.
        public func read(_ body: () throws(Other) -> Void) throws(BookError) {}
        /// Calls.
        public func call(_ body: () throws(Other) -> Void) {}
        /// How deep.
        public func depth(_ body: (Int) -> Int = { public in public }) -> Int {
          switch inner {
          case 0: 1
          default: 2
          }
        }
      }
      public extension Book {}
      protocol Own { func best() }
      let text = "public struct Hidden {}"
      /// Ways to trade.
      public enum Way {
        /// Now.
        case market, ioc
        /// In words.
        public var text: String {
          switch self {
          case .market: "market"
          case .ioc: "ioc"
          }
        }
      }
      """
    #expect(Rules.undocumented(text) == [])
  }

  @Test func `A file of 501 lines is too long and one of 500 is not`() {
    #expect(Rules.longFile(String(repeating: "a\n", count: 501)) == ["501 lines, 500 at most"])
    #expect(Rules.longFile(String(repeating: "a\n", count: 500)) == [])
  }

  @Test(arguments: [
    "  func long() {", "  public static func long<A>(_ body: () -> A = { nil }) throws(Stopped) -> A {", "  init?() {",
    "  var long: Int {", "  @Test func `A sentence`() {",
  ])
  func `A function of 71 lines is too long and one of 70 is not`(head: String) {
    func body(_ count: Int) -> String {
      head + String(repeating: "\n    a(\"}\\(b(\"}\"))\") // }", count: count) + "\n  }"
    }
    #expect(Rules.longFunctions(body(69)).count == 1)
    #expect(Rules.longFunctions(body(68)) == [])
  }

  @Test func `A declaration over several lines counts from its first, and a requirement has no body`() {
    let head = "  func long(\n    a: Int,\n    b: Int\n  )\n    throws -> Int\n  {"
    #expect(
      Rules.longFunctions(head + String(repeating: "\n", count: 65) + "}") == [
        "line 1: long has 71 lines, 70 at most"
      ])
    let requirement = "protocol A {\n  func a()\n  func b(\n    c: Int\n  ) -> Int\n}\nstruct B {"
    #expect(Rules.longFunctions(requirement + String(repeating: "\n", count: 100) + "}") == [])
  }

  @Test func `The lines of a long text do not make a function long, comments do`() {
    let lines = String(repeating: "a {\n", count: 80)
    #expect(Rules.longFunctions("func a() {\n  b(\n\"\"\"\n" + lines + "\"\"\")\n}") == [])
    #expect(Rules.longFunctions("func a() {\n" + String(repeating: "// {\n", count: 80) + "}").count == 1)
  }

  @Test func `Comments and literals are blanked, interpolations are not`() {
    let text = "a(\"{\\\"x\\\" \\(b(\"{\")) \") /* { /* { */ */ c // {\n#\"\\( {\"# d \"\"\"\n { \"\n\"\"\" e"
    let code = CodeText.blanked(text)
    #expect(!code.contains("{"))
    #expect(code.filter { $0 != " " } == "a((b()))c\nd\n\ne")
    #expect(code.utf8.count == text.utf8.count)
  }

  @Test(arguments: Rules.unfinished)
  func `Unfinished work is found`(word: String) {
    #expect(Rules.unfinishedWork("a\n// \(word): later") == ["line 2: \(word)"])
  }

  @Test func `A fault that is not embedded, has no file, comes from another file or twice is found`() {
    let list = """
      ("a-b", text(PackageResources.a_b_toml)),
      ("gone", text(PackageResources.gone_toml)),
      ("wrong", text(PackageResources.a_b_toml)),
      ("a-b", text(PackageResources.a_b_toml)),
      """
    #expect(
      Rules.badFaultList(list, files: ["a-b", "new", "wrong"]) == [
        "a-b is listed twice", "faults/new.toml is not in the list", "gone is listed and has no file",
        "wrong is embedded from another file",
      ])
  }

  @Test func `A fault without a row is found`() {
    let page = "| id |\n|---|\n| `deadlock` | a |\nalso `null-fee`\n"
    #expect(Rules.missingRows(page, faults: ["deadlock", "null-fee"]) == ["null-fee has no row"])
  }

  @Test func `A bug that is not in the list is found`() {
    let file = "extension HistoricalBug {\n  public static let reversed = HistoricalBug(\n    id: \"1\")\n}\n"
    #expect(Rules.declaredBugs(file) == ["reversed"])
    #expect(Rules.declaredBugs("  static let a: HistoricalBug = make()") == ["a"])
    let list = "static let all: [HistoricalBug] = [\n    .reversed,\n    .gone,\n]"
    #expect(
      Rules.badBugList(list, declared: ["reversed", "new"]) == [
        ".new is not in the list", ".gone is listed and has no file",
      ])
  }

  @Test func `A tracked product of a build or run is found`() {
    #expect(
      Rules.badTracked([
        "Package.swift", "Package.resolved", "runs/a/run.json", "Sources/runs/a (b).swift", "echo '{}'",
      ]) == ["Package.resolved", "runs/a/run.json", "echo '{}'"])
  }

  @Test func `A package from elsewhere is found`() {
    #expect(Rules.badPackage("dependencies: [.package(url: \"\")]") == [".package("])
    #expect(Rules.badPackage("// .package(url:)") == [])
  }
}
