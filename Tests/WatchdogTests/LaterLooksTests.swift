import Basics
import ChaosRuntime
import Glibc
import TestSupport
import Testing

@testable import Watchdog

/// What is put into a dump after it was written.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct LaterLooksTests {
  /// - Parameter saying: what the dump must say before the run is stopped.
  private func hang(looks: Int, apart: Duration, saying: String = "STACKDUMP") throws -> String {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let reports = Reports()
    var options = ThreadWatchdog.Options(
      dumpPath: scratch.dump, tick: .milliseconds(10), stuckLimitOverride: .milliseconds(20))
    options.looks = looks
    options.looksApart = apart
    let watchdog = ThreadWatchdog(runtime: runtime, options: options) { reports.add($0) }
    watchdog.start()
    try runtime.spawn("formatter") { () throws(Stopped) in
      try runtime.activity("format") { () throws(Stopped) in try runtime.sleep(.seconds(600)) }
    }
    try runtime.spawn("poller") { () throws(Stopped) in while true { try runtime.sleep(.milliseconds(1)) } }
    #expect(reports.wait(for: 1))
    #expect(Machine.eventually(seconds: 60) { contents(scratch.dump).contains(saying) })
    #expect(runtime.stop() == 0)
    watchdog.stop()
    #expect(scratch.files == ["stackdump.txt"])
    return contents(scratch.dump)
  }

  @Test func `A hang is looked at three times and the dump says who moved`() throws {
    let still = "has not moved: the same stack, 0 switches, under 10 ms"
    var text = ""
    // The signals of other tests' dumps may wake the thread that hangs: then once more.
    for _ in 0..<4 where text.components(separatedBy: still).count < 3 {
      text = try hang(looks: 3, apart: .milliseconds(100), saying: "\nLOOKS  3")
    }
    #expect(text.contains("\nLOOKS  3, 0.1 s apart\n"))
    let looks = text.split(separator: "\n").filter { $0.hasPrefix("  after 0.") }
    #expect(looks.count == 2)
    for look in looks {
      #expect(look.contains(": formatter (tid "))
      #expect(look.contains(still))
    }
    let moved = text.split(separator: "\n").filter { $0.hasPrefix("      moved: ") }
    #expect(moved.count == 2)
    // Other tests' threads move too, and only the first are named.
    for line in moved { #expect(line.contains("poller") || line.contains(" more; ")) }
    #expect(text.hasSuffix("\nEND complete\n"))
  }

  @Test func `A run that is stopped before the other looks says so`() throws {
    let text = try hang(looks: 3, apart: .seconds(600))
    #expect(text.contains("\nLOOKS  1 of 3, 600.0 s apart: the run was stopped before the others\n"))
    #expect(text.hasSuffix("\nEND complete\n"))
    #expect(!(try hang(looks: 1, apart: .seconds(600))).contains("LOOKS"))
  }

  @Test func `A dump without names says why`() throws {
    let scratch = try Scratch()
    let place = DumpPlace(path: scratch.dump, fallbackDirectory: nil, count: 1)
    let text = "STACKDUMP v1  pid 1  threads 1  symbols: raw (finish with: chaos symbolize X)\n\nEND complete\n"
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1000, alignment: 1)
    defer { buffer.deallocate() }
    let written = place.write(0) { _ in
      var writer = TextWriter(buffer: buffer)
      for byte in text.utf8 { writer.byte(byte) }
      return writer
    }
    place.explain(written, "a signal ended the process that looks for the names")
    #expect(
      contents(scratch.dump)
        == text.replacing("raw (", with: "raw (a signal ended the process that looks for the names; "))
  }
}
