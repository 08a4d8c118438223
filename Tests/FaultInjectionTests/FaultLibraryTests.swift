import TestSupport
import ChaosRuntime
import FaultInjection
import Testing

@Suite("The library of faults")
struct FaultLibraryTests {
  static func file(_ id: String, aliases: String = "", title: String = "t") -> (name: String, text: String) {
    (
      "faults/\(id).toml",
      "schema = 1\nid = \"\(id)\"\naliases = [\(aliases)]\ntitle = \"\(title)\"\nseverity = \"noise\"\n"
        + "[[inject]]\nsite = \"test.message\"\nplan = \"drop\"\n"
    )
  }

  @Test
  func `A fault is found by its id and by its aliases; the list is sorted`() throws {
    let library = try FaultLibrary([Self.file("b", aliases: "\"order.b\""), Self.file("a")])
    #expect(library.faults.map(\.id) == ["a", "b"])
    #expect(try library.fault("order.b").id == "b")
    #expect(try library.entry("a").text == Self.file("a").text)
  }

  @Test
  func `An unknown name suggests one, or lists all`() throws {
    let library = try FaultLibrary([Self.file("deadlock"), Self.file("null-fee", aliases: "\"fill.fee.null\"")])
    #expect(errorText { _ = try library.fault("dedlock") } == "no fault is called 'dedlock'; did you mean 'deadlock'?")
    #expect(
      errorText { _ = try library.fault("fil.fee.null") }
        == "no fault is called 'fil.fee.null'; did you mean 'fill.fee.null'?")
    #expect(
      errorText { _ = try library.fault("everything") }
        == "no fault is called 'everything'; there are deadlock, null-fee")
  }

  @Test
  func `A directory of the user's adds faults and replaces built-in ones`() throws {
    let library = try FaultLibrary(
      [Self.file("a"), Self.file("b")], overrides: [Self.file("b", title: "mine"), Self.file("c")])
    #expect(
      library.entries.map { "\($0.fault.id) \($0.fault.title) \($0.isOverride) \($0.isReplacement)" } == [
        "a t false false", "b mine true true", "c t true false",
      ])
  }

  @Test
  func `Names that clash and files that are called otherwise are mistakes`() {
    #expect(
      errorText { _ = try FaultLibrary([Self.file("a"), Self.file("a")]) } == """
        faults/a.toml:2:6: the fault 'a' is also in faults/a.toml
            id = "a"
                 ^
        """)
    #expect(
      errorText { _ = try FaultLibrary([Self.file("a"), Self.file("b", aliases: "\"a\"")]) } == """
        faults/b.toml:3:11: the alias 'a' already means 'a'
            aliases = ["a"]
                      ^
        """)
    #expect(
      errorText { _ = try FaultLibrary([("faults/x.toml", Self.file("a").text)]) } == """
        faults/x.toml:2:6: the id 'a' is not the name of the file, 'x'
            id = "a"
                 ^
        """)
  }

  @Test
  func `The shipped faults read, and round-trip through one line`() throws {
    let here = "\(#filePath)".split(separator: "/").dropLast(3).joined(separator: "/")
    for id in ["deadlock", "insufficient-balance", "slow-budget-refresh", "everyday"] {
      guard case .success(let bytes) = FileDisk.contents(of: "/\(here)/faults/\(id).toml") else {
        Issue.record("faults/\(id).toml cannot be read")
        continue
      }
      let library = try FaultLibrary([("faults/\(id).toml", String(decoding: bytes, as: UTF8.self))])
      let fault = try library.fault(id)
      #expect(try Fault(oneLine: fault.oneLine).injects == fault.injects)
      #expect(fault.expect.firedMin == 1)
      #expect(!fault.why.isEmpty)
      #expect(!fault.expect.checks.isEmpty)
    }
  }
}
