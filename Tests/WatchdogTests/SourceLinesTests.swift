import CPlatform
import Glibc
import TestSupport
import Testing

@testable import Watchdog

/// Files and lines from the program's own debug information.
@Suite struct SourceLinesTests {
  @Test func `Paths are those that an editor opens in the program's directory`() {
    #expect(SourceLines.shown("/home/me/bot/Sources/Bot/Main.swift", below: "/home/me/bot") == "Sources/Bot/Main.swift")
    #expect(SourceLines.shown("/opt/lib/list/head.c", below: "/home/me/bot") == "list/head.c")
    #expect(SourceLines.shown("/home/me/bots/Main.swift", below: "/home/me/bot") == "bots/Main.swift")
    #expect(SourceLines.shown("Sources/Bot/Main.swift", below: nil) == "Sources/Bot/Main.swift")
  }

  @Test func `A function of this test is found with its file and line`() throws {
    let dump = try SimulatedDumpTests.abba()
    let text = dump.render(symbolized: true)
    #expect(text.contains("  at Tests/WatchdogTests/SimulatedDumpTests.swift:"))
    #expect(text.contains("symbols: full ("))
  }

  /// Whatever stands in a file, its reader says nothing, or less.
  @Test func `Files that are no programs have no lines`() throws {
    let scratch = TestSupport.Scratch()
    scratch.write("not a program", to: "text")
    scratch.write(
      String(decoding: [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 200), as: UTF8.self), to: "head"
    )
    for name in ["text", "head", "absent"] { #expect(cp_source_open("\(scratch.path)/\(name)") == nil) }
    let file = try #require(cp_source_open("/proc/self/exe"))
    var sources = [cp_source(), cp_source()]
    sources[1].address = 1 << 60
    cp_source_find(file, &sources, sources.count)
    #expect(sources.map(\.count) == [0, 0])
    cp_source_close(file)
  }
}
