import Basics
import Testing

@testable import ProcessWatch

/// The text of a dump of somebody else's process.
@Suite struct ForeignDumpTests {
  private var dump: ForeignDump {
    let saver = ForeignDump.ThreadName(name: "saver", id: 41)
    let engine = ForeignDump.ThreadName(name: "engine", id: 42)
    var thread = ForeignDump.Thread(label: saver, verdict: "BLOCKED")
    thread.rank = 0
    thread.frames = [ForeignDump.Frame(function: "save\nEND complete", place: "bot.py:9", isSource: true)]
    var process = ForeignDump.Process(id: 40)
    process.isSymbolized = true
    process.threads = [ForeignDump.Thread(label: engine, verdict: "waits"), thread]
    var dump = ForeignDump(verdict: .deadlock, reasons: ["two wait"], time: .simulationEpoch)
    dump.edges = [
      ForeignDump.Edge(
        thread: saver, lock: "budget", waits: "bot.py:9", holder: engine, taken: "bot.py:20", seconds: 1),
      ForeignDump.Edge(
        thread: engine, lock: "state", waits: "bot.py:21", holder: saver, taken: "bot.py:8", seconds: 0.5),
    ]
    dump.processes = [process]
    return dump
  }

  @Test func `A circle is written as that of our own engine, suspects first`() {
    let lines = ForeignDumpText.render(dump, path: "stackdump.txt").split(separator: "\n").map(String.init)
    #expect(lines.first == "STACKDUMP v1  pid 40  threads 2  symbols: full (function, file:line)")
    #expect(lines[2] == "REASON DEADLOCK: threads wait for each other in a cycle")
    #expect(lines.contains("      waits 500 ms for \"state\" at bot.py:21"))
    #expect(lines.contains("      held by engine (tid 42), taken at bot.py:20"))
    #expect(lines.contains("  => saver (tid 41) -> \"budget\" -> engine (tid 42) -> \"state\" -> saver (tid 41)"))
    #expect(
      lines.contains("  mend: take \"state\" before \"budget\" everywhere, as saver does,"))
    #expect(lines.contains("  what it means: chaos doctor stackdump.txt"))
    #expect(lines.filter { $0.hasPrefix("THREAD") } == ["THREAD saver  tid 41", "THREAD engine  tid 42"])
  }

  @Test func `Frames of the interpreter's library that started a thread are folded`() {
    var dump = dump
    let library = "/usr/lib/python3.11/threading.py"
    dump.processes[0].threads[1].frames = [
      ForeignDump.Frame(function: "Condition.wait", place: "\(library):320", isSource: true),
      ForeignDump.Frame(function: "save", place: "bot.py:9", isSource: true),
      ForeignDump.Frame(function: "Thread.run", place: "\(library):982", isSource: true),
      ForeignDump.Frame(function: "Thread._bootstrap", place: "\(library):1002", isSource: true),
    ]
    let lines = ForeignDumpText.render(dump, path: "stackdump.txt").split(separator: "\n").map(String.init)
    #expect(
      lines.filter { $0.hasPrefix("  #") || $0.hasPrefix("  folded") } == [
        "  #0  Condition.wait  at \(library):320", "  #1  save  at bot.py:9",
        "  folded: 2 frames of the library, from #2 Thread.run",
      ])
  }

  @Test func `A name with a line break begins no line of its own`() {
    let lines = ForeignDumpText.render(dump, path: "stackdump.txt").split(separator: "\n")
    #expect(lines.filter { $0 == "END complete" }.count == 1)
    #expect(lines.last == "END complete")
    #expect(lines.contains("  #0  save END complete  at bot.py:9"))
  }
}
