import Basics
import Testing

@testable import ProcessWatch

/// What is accused, and what never is.
@Suite struct SuspicionTests {
  private func rows(_ text: String) -> [[String]] { text.split(separator: "\n").map { BootstrapRows.fields($0) } }

  private func found(_ look: String, silence: Double = 0, limit: Double? = 5) -> [String] {
    Suspicion.found(process: 7, circles: [], look: rows(look), silence: silence, limit: limit).map(\.key)
  }

  private let wait = "wait\t3\tsaver\t41\t6.2\tbot.py:9\tengine\t42\tbot.py:20"

  @Test func `A wait beyond the limit that the user gave is a suspicion`() {
    #expect(found("look\t1\n\(wait)") == ["wait 7 3"])
    #expect(found("look\t1\nloop\tMainThread\t40\t5.5\tbot.py:3") == ["loop 7 MainThread 40"])
    #expect(found("look\t1", silence: 6) == ["silence 7"])
  }

  @Test func `Without a limit, and below it, nobody is accused`() {
    #expect(found("look\t1\n\(wait)", silence: 100, limit: nil) == [])
    #expect(found("look\t1\n\(wait)", limit: 7) == [])
  }

  @Test func `What an interpreter said before it fell silent accuses nobody`() {
    #expect(found("look\t1\n\(wait)", silence: 6) == ["silence 7"])
  }

  @Test func `A circle needs no limit and is a proof`() {
    let edge = ForeignDump.Edge(
      thread: ForeignDump.ThreadName(name: "saver"), lock: "budget", waits: "bot.py:9",
      holder: ForeignDump.ThreadName(name: "saver"), taken: "bot.py:8", seconds: 1)
    let circle = PythonProcess.Circle(numbers: [2, 1], edges: [edge], since: 0)
    let found = Suspicion.found(process: 7, circles: [circle], look: [], silence: 0, limit: nil)
    #expect(found.map(\.verdict) == [.deadlock])
    #expect(found.map(\.key) == ["circle 7 [1, 2]"])
  }

  @Test func `A name with a tab or a line break stays one field`() {
    #expect(BootstrapRows.fields("stack\t1\t2\ta\\tb\\nc\\\\d\tknown") == ["stack", "1", "2", "a\tb c\\d", "known"])
  }

  @Test func `An option that keeps the bootstrap out is seen, one of the program is not`() {
    #expect(ProcessWatcher.isolating(["python3", "-I", "bot.py"]) == "-I")
    #expect(ProcessWatcher.isolating(["python3", "-uE", "bot.py"]) == "-uE")
    #expect(ProcessWatcher.isolating(["python3", "-u", "bot.py", "-S"]) == nil)
    #expect(ProcessWatcher.isolating(["python3", "-m", "bot", "-I"]) == nil)
  }

  @Test func `An address that cannot be asked is refused`() throws {
    for text in ["https://localhost/", "http://", "http://a b/", "http://localhost:0/", "localhost:80"] {
      let made = try? HeartbeatURL(text)
      #expect(made == nil, "\(text)")
    }
    let url = try HeartbeatURL("http://127.0.0.1:8080?x=1")
    #expect(url.path == "/?x=1")
    #expect(url.host == "127.0.0.1:8080")
  }

  @Test func `Dumps are numbered before the ending`() {
    #expect(ProcessWatcher.numbered("/a.b/stackdump.txt", 1) == "/a.b/stackdump.txt")
    #expect(ProcessWatcher.numbered("/a.b/stackdump.txt", 2) == "/a.b/stackdump-2.txt")
    #expect(ProcessWatcher.numbered("/a.b/dump", 3) == "/a.b/dump-3")
  }

  @Test func `The worst of a verdict, a failure and the programs own code is the exit code`() {
    var outcome = WatchOutcome()
    outcome.ownCode = 7
    #expect(outcome.exitCode == 7)
    outcome.ownSignal = 9
    #expect(outcome.exitCode == 137)
    outcome.failure = "x"
    #expect(outcome.exitCode == 125)
    outcome.verdict = .suspected
    #expect(outcome.exitCode == 3)
    outcome.verdict = .deadlock
    #expect(outcome.exitCode == 4)
  }
}
